package io.pciplacement.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.cli.CliResult;
import io.pciplacement.cli.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Output of pci explain for functions that are not in the device list of a host. */
class ExplainCommandTest {

    private static final String HOSTS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: hgx}
            spec: {}
            status:
              agent:
                inventoryHash: h
                skipped:
                  count: 304
                  reasons:
                  - {reason: Bridge, count: 300, addresses: ["0000:00:00.0", "0000:00:01.0"]}
                  - {reason: UnsupportedAddress, count: 1, addresses: ["10000:e1:00.0"]}
                  - {reason: Unreadable, count: 1, addresses: ["0000:02:00.0"]}
                  - {reason: NotInventedYet, count: 2, addresses: ["0000:03:00.0", "0000:03:00.1"]}
              devices:
              - {address: "0000:01:00.0", type: PCI, vendorId: "10de", productId: "22a3"}
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: small}
            spec: {}
            status:
              agent:
                inventoryHash: h
                skipped: {count: 1, reasons: [{reason: Bridge, count: 1, addresses: ["0000:00:00.0"]}]}
              devices: []
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: new}
            spec: {}
            """;

    @TempDir
    private Path directory;

    private String hosts;

    @BeforeEach
    void writeHosts() throws IOException {
        hosts = Files.writeString(directory.resolve("hosts.yaml"), HOSTS).toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hgx   | 0000:00:01.0  | does not list 0000:00:01.0: it is a host bridge or a PCI-to-PCI bridge",
                "hgx   | 00:01.0       | does not list 0000:00:01.0: it is a host bridge or a PCI-to-PCI bridge",
                "hgx   | 10000:e1:00.0 | its domain has more than four digits",
                "hgx   | 0000:02:00.0  | its attributes could not be read or are invalid",
                "hgx   | 0000:03:00.0  | the agent skips it (NotInventedYet)",
                "hgx   | 0000:99:00.0  | 298 more functions are skipped with reason Bridge, possibly this one",
                "small | 0000:99:00.0  | the host has no function at this address",
                "small | 10000:e2:00.0 | the host has no function at this address",
                "new   | 0000:99:00.0  | no agent has published a list yet",
            })
    void reportsWhyAFunctionIsNotListed(String host, String address, String reason) {
        CliResult result = CliResult.pci("explain", host, address, "-f", hosts);
        assertThat(result.err()).contains("host " + host, reason);
        assertThat(result.status()).isEqualTo(ExitCode.UNRESOLVED.status());
    }

    @Test
    void showsQuarantineAndDrain() throws IOException {
        String yaml = """
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: gpu-07}
                spec:
                  drain: true
                  quarantine: [{address: "0000:81:00.0", reason: ECC}, {address: "0000:81:00.2", reason: Link}]
                status:
                  agent: {inventoryHash: h}
                  devices:
                  - address: "0000:81:00.0"
                    type: PF
                    vendorId: "8086"
                    productId: "1528"
                    sriov: {totalVfs: 2, numVfs: 2, vfProductId: "1515", vfs: [{address: "0000:81:00.1", index: 0}, {address: "0000:81:00.2", index: 1}]}
                  - {address: "0000:82:00.0", type: PCI, vendorId: "8086", productId: "1533"}
                  maintenance:
                    quarantinedDevices:
                    - {address: "0000:81:00.0", since: "2026-01-01T00:00:00Z", state: Absent, deviceIdentity: {vendorId: "8086"}, replacedBy: {vendorId: "10de"}}
                  conditions:
                  - {type: Drained, status: "True", reason: Drained, message: None left., lastTransitionTime: "2026-01-01T00:00:00Z"}
                """;
        String file =
                Files.writeString(directory.resolve("quarantined.yaml"), yaml).toString();
        assertThat(CliResult.pci("explain", "gpu-07", "81:00.0", "-f", file).out())
                .contains(
                        "  quarantined: ECC (Absent since 2026-01-01T00:00:00Z), card 8086:any has been replaced by card 10de:any\n",
                        "  the host is drained: None left.\n");
        assertThat(CliResult.pci("explain", "gpu-07", "81:00.1", "-f", file).out())
                .contains("  quarantined with its PF 0000:81:00.0: ECC (Absent since ");
        assertThat(CliResult.pci("explain", "gpu-07", "81:00.2", "-f", file).out())
                .contains("  quarantined: Link (not processed yet)\n");
        assertThat(CliResult.pci("explain", "gpu-07", "82:00.0", "-f", file).out())
                .doesNotContain("quarantined");
        assertThat(CliResult.pci("explain", "gpu-07", "81:00.2", "-f", file, "-o", "json")
                        .out())
                .contains("\"reason\" : \"Link\"", "\"drained\" : \"True\"");
    }

    @Test
    void rejectsInvalidAddress() {
        assertThat(CliResult.pci("explain", "hgx", "1:2:3", "-f", hosts).status())
                .isEqualTo(ExitCode.USAGE.status());
    }
}
