package io.pciplacement.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Output of the subcommand export for hosts whose nova-compute writes the providers. */
class ExportForNovaTest {

    private static final String SPECS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: gpu}
            spec: {selectors: [{vendorId: 10de, productId: 20b0}], resourceClass: gpu, oneTimeUse: true}
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nic}
            spec:
              nodeSelector: {matchLabels: {nic: "yes"}}
              selectors: [{deviceType: VF}]
              physicalNetwork: physnet0
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void writeSpecs() throws IOException {
        Files.writeString(directory.resolve("specs.yaml"), SPECS);
    }

    private void writeHost(String name, String labels, String address, String usedClass) throws IOException {
        Files.writeString(directory.resolve(name + ".yaml"), """
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: %1$s, labels: {%2$s}}
                spec: {}
                status:
                  devices:
                  - {address: '%3$s', type: PCI, vendorId: 10de, productId: 20b0, classCode: '030200', numaNode: 0}
                  - {address: '0000:82:00.0', type: PF, vendorId: '8086', productId: '1528', classCode: '020000', numaNode: 0}
                  - {address: '0000:82:00.1', type: VF, vendorId: '8086', productId: '1515', classCode: '020000', numaNode: 0, parentAddress: '0000:82:00.0'}
                  providers:
                  - {name: '%1$s_%3$s', resourceClass: %4$s, used: 1, state: Held}
                """.formatted(name, labels, address, usedClass));
    }

    private CliResult export(String... options) {
        List<String> arguments = new ArrayList<>(List.of("export", "-f", directory.toString()));
        arguments.addAll(List.of(options));
        return CliResult.pci(arguments.toArray(String[]::new));
    }

    @Test
    void printsConfigurationForTheNode() throws IOException {
        writeHost("n", "", "0000:81:00.0", "CUSTOM_GPU");
        CliResult result = export("--for-nova", "--node", "n");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo("""
                [pci]
                report_in_placement = true
                # PciDeviceSpec gpu
                device_spec = {"vendor_id":"10de","product_id":"20b0","resource_class":"gpu","traits":"HW_PCI_ONE_TIME_USE,CUSTOM_PCI_PLACEMENT_OPERATOR,OWNER_NOVA","one_time_use":"true"}
                """);
        assertThat(export("--for-nova", "--node", "n", "--nova-version", "34").out())
                .isEqualTo(result.out());
        assertThat(export("--node", "n").out())
                .doesNotContain("report_in_placement", "CUSTOM_PCI_PLACEMENT_OPERATOR", "HW_PCI_ONE_TIME_USE");
    }

    @Test
    void whatAVersionDoesNotKnowIsReported() throws IOException {
        writeHost("n", "", "0000:81:00.0", "CUSTOM_GPU");
        CliResult result = export("--for-nova", "--node", "n", "--nova-version", "31");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.out()).doesNotContain("\"one_time_use\"");
        assertThat(result.err().lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("not equivalent: Spec gpu: Nova 31 does not know the tag one_time_use"),
                        line -> assertThat(line).startsWith("note: Spec gpu: trait HW_PCI_ONE_TIME_USE"));
    }

    /** A note does not change the exit status, so that an init container that exports does not stop nova-compute. */
    @Test
    void deviceInUseKeepsItsClassWithANote() throws IOException {
        writeHost("n", "", "0000:81:00.0", "CUSTOM_OLD");
        CliResult result = export("--for-nova", "--node", "n");
        assertThat(result.status()).isZero();
        assertThat(result.err())
                .startsWith("note: 0000:81:00.0 is in use as CUSTOM_OLD")
                .hasLineCount(1);
        assertThat(result.out())
                .contains("\"address\":\"0000:81:00.0\",\"resource_class\":\"CUSTOM_OLD\"", "# NOTE: 0000:81:00.0");
    }

    @Test
    void oneConfigurationForEqualNodes() throws IOException {
        writeHost("a", "", "0000:81:00.0", "CUSTOM_GPU");
        writeHost("b", "", "0000:91:00.0", "CUSTOM_GPU");
        CliResult result = export("--for-nova", "--same", "--node", "a", "--node", "b");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo(export("--for-nova", "--node", "a").out());
    }

    @Test
    void differentNodesHaveNoCommonConfiguration() throws IOException {
        writeHost("a", "", "0000:81:00.0", "CUSTOM_GPU");
        writeHost("b", "nic: 'yes'", "0000:81:00.0", "CUSTOM_GPU");
        writeHost("c", "", "0000:81:00.0", "CUSTOM_GPU");
        writeHost("d", "nic: 'yes'", "0000:81:00.0", "CUSTOM_GPU");
        CliResult result = export("--for-nova", "--same", "--node", "a,b,c,d");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEqualTo("""
                error: these 4 nodes need 2 different configurations, so none is printed. Export each group of equal nodes separately, or correct the specs.
                --- a c
                +++ b d
                @@ -4,0 +5,2 @@
                +# PciDeviceSpec nic
                +device_spec = {"vendor_id":"8086","product_id":"1515","address":"0000:82:00.1","physical_network":"physnet0"}
                """);
    }

    @Test
    void manyDifferencesAreShortened() throws IOException {
        for (int i = 0; i < 7; i++) {
            writeHost("n" + i, "", "0000:81:0%d.0".formatted(i), "CUSTOM_OLD");
        }
        CliResult result = export("--for-nova", "--same", "--node", "n0,n1,n2,n3,n4,n5,n6");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.err()).contains("+++ n3\n").doesNotContain("+++ n4").endsWith("... 3 more configurations\n");
    }

    @Test
    void aliasesOfAllNodesOrOfSome() throws IOException {
        writeHost("a", "", "0000:81:00.0", "CUSTOM_GPU");
        writeHost("b", "nic: 'yes'", "0000:81:00.0", "CUSTOM_GPU");
        CliResult all = export("--for-nova", "--aliases");
        assertThat(all.status()).isZero();
        assertThat(all.out()).contains("""
                # PciDeviceSpec gpu
                alias = {"name":"gpu","device_type":"type-PCI","resource_class":"gpu","traits":"HW_PCI_ONE_TIME_USE"}
                # openstack flavor set FLAVOR --property pci_passthrough:alias=gpu:1
                """);
        assertThat(all.out()).doesNotContain("device_spec");
        assertThat(all.err()).startsWith("note: Spec nic: no alias, because servers get these devices by ports");
        assertThat(export("--for-nova", "--aliases", "--node", "a").err()).isEmpty();
    }

    @Test
    void unknownNodeIsRejected() throws IOException {
        writeHost("a", "", "0000:81:00.0", "CUSTOM_GPU");
        CliResult result = export("--for-nova", "--node", "z");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).startsWith("error: there is no HostPciInventory named 'z'");
    }

    @ParameterizedTest
    @CsvSource({
        "--same --node a --node b, 'error: --nova-version, --same and --aliases require --for-nova'",
        "--aliases, 'error: --nova-version, --same and --aliases require --for-nova'",
        "--nova-version 34, 'error: --nova-version, --same and --aliases require --for-nova'",
        "--for-nova, error: --for-nova requires the node of the nova.conf; add --node",
        "--for-nova --node a --node b, 'error: a nova.conf applies to one host, but there are 2 nodes; add --same'",
        "--node a --node b, 'error: a nova.conf applies to one host, but there are 2 nodes; add --for-nova --same'",
        "--for-nova --node a --same --aliases, error: --same and --aliases exclude each other",
        "--for-nova --node a --nova-version 29, 'error: --nova-version 29 is not supported; use the major version, 30 to 34'",
        "--for-nova --node a --nova-version 30.3, error: Invalid value for option '--nova-version'"
    })
    void invalidOptionsAreRejected(String options, String error) {
        CliResult result = export(options.split(" "));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith(error);
    }

    @Test
    void fileIsReplacedOnlyByAnEquivalentResult() throws IOException {
        writeHost("gpu-07", "", "0000:81:00.0", "CUSTOM_GPU");
        Path file = directory.resolve("pci.conf");
        CliResult written = export("--for-nova", "--node", "gpu-07", "--file", file.toString());
        assertThat(written.status()).as(written.err()).isZero();
        assertThat(written.out()).isEmpty();
        String content = Files.readString(file);
        assertThat(content).isEqualTo(export("--for-nova", "--node", "gpu-07").out());

        String[] olderNova = {"--for-nova", "--nova-version", "30", "--node", "gpu-07", "--file", file.toString()};
        assertThat(export(olderNova).status()).isEqualTo(4);
        assertThat(Files.readString(file)).isEqualTo(content);
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }

    /** nova-compute must start although the API server is not available. */
    @Test
    void existingFileCanBeKeptAfterAFailure() throws IOException {
        writeHost("gpu-07", "", "0000:81:00.0", "CUSTOM_GPU");
        Path file = directory.resolve("pci.conf");
        String[] unknownNode = {"--for-nova", "--node", "gpu-09", "--file", file.toString(), "--keep"};
        assertThat(export(unknownNode).status()).as("there is nothing to keep").isEqualTo(2);

        Files.writeString(file, "[pci]\n");
        CliResult kept = export(unknownNode);
        assertThat(kept.status()).isZero();
        assertThat(kept.err()).contains("no HostPciInventory named 'gpu-09'", "pci.conf keeps its content");
        assertThat(Files.readString(file)).isEqualTo("[pci]\n");
        assertThat(export("--for-nova", "--node", "gpu-07", "--keep").err()).contains("--keep requires --file");
    }
}
