package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.sync.index.AllocationIndex;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests when a move may be removed from an object. */
class PciAllocationValidatorTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    private final PciAllocationValidator admission = new PciAllocationValidator(new AllocationIndex());

    private static JsonNode object(String spec, String status) throws IOException {
        return YAML.readTree("metadata: {name: server}\nspec: {%s}\nstatus: {%s}\n".formatted(spec, status));
    }

    private static final String AT_SOURCE = "devices: [{node: old, address: '0000:81:00.1'}]";
    private static final String MOVING = """
            devices: [{node: new, address: '0000:81:00.1'}], move: {phase: Moving, migrationUuid: m, \
            sourceDevices: [{node: old, address: '0000:81:00.1'}]}""";
    private static final String REFUSED =
            "conditions: [{type: Accepted, status: 'False', reason: ForeignMigration}], allocations: [%s]";

    private List<String> validationErrors(String status, String spec) throws IOException {
        return admission.validate(object(MOVING, status), object(spec, status)).errors();
    }

    @Test
    void allowsRemovalOfMoveWithForeignMigration() throws IOException {
        assertThat(validationErrors(REFUSED.formatted(""), AT_SOURCE)).isEmpty();
        assertThat(validationErrors(REFUSED.formatted("{consumerUuid: s, state: Blocked}"), AT_SOURCE))
                .isEmpty();
        assertThat(validationErrors(REFUSED.formatted(""), "devices: [{node: new, address: '0000:81:00.1'}]"))
                .singleElement()
                .asString()
                .contains("was not started", "old/0000:81:00.1");
    }

    @Test
    void rejectsRemovalOfStartedMove() throws IOException {
        assertThat(validationErrors("", AT_SOURCE)).singleElement().asString().contains("has not ended");
        assertThat(validationErrors(REFUSED.formatted("{consumerUuid: m, state: HeldByMigration}"), AT_SOURCE))
                .singleElement()
                .asString()
                .contains("has not ended");
    }
}
