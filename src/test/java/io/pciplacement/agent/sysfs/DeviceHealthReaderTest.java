package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.testing.MemoryTempDir;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attributes of links and AER counters, as Linux has them and as a defective device or another file system may. */
class DeviceHealthReaderTest {

    private static final String PORT = "0000:80:01.0";
    private static final String GPU = "0000:81:00.0";

    @TempDir(factory = MemoryTempDir.class)
    Path temp;

    private SysfsTree tree;

    @BeforeEach
    void createTree() {
        tree = new SysfsTree(temp.resolve("sys"));
        tree.port("pci0000:80/" + PORT);
        tree.path("pci0000:80/" + PORT + "/" + GPU).device(GPU, "10de", "2330", "030200");
    }

    private void link(String address, String speed, String width, String maxSpeed, String maxWidth) {
        tree.attribute(address, "current_link_speed", speed)
                .attribute(address, "current_link_width", width)
                .attribute(address, "max_link_speed", maxSpeed)
                .attribute(address, "max_link_width", maxWidth);
    }

    /** Through the link in the device list, as the scan does. */
    private HealthStatus read() {
        return DeviceHealthReader.readHealth(
                tree.root().resolve("bus/pci/devices").resolve(GPU));
    }

    private @Nullable LinkStatus readLink() {
        return read().link();
    }

    @Test
    void readsTotalsAsPowersOfTwo() {
        tree.attribute(GPU, "aer_dev_correctable", "RxErr 3\nBadTLP 997\nTOTAL_ERR_COR 1000")
                .attribute(GPU, "aer_dev_nonfatal", "Undefined 0\nTOTAL_ERR_NONFATAL 1")
                .attribute(GPU, "aer_dev_fatal", "Undefined 0\nDLP 0\nTOTAL_ERR_FATAL 0");
        assertThat(read()).isEqualTo(new HealthStatus(null, 512L, 1L, 0L));
    }

    @Test
    void deviceWithoutLinkAndCountersHasNoHealth() {
        assertThat(read().isEmpty()).isTrue();
    }

    @Test
    void maximumIsWhatDeviceAndPortSupport() {
        link(GPU, "16.0 GT/s PCIe", "8", "32.0 GT/s PCIe", "16");
        assertThat(readLink()).isEqualTo(new LinkStatus("16.0 GT/s PCIe", 8, "32.0 GT/s PCIe", 16));
        link(PORT, "16.0 GT/s PCIe", "8", "16.0 GT/s PCIe", "8");
        assertThat(readLink()).isEqualTo(new LinkStatus("16.0 GT/s PCIe", 8, "16.0 GT/s PCIe", 8));
        link(PORT, "8.0 GT/s PCIe", "8", "8.0 GT/s PCIe", "8");
        assertThat(readLink()).isEqualTo(new LinkStatus("16.0 GT/s PCIe", 8, "8.0 GT/s PCIe", 8));
        link(PORT, "16.0 GT/s PCIe", "8", "64.0 GT/s PCIe", "32");
        assertThat(readLink()).isEqualTo(new LinkStatus("16.0 GT/s PCIe", 8, "32.0 GT/s PCIe", 16));
    }

    @ParameterizedTest
    @CsvSource({
        "2.5 GT/s PCIe,25",
        "8 GT/s,80",
        "128.0 GT/s PCIe,1280",
        "Unknown,0",
        "Unknown speed,0",
        "' GT/s',0",
        ".5 GT/s,0",
        "-2.5 GT/s,0",
        "16.05 GT/s,0",
        "1.6.0 GT/s,0",
        "99999 GT/s,0",
        "16.0 GT/s PCI,0"
    })
    void comparesSpeedsAsNumbers(String speed, int tenths) {
        assertThat(DeviceHealthReader.toDeciGigatransfers(speed)).isEqualTo(tenths);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "63", "33", "-8", "x16", "", "255", "8 lanes", "\u0000"})
    void widthThatNoLinkHasIsUnknown(String width) {
        link(GPU, "16.0 GT/s PCIe", width, "16.0 GT/s PCIe", "16");
        assertThat(readLink()).isEqualTo(new LinkStatus("16.0 GT/s PCIe", null, "16.0 GT/s PCIe", 16));
    }

    @Test
    void deviceThatDoesNotRespondHasNoLink() {
        link(GPU, "Unknown", "63", "Unknown", "63");
        assertThat(readLink()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TOTAL_ERR_COR",
                "TOTAL_ERR_COR -1",
                "TOTAL_ERR_COR 1e6",
                "TOTAL_ERR_COR 9999999999999999999",
                "RxErr 5",
                "\u001b[31m",
                ""
            })
    void countersThatAreNotNumbersAreUnknown(String content) {
        tree.attribute(GPU, "aer_dev_correctable", content);
        assertThat(read().correctableErrors()).isNull();
    }

    @Test
    void readsOnlyTheStartOfHugeContent() {
        tree.attribute(GPU, "aer_dev_correctable", "x".repeat(5_000_000) + "\nTOTAL_ERR_COR 5")
                .attribute(GPU, "current_link_speed", "1".repeat(5_000_000) + " GT/s")
                .attribute(GPU, "current_link_width", "8".repeat(5_000_000))
                .attribute(GPU, "aer_dev_fatal", "TOTAL_ERR_FATAL 2\n" + "x".repeat(5_000_000));
        assertThat(read()).isEqualTo(new HealthStatus(null, null, null, 2L));
    }
}
