package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PciAllocationValidatorTest {

    private static final String MIGRATION = "7d7d7d7d-0000-4000-8000-00000000000f";
    private static final String AT_SOURCE = "devices: [{node: old, address: '0000:81:00.1'}]";
    private static final String AT_DESTINATION = "devices: [{node: new, address: '0000:81:00.1'}]";
    private static final String MOVING = AT_DESTINATION + """
            , move: {type: ColdMigration, phase: Moving, migrationUuid: %s, \
            sourceDevices: [{node: old, address: '0000:81:00.1'}]}""".formatted(MIGRATION);
    private static final String REJECTED =
            "conditions: [{type: Accepted, status: 'False', reason: %s}], allocations: [%s]";

    private final AllocationIndex index = new AllocationIndex();
    private final PciAllocationValidator validator = new PciAllocationValidator(index);

    private static PciAllocation object(String name, String spec, String status) {
        return Serialization.unmarshal("""
                metadata: {name: %s}
                spec:
                  {consumer: {uuid: 7d7d7d7d-0000-4000-8000-000000000001, projectId: p, userId: u}, %s}
                status: {%s}
                """.formatted(name, spec, status), PciAllocation.class);
    }

    private List<String> errors(@Nullable PciAllocation before, @Nullable PciAllocation after) {
        return validator.validate(new ObjectChange<>(before, after)).errors();
    }

    private List<String> updateErrors(String status, String specAfter) {
        return errors(object("server", MOVING, status), object("server", specAfter, status));
    }

    @Test
    void allowsRemovalOfMoveWithForeignMigration() {
        String rejected = REJECTED.formatted("ForeignMigration", "");
        assertThat(updateErrors(rejected, AT_SOURCE)).isEmpty();
        assertThat(updateErrors(rejected, AT_DESTINATION))
                .singleElement()
                .asString()
                .contains("was not started", "old/0000:81:00.1");
    }

    /** The consumer's devices are then known only from Placement, so spec.devices can be set to any. */
    @Test
    void allowsRemovalOfMoveWithWrongSource() {
        String rejected = REJECTED.formatted("MoveSourceMismatch", "");
        assertThat(updateErrors(rejected, AT_SOURCE)).isEmpty();
        assertThat(updateErrors(rejected, "devices: [{node: other, address: '0000:81:00.1'}]"))
                .isEmpty();
    }

    @Test
    void rejectsRemovalOfStartedMove() {
        assertThat(updateErrors("", AT_SOURCE)).singleElement().asString().contains("has not ended");
        String started = "{consumerUuid: %s, provider: p, resourceClass: c, amount: 1}".formatted(MIGRATION);
        for (String reason : List.of("ForeignMigration", "MoveSourceMismatch")) {
            assertThat(updateErrors(REJECTED.formatted(reason, started), AT_SOURCE))
                    .singleElement()
                    .asString()
                    .contains("has not ended");
        }
    }

    @Test
    void rejectsMoveThatStartsElsewhere() {
        PciAllocation before = object("server", "devices: [{node: third, address: '0000:81:00.1'}]", "");
        assertThat(errors(before, object("server", MOVING, "")))
                .singleElement()
                .asString()
                .contains("sourceDevices", "third/0000:81:00.1");
        assertThat(errors(object("server", AT_SOURCE, ""), object("server", MOVING, "")))
                .isEmpty();
    }

    @Test
    void deviceOfRequestsIsValidSourceOfMove() {
        PciAllocation before = object(
                "server",
                "requests: [{name: nic, resourceClass: NIC}]",
                "devices: [{node: old, address: '0000:81:00.1', request: nic}]");
        assertThat(errors(before, object("server", MOVING, ""))).isEmpty();
    }

    @Test
    void rejectsDeviceAndSourceDeviceOfAnotherObject() {
        index.putAllocation(PciAllocationMapper.toDesiredAllocation(object("other", AT_SOURCE, "")));
        assertThat(errors(null, object("server", AT_SOURCE, "")))
                .singleElement()
                .asString()
                .contains("0000:81:00.1", "host old", "PciAllocation other", "already allocated");
        assertThat(errors(object("server", AT_SOURCE, ""), object("server", MOVING, "")))
                .singleElement()
                .asString()
                .contains("PciAllocation other");
        assertThat(errors(object("server", AT_SOURCE, ""), object("server", AT_SOURCE, "")))
                .as("an update that does not change the devices")
                .isEmpty();
        assertThat(errors(null, object("other", AT_SOURCE, ""))).isEmpty();
    }

    @Test
    void neverRejectsDeletion() {
        index.putAllocation(PciAllocationMapper.toDesiredAllocation(object("other", AT_SOURCE, "")));
        PciAllocation deleted = object("server", AT_SOURCE, "");
        deleted.getMetadata().setDeletionTimestamp("now");
        assertThat(errors(object("server", MOVING, ""), deleted)).isEmpty();
        assertThat(errors(object("server", MOVING, ""), null)).isEmpty();
    }

    @Test
    void checksConstraintsOfRequests() {
        String requests = "requests: [{name: vf, count: 9, resourceClass: vf}, {name: nic, resourceClass: nic}], ";
        PciAllocation isolated =
                object("server", requests + "groupPolicy: isolate, constraints: [{requests: [vf], match: Card}]", "");
        assertThat(errors(null, isolated)).singleElement().asString().contains("spec.constraints[0]: no card");
        PciAllocation single = object("server", requests + "constraints: [{requests: [nic], match: PcieRoot}]", "");
        assertThat(errors(null, single)).isEmpty();
        assertThat(validator.validate(new ObjectChange<>(null, single)).warnings())
                .singleElement()
                .asString()
                .contains("concerns only one device");
    }
}
