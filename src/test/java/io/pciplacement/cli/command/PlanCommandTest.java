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

/** Output of pci plan for hosts whose root provider exists, is missing, or will be created. */
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
    private Path directory;

    private Path placement;

    @BeforeEach
    void writeSpec() throws IOException {
        Files.writeString(directory.resolve("spec.yaml"), SPEC);
        placement = directory.resolveSibling("placement.json");
    }

    private void writeHost(String node, String reporting, String root) throws IOException {
        Files.writeString(directory.resolve(node + ".yaml"), HOST.formatted(node, reporting, root));
    }

    private CliResult plan(String placementState, String... options) throws IOException {
        Files.writeString(placement, placementState);
        String[] arguments = new String[5 + options.length];
        System.arraycopy(
                new String[] {"plan", "-f", directory.toString(), "--placement", placement.toString()},
                0,
                arguments,
                0,
                5);
        System.arraycopy(options, 0, arguments, 5, options.length);
        return CliResult.pci(arguments);
    }

    @ParameterizedTest
    @CsvSource({"Enabled, ''", "Disabled, create: false"})
    void reportsMissingRootRegardlessOfReporting(String reporting, String root) throws IOException {
        writeHost("h", reporting, root);
        CliResult result = plan(NO_ROOT);
        assertThat(result.out())
                .containsPattern(
                        "host h, root provider h.*\n  the root provider does not exist in Placement, so nothing can be written");
        assertThat(result.status()).isEqualTo(4);
        var json = new JsonMapper().readTree(plan(NO_ROOT, "-o", "json").out());
        assertThat(json.at("/hosts/0/root").asText()).isEqualTo("missing");
        assertThat(json.at("/findings").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"Enabled", "Disabled"})
    void reportsRootThatTheOperatorCreates(String reporting) throws IOException {
        writeHost("h", reporting, "create: true");
        CliResult result = plan(NO_ROOT);
        assertThat(result.out())
                .containsPattern(
                        "host h, root provider h.*\n  the root provider does not exist in Placement: the operator creates it\n");
        assertThat(result.status()).isEqualTo(3);
    }

    @Test
    void doesNotMentionExistingRoot() throws IOException {
        writeHost("h", "Disabled", "");
        CliResult result = plan(ROOT);
        assertThat(result.out()).doesNotContain("does not exist");
        assertThat(result.status()).isEqualTo(3);
        // Without --placement the root is assumed to exist.
        assertThat(CliResult.pci("plan", "-f", directory.toString()).out()).doesNotContain("does not exist");
    }

    /** A provider that nova-compute has created without the ownership trait. */
    @ParameterizedTest
    @CsvSource({"Nova, NotExported", "Disabled, ForeignOwner"})
    void providerOfNovaIsNotExportedIfNovaShouldWriteIt(String reporting, String reason) throws IOException {
        writeHost("h", reporting, "");
        CliResult result = plan(ROOT.replace("\"allocations\": {}}]", """
                "allocations": {}},
                  {"uuid": "00000000-0000-4000-8000-000000000002", "name": "h_0000:00:1F.0",
                   "parent": "00000000-0000-4000-8000-000000000001", "root": "00000000-0000-4000-8000-000000000001",
                   "generation": 1, "inventories": {}, "traits": ["COMPUTE_MANAGED_PCI_DEVICE"], "allocations": {}}]"""));
        assertThat(result.out())
                .contains("      %s: ".formatted(reason), "(00000000-0000-4000-8000-000000000002)")
                .doesNotContain("no inventory")
                .endsWith("1 unchanged; 1 finding\n");
        assertThat(result.status()).isEqualTo(4);
    }
}
