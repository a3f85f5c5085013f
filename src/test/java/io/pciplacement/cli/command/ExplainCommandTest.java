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

/** What pci explain says of a function that is not in a host's list. */
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
    private Path folder;

    private String hosts;

    @BeforeEach
    void write() throws IOException {
        hosts = Files.writeString(folder.resolve("hosts.yaml"), HOSTS).toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hgx   | 0000:00:01.0  | does not list 0000:00:01.0: it is a host bridge or a PCI-to-PCI bridge",
                "hgx   | 00:01.0       | does not list 0000:00:01.0: it is a host bridge or a PCI-to-PCI bridge",
                "hgx   | 10000:e1:00.0 | its domain has more than four digits",
                "hgx   | 0000:02:00.0  | its attributes could not be read or are invalid",
                "hgx   | 0000:03:00.0  | its agent skips it (NotInventedYet)",
                "hgx   | 0000:99:00.0  | it may be one of 298 more functions that are skipped as Bridge",
                "small | 0000:99:00.0  | the host has no function at this address",
                "small | 10000:e2:00.0 | the host has no function at this address",
                "new   | 0000:99:00.0  | no agent has published a list yet",
            })
    void saysWhyAFunctionIsNotListed(String host, String address, String why) {
        CliResult ran = CliResult.pci("explain", host, address, "-f", hosts);
        assertThat(ran.err()).contains("host " + host, why);
        assertThat(ran.status()).isEqualTo(ExitCode.LEFT.status());
    }

    @Test
    void whatIsNoAddressIsAWrongUse() {
        assertThat(CliResult.pci("explain", "hgx", "1:2:3", "-f", hosts).status())
                .isEqualTo(ExitCode.USAGE.status());
    }
}
