package io.pciplacement.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.cli.CliResult;
import io.pciplacement.cli.PciCommand;
import io.pciplacement.cli.output.ColorOptions;
import io.pciplacement.cli.output.ColorOptions.ColorMode;
import io.pciplacement.cli.output.PciIdDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Output of pci status: tree, JSON and YAML. */
class StatusCommandTest {

    private static final String HOSTS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: gpu-07}
            spec: {reporting: Enabled, rootProvider: {name: gpu-07.cloud}}
            status:
              agent: {libvirt: {reachable: true, lastTransitionTime: "2026-01-01T00:00:00Z"}}
              attachments:
              - serverUuid: 6f2c2c1e-0000-4000-8000-000000000001
                serverName: web
                running: true
                devices: [{address: "0000:41:00.2", kind: Interface}]
              - serverUuid: 6f2c2c1e-0000-4000-8000-000000000002
                serverName: db
                running: false
                devices: [{address: "0000:41:00.2", kind: Device}, {address: "0000:c1:00.0", kind: Device}]
              devices:
              - {address: "0000:00:1f.0", type: PCI, vendorId: "8086", productId: "2918"}
              - address: "0000:41:00.0"
                type: PF
                vendorId: "10de"
                productId: "25b6"
                sriov:
                  totalVfs: 4
                  numVfs: 3
                  vfProductId: "25b6"
                  vfs:
                  - {address: "0000:41:00.1", index: 0}
                  - {address: "0000:41:00.2", index: 1}
                  - {address: "0000:41:00.3", index: 2}
              - {address: "0000:81:00.0", type: PCI, vendorId: "10de", productId: "ffff"}
              summary: {devices: 6, tracked: 4, providers: 3, total: 5, reserved: 1, used: 2, free: 2, held: 1, conflicting: 0, unaccounted: 1}
              providers:
              - {name: "gpu-07.cloud_0000:41:00.0", uuid: u, resourceClass: CUSTOM_VGPU, traits: [COMPUTE_MANAGED_PCI_DEVICE, CUSTOM_BIG, OWNER_NOVA], deviceSpec: a16, deviceType: VF, total: 3, reserved: 0, used: 1, state: InSync}
              - {name: "gpu-07.cloud_0000:81:00.0", uuid: u, resourceClass: PGPU, total: 1, reserved: 1, used: 0, deviceSpec: gpu, state: Conflicting, reason: PriorityTie, message: Two want it.}
              - {name: "gpu-07.cloud_0000:C1:00.0", uuid: u, resourceClass: PGPU, total: 1, reserved: 0, used: 1, state: Held, reason: Held, message: It is kept.}
              conditions:
              - {type: Ready, status: "False", reason: PriorityTie, message: Specs tie., lastTransitionTime: "2026-01-01T00:00:00Z"}
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: new}
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: PciAllocation
            metadata: {name: web-1, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec:
              consumer: {uuid: 6f2c2c1e-0000-4000-8000-000000000001, projectId: p, userId: u}
              devices: [{node: gpu-07, address: "0000:41:00.2"}]
            """;

    private static final String IDS = """
            # comment
            8086  Intel Corporation
            \t2918  Example Device
            10de  NVIDIA Corporation
            \t25b6  GA107GL [A2 / A16]
            \t\t10de 14a9  A16
            \t2918  Device of another vendor
            C 03  Display controller
            \tffff  Not a product
            """;

    @TempDir
    private Path directory;

    private String hosts;
    private String ids;

    @BeforeEach
    void writeFiles() throws IOException {
        hosts = Files.writeString(directory.resolve("hosts.yaml"), HOSTS).toString();
        ids = Files.writeString(directory.resolve("ids"), IDS).toString();
    }

    @Test
    void printsDevicesWithProviderOrConsumer() {
        CliResult result = CliResult.pci("status", "-f", hosts, "--pci-ids", ids);
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).isEqualTo("""
                gpu-07  PriorityTie  reporting Enabled, 4 of 6 devices tracked, 2 of 5 used, 1 unaccounted (see pci audit), root provider gpu-07.cloud
                  Specs tie.
                ├─ 0000:41:00.0 PF 10de:25b6 NVIDIA Corporation GA107GL [A2 / A16]
                │  │  InSync  CUSTOM_VGPU  1 of 3 used  traits CUSTOM_BIG  spec a16
                │  ├─ 0000:41:00.2 VF 10de:25b6  held by web-1 (6f2c2c1e-0000-4000-8000-000000000001)  attached to web (6f2c2c1e-0000-4000-8000-000000000001), db (6f2c2c1e-0000-4000-8000-000000000002, stopped)
                │  └─ 2 more VFs without a PciAllocation
                ├─ 0000:81:00.0 PCI 10de:ffff NVIDIA Corporation
                │     Conflicting  PGPU  0 of 1 used, 1 reserved  spec gpu
                │     PriorityTie: Two want it.
                └─ 0000:c1:00.0 PCI ????:???? no longer on this host  attached to db (6f2c2c1e-0000-4000-8000-000000000002, stopped)
                      Held  PGPU  1 of 1 used
                      Held: It is kept.
                new  NotYet  reporting Disabled, 0 of 0 devices tracked, 0 of 0 used
                  The operator has not synced this host yet.
                """);
    }

    @Test
    void showsWithheldDevices() throws IOException {
        String yaml = """
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: gpu-07}
                spec:
                  drain: true
                  quarantine: [{address: "0000:81:00.0", reason: ECC}, {address: "0000:82:00.0", reason: Fan}]
                status:
                  maintenance:
                    quarantinedDevices:
                    - address: "0000:81:00.0"
                      since: "2026-01-01T00:00:00Z"
                      state: Reserved
                      deviceIdentity: {vendorId: "10de", productId: "20b5"}
                      replacedBy: {vendorId: "10de", productId: "2330"}
                  conditions:
                  - {type: Ready, status: "True", reason: InSync, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                  - {type: Drained, status: "False", reason: Draining, message: 1 consumer., lastTransitionTime: "2026-01-01T00:00:00Z"}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: gpu-08}
                spec: {drain: true}
                """;
        String file =
                Files.writeString(directory.resolve("withheld.yaml"), yaml).toString();
        assertThat(CliResult.pci("status", "-f", file).out()).isEqualTo("""
                gpu-07  InSync  reporting Disabled, 0 of 0 devices tracked, 0 of 0 used
                  drain: 1 consumer.
                  quarantined 0000:81:00.0: ECC (Reserved since 2026-01-01T00:00:00Z), card 10de:20b5 has been replaced by card 10de:2330
                  quarantined 0000:82:00.0: Fan (not processed yet)
                gpu-08  NotYet  reporting Disabled, 0 of 0 devices tracked, 0 of 0 used
                  The operator has not synced this host yet.
                  drain: The operator has not processed spec.drain yet.
                """);
        JsonNode host = new JsonMapper()
                .readTree(CliResult.pci("status", "gpu-07", "-f", file, "-o", "json")
                        .out())
                .at("/hosts/0");
        assertThat(host.at("/drain/drained").asText()).isEqualTo("False");
        assertThat(host.at("/quarantined/0/replacedBy").asText()).isEqualTo("10de:2330");
        assertThat(host.at("/quarantined")).hasSize(2);
    }

    @Test
    void printsAllDevicesOnRequest() {
        assertThat(CliResult.pci("status", "gpu-07", "-f", hosts, "--pci-ids", ids, "--all")
                        .out())
                .contains(
                        "├─ 0000:00:1f.0 PCI 8086:2918 Intel Corporation Example Device\n",
                        "│  └─ 0000:41:00.3 VF 10de:25b6\n")
                .doesNotContain("more VFs", "NotYet");
    }

    @Test
    void jsonAndYamlHaveTheSameContent() throws IOException {
        JsonNode json = new JsonMapper()
                .readTree(CliResult.pci("status", "-f", hosts, "-o", "json").out());
        assertThat(json.at("/hosts/0/devices/0/vfs/1/holders/0/allocation").asText())
                .isEqualTo("web-1");
        assertThat(json.at("/hosts/0/devices/0/provider/used").asInt()).isEqualTo(1);
        assertThat(json.at("/hosts/0/devices/0/vfs/1/servers/1/name").asText()).isEqualTo("db");
        assertThat(json.at("/hosts/0/devices/0/vendor").asText()).isEqualTo("NVIDIA Corporation");
        JsonNode yaml = new YAMLMapper()
                .readTree(CliResult.pci("status", "-f", hosts, "-o", "yaml").out());
        assertThat(yaml).isEqualTo(json);
    }

    @Test
    void colorsOnlyOnTerminals() {
        assertThat(CliResult.pci("status", "-f", hosts).out()).doesNotContain("\u001b");
        assertThat(CliResult.pci("status", "-f", hosts, "--color", "always").out())
                .contains("\u001b[1mgpu-07\u001b[0m  \u001b[31;1mPriorityTie\u001b[0m", "\u001b[32mInSync\u001b[0m");
        assertThat(ColorOptions.usesColor(ColorMode.auto, Map.of("TERM", "xterm"), true))
                .isTrue();
        assertThat(ColorOptions.usesColor(ColorMode.auto, Map.of("TERM", "dumb"), true))
                .isFalse();
        assertThat(ColorOptions.usesColor(ColorMode.auto, Map.of("NO_COLOR", "1"), true))
                .isFalse();
        assertThat(ColorOptions.usesColor(ColorMode.auto, Map.of("NO_COLOR", ""), true))
                .isTrue();
        assertThat(ColorOptions.usesColor(ColorMode.auto, Map.of(), false)).isFalse();
        assertThat(ColorOptions.usesColor(ColorMode.always, Map.of("NO_COLOR", "1"), false))
                .isTrue();
        assertThat(ColorOptions.usesColor(ColorMode.never, Map.of(), true)).isFalse();
    }

    @Test
    void reportsUnknownHostAndMissingFile() {
        assertThat(CliResult.pci("status", "gpu-08", "-f", hosts).err())
                .startsWith("error: there is no HostPciInventory named 'gpu-08'; there are 2");
        assertThat(CliResult.pci("status", "-f", hosts, "--pci-ids", "/nowhere").status())
                .isEqualTo(2);
    }

    @Test
    void loadsPackagedNames() {
        PciIdDatabase ids = PciIdDatabase.load(null, Set.of(0x8086L, PciIdDatabase.productKey(0x8086, 0x1533)));
        assertThat(ids.vendorName(0x8086)).isEqualTo("Intel Corporation");
        assertThat(ids.productName(0x8086, 0x1533)).contains("I210");
        assertThat(ids.vendorName(0x10de)).isNull();
    }

    @Test
    void everySubcommandHasHelpAndCompletion() {
        String script = CliResult.pci("completion").out();
        for (var subcommand : PciCommand.createCommandLine(new PrintWriter(System.err), new PrintWriter(System.err))
                .getSubcommands()
                .keySet()) {
            CliResult help = CliResult.pci("help", subcommand);
            assertThat(help.status()).as(subcommand).isZero();
            assertThat(help.out()).as(subcommand).contains("Usage: pci " + subcommand);
            assertThat(script).contains(subcommand);
        }
    }
}
