package io.pciplacement.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.cli.CliResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pci plan says of hosts whose root provider is missing, or another host's. */
class PlanCommandTest {

    private static final String HOST = """
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: %s, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec: {reporting: %s, rootProvider: {%s}}
            status:
              devices: [{address: "0000:00:1f.0", type: PCI, vendorId: "8086", productId: "2918"}]
            """;

    private static final String SPEC = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: all}
            spec: {selectors: [{vendorId: "8086"}], resourceClass: nic}
            """;

    private static final String NO_ROOT = """
            {"resourceClasses": [], "traits": ["COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA"], "providers": []}""";

    private static final String ROOT = """
            {"resourceClasses": [], "traits": ["COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA"], "providers": [
              {"uuid": "00000000-0000-4000-8000-000000000001", "name": "h", "parent": null,
               "root": "00000000-0000-4000-8000-000000000001", "generation": 1, "inventories": {}, "traits": [],
               "allocations": {}}]}""";

    @TempDir
    private Path folder;

    private Path placement;

    @BeforeEach
    void spec() throws IOException {
        Files.writeString(folder.resolve("spec.yaml"), SPEC);
        placement = folder.resolveSibling("placement.json");
    }

    private void host(String node, String reporting, String root) throws IOException {
        Files.writeString(folder.resolve(node + ".yaml"), HOST.formatted(node, reporting, root));
    }

    private CliResult plan(String has, String... more) throws IOException {
        Files.writeString(placement, has);
        String[] arguments = new String[5 + more.length];
        System.arraycopy(
                new String[] {"plan", "-f", folder.toString(), "--placement", placement.toString()},
                0,
                arguments,
                0,
                5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return CliResult.pci(arguments);
    }

    @ParameterizedTest
    @CsvSource({"Enabled, ''", "Disabled, create: false"})
    void a_missing_root_is_said_whatever_is_reported(String reporting, String root) throws IOException {
        host("h", reporting, root);
        CliResult ran = plan(NO_ROOT);
        assertThat(ran.out())
                .containsPattern(
                        "host h, root provider h.*\n  the root provider does not exist in Placement, and without it nothing is written");
        assertThat(ran.status()).isEqualTo(4);
        var json = new JsonMapper().readTree(plan(NO_ROOT, "-o", "json").out());
        assertThat(json.at("/hosts/0/root").asText()).isEqualTo("missing");
        assertThat(json.at("/findings").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"Enabled", "Disabled"})
    void a_root_that_the_operator_creates_is_said_too(String reporting) throws IOException {
        host("h", reporting, "create: true");
        CliResult ran = plan(NO_ROOT);
        assertThat(ran.out())
                .containsPattern(
                        "host h, root provider h.*\n  the root provider does not exist in Placement: the operator creates it\n");
        assertThat(ran.status()).isEqualTo(3);
    }

    @Test
    void a_root_that_is_there_is_not_mentioned() throws IOException {
        host("h", "Disabled", "");
        CliResult ran = plan(ROOT);
        assertThat(ran.out()).doesNotContain("does not exist");
        assertThat(ran.status()).isEqualTo(3);
        // A file says nothing of what Placement has.
        assertThat(CliResult.pci("plan", "-f", folder.toString()).out()).doesNotContain("does not exist");
    }
}
