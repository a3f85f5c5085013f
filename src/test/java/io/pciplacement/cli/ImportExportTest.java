package io.pciplacement.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Output of the subcommands import and export. */
class ImportExportTest {

    private static final String CONF = """
            [pci]
            device_spec = {"vendor_id": "10de", "product_id": "10e0", "resource_class": "On",
                           "traits": "yes,1e3"}
            device_spec = {"devname": "eth0"}
            alias = {"name": "gpu", "resource_class": "On", "device_type": "type-PF"}
            alias = {"name": "any", "resource_class": "On"}
            """;

    @TempDir
    private Path directory;

    private Path conf;

    @BeforeEach
    void writeConfig() throws IOException {
        conf = Files.writeString(directory.resolve("nova.conf"), CONF);
    }

    @Test
    void yamlContainsSpecsAndComments() throws IOException {
        CliResult result = CliResult.pci("import", conf.toString(), "--node", "GPU.07");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.out()).isEqualTo("""
                ---
                # nova.conf:2: {"vendor_id":"10de","product_id":"10e0","resource_class":"On","traits":"yes,1e3"}
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata:
                  name: gpu-07-on
                spec:
                  priority: 100
                  nodeSelector:
                    matchLabels:
                      kubernetes.io/hostname: GPU.07
                  selectors:
                  - vendorId: "10de"
                    productId: "10e0"
                  resourceClass: "On"
                  traits:
                  - "yes"
                  - "1e3"
                ---
                # OMITTED: nova.conf:4: devname: "eth0" cannot be selected: interface names change, and Nova refuses them, too, once it reports to Placement. Write the address: readlink /sys/class/net/NAME/device
                #   {"devname":"eth0"}
                # alias, nova.conf:5: {"name":"gpu","resource_class":"On","device_type":"type-PF"}
                #   as one of the requests of a PciAllocation: {name: "gpu", count: 1, deviceType: PF, resourceClass: "On"}
                # alias, nova.conf:6: {"name":"any","resource_class":"On"}
                #   as one of the requests of a PciAllocation: one of these, depending on the devices of the hosts (Nova accepts any):
                #     {name: "any", count: 1, deviceType: PCI, resourceClass: "On"}
                #     {name: "any", count: 1, deviceType: VF, resourceClass: "On"}
                """);
        assertThat(result.err())
                .startsWith("omitted: nova.conf:4: devname")
                .contains("note: a device that matches an omitted entry");
        assertThat(new YAMLMapper().readTree(result.out()).at("/spec/traits/1").isTextual())
                .isTrue();
    }

    @Test
    void jsonIsAKubernetesList() throws IOException {
        CliResult result =
                CliResult.pci("import", conf.toString(), "--node", "a", "--node", "b", "--prefix", "x", "-o", "json");
        var list = new YAMLMapper().readTree(result.out());
        assertThat(list.at("/items/0/metadata/name").asText()).isEqualTo("x-on");
        assertThat(list.at("/items/0/spec/nodeSelector/matchExpressions/0/values")
                        .toString())
                .isEqualTo("[\"a\",\"b\"]");
    }

    @Test
    void exportReproducesImportedEntries() throws IOException {
        Path yaml = Files.writeString(
                directory.resolve("specs.yaml"),
                CliResult.pci("import", conf.toString(), "--node-selector", "a=b,c=d")
                        .out());
        Path node = Files.writeString(
                directory.resolve("node.yaml"),
                "{apiVersion: v1, kind: Node, metadata: {name: n, labels: {a: b, c: d}}}");
        CliResult onNode = CliResult.pci("export", "-f", yaml.toString(), "-f", node.toString(), "--node", "n");
        assertThat(onNode.err()).isEmpty();
        assertThat(onNode.status()).isZero();
        assertThat(onNode.out()).isEqualTo("""
                [pci]
                # PciDeviceSpec nova-on
                device_spec = {"vendor_id":"10de","product_id":"10e0","resource_class":"On","traits":"yes,1e3"}
                """);
        CliResult otherNode = CliResult.pci("export", "-f", yaml.toString(), "--node", "m");
        assertThat(otherNode.out()).isEqualTo("[pci]\n");
        CliResult anyNode = CliResult.pci("export", "-f", yaml.toString());
        assertThat(anyNode.status()).isEqualTo(4);
        assertThat(anyNode.err()).startsWith("not equivalent: A nova.conf is for the host that it is on");
    }

    @Test
    void rejectsFilesThatAreNotUtf8() throws IOException {
        Path latin =
                Files.writeString(directory.resolve("latin.conf"), "[pci]\n# Gerät\n", StandardCharsets.ISO_8859_1);
        CliResult result = CliResult.pci("import", latin.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("is not valid UTF-8");
    }

    @Test
    void reportsInvalidArguments() {
        assertThat(CliResult.pci("import").status()).isEqualTo(2);
        assertThat(CliResult.pci("import", "/nowhere").err()).startsWith("error: cannot read /nowhere");
        assertThat(CliResult.pci("import", conf.toString(), "--prefix", "...").err())
                .contains("is not a valid prefix of a name");
        assertThat(CliResult.pci("import", conf.toString(), "--node", "a", "--node-selector", "b=c")
                        .status())
                .isEqualTo(2);
    }
}
