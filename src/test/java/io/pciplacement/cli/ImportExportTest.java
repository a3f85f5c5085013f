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

/** The verbs import and export, by what they print. */
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
    private Path folder;

    private Path conf;

    @BeforeEach
    void conf() throws IOException {
        conf = Files.writeString(folder.resolve("nova.conf"), CONF);
    }

    @Test
    void yamlHoldsAllThatWasInTheFile() throws IOException {
        CliResult ran = CliResult.pci("import", conf.toString(), "--node", "GPU.07");
        assertThat(ran.status()).isEqualTo(4);
        assertThat(ran.out()).isEqualTo("""
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
                # LEFT OUT: nova.conf:4: devname: "eth0" cannot be selected: interface names change, and Nova rejects them, too, once it reports to Placement. Use the address: readlink /sys/class/net/NAME/device
                #   {"devname":"eth0"}
                # alias, nova.conf:5: {"name":"gpu","resource_class":"On","device_type":"type-PF"}
                #   as one of the requests of a PciAllocation: {name: "gpu", count: 1, deviceType: PF, resourceClass: "On"}
                # alias, nova.conf:6: {"name":"any","resource_class":"On"}
                #   as one of the requests of a PciAllocation, whichever of these the hosts have (Nova takes any):
                #     {name: "any", count: 1, deviceType: PCI, resourceClass: "On"}
                #     {name: "any", count: 1, deviceType: VF, resourceClass: "On"}
                """);
        assertThat(ran.err())
                .startsWith("left out: nova.conf:4: devname")
                .contains("note: a device that an entry left out would have taken");
        assertThat(new YAMLMapper().readTree(ran.out()).at("/spec/traits/1").isTextual())
                .isTrue();
    }

    @Test
    void jsonIsAList() throws IOException {
        CliResult ran =
                CliResult.pci("import", conf.toString(), "--node", "a", "--node", "b", "--prefix", "x", "-o", "json");
        var list = new YAMLMapper().readTree(ran.out());
        assertThat(list.at("/items/0/metadata/name").asText()).isEqualTo("x-on");
        assertThat(list.at("/items/0/spec/nodeSelector/matchExpressions/0/values")
                        .toString())
                .isEqualTo("[\"a\",\"b\"]");
    }

    @Test
    void whatIsExportedIsWhatWasImported() throws IOException {
        Path yaml = Files.writeString(
                folder.resolve("specs.yaml"),
                CliResult.pci("import", conf.toString(), "--node-selector", "a=b,c=d")
                        .out());
        Path node = Files.writeString(
                folder.resolve("node.yaml"), "{apiVersion: v1, kind: Node, metadata: {name: n, labels: {a: b, c: d}}}");
        CliResult there = CliResult.pci("export", "-f", yaml.toString(), "-f", node.toString(), "--node", "n");
        assertThat(there.err()).isEmpty();
        assertThat(there.status()).isZero();
        assertThat(there.out()).isEqualTo("""
                [pci]
                # PciDeviceSpec nova-on
                device_spec = {"vendor_id":"10de","product_id":"10e0","resource_class":"On","traits":"yes,1e3"}
                """);
        CliResult elsewhere = CliResult.pci("export", "-f", yaml.toString(), "--node", "m");
        assertThat(elsewhere.out()).isEqualTo("[pci]\n");
        CliResult anywhere = CliResult.pci("export", "-f", yaml.toString());
        assertThat(anywhere.status()).isEqualTo(4);
        assertThat(anywhere.err()).startsWith("not the same: A nova.conf applies to one host");
    }

    @Test
    void whatIsNotUtf8IsNotRead() throws IOException {
        Path latin = Files.writeString(folder.resolve("latin.conf"), "[pci]\n# Gerät\n", StandardCharsets.ISO_8859_1);
        CliResult ran = CliResult.pci("import", latin.toString());
        assertThat(ran.status()).isEqualTo(2);
        assertThat(ran.err()).contains("is not UTF-8");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThat(CliResult.pci("import").status()).isEqualTo(2);
        assertThat(CliResult.pci("import", "/nowhere").err()).startsWith("error: cannot read /nowhere");
        assertThat(CliResult.pci("import", conf.toString(), "--prefix", "...").err())
                .contains("cannot begin a name");
        assertThat(CliResult.pci("import", conf.toString(), "--node", "a", "--node-selector", "b=c")
                        .status())
                .isEqualTo(2);
    }
}
