package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans of a tree whose devices respond late, differently, or never. */
class DeviceHealthCacheTest {

    private static final String NIC = "0000:3b:00.0";
    private static final String GPU = "0000:81:00.0";
    private static final String VF = "0000:3b:00.1";

    @TempDir(factory = MemoryTempDir.class)
    Path temp;

    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger lateResults = new AtomicInteger();
    private final AtomicLong clock = new AtomicLong();
    private final List<Path> fifos = new ArrayList<>();
    private SysfsTree tree;
    private SysfsScanner scanner;

    @BeforeEach
    void createTree() {
        tree = new SysfsTree(temp.resolve("sys"));
        tree.pf(NIC, "15b3", "101d", "101e", 8).vf(VF, NIC, 0, "15b3", "101e").device(GPU, "10de", "2330", "030200");
        for (String address : new String[] {NIC, VF, GPU}) {
            link(address, "16.0 GT/s PCIe", "16");
        }
        scanner = newScanner(Duration.ofSeconds(10));
    }

    private SysfsScanner newScanner(Duration timeout) {
        return new SysfsScanner(
                tree.root(),
                new SerialNumberCache(Duration.ofSeconds(5), () -> {}),
                new DeviceHealthCache(timeout, lateResults::incrementAndGet, this::read, clock::get));
    }

    private HealthStatus read(Path device) {
        reads.incrementAndGet();
        return DeviceHealthReader.readHealth(device);
    }

    private void link(String address, String speed, String width) {
        tree.attribute(address, "current_link_speed", speed)
                .attribute(address, "current_link_width", width)
                .attribute(address, "max_link_speed", "16.0 GT/s PCIe")
                .attribute(address, "max_link_width", "16");
    }

    private ScanResult.Complete scan() {
        return (ScanResult.Complete) scanner.scan();
    }

    private @Nullable HealthStatus health(String address) {
        return scan().health().get(Devices.at(address));
    }

    /** Scans until as many reads have been started; a scan does not repeat a read that has not returned. */
    private void scanAndAwaitReads(int expected) {
        await().until(() -> {
            scan();
            return reads.get() == expected;
        });
    }

    /** Replaces an attribute by one whose read does not return. */
    private void hang(String address) throws IOException {
        tree.without(address, "current_link_speed").fifo(address, "current_link_speed");
        fifos.add(tree.deviceDirectory(address).resolve("current_link_speed"));
    }

    /** Lets the device respond: a writer of a FIFO releases its reader. */
    private void respond(String text) throws IOException {
        for (Path fifo : fifos) {
            Files.writeString(fifo, text);
        }
        fifos.clear();
    }

    @AfterEach
    void releaseThreads() throws IOException {
        respond("");
    }

    @Test
    void devicesWithoutSriovAndPfsHaveHealth() {
        assertThat(health(GPU).link().width()).isEqualTo(16);
        assertThat(health(NIC).link().speed()).isEqualTo("16.0 GT/s PCIe");
        ScanResult.Complete scan = scan();
        assertThat(scan.devices().findDevice(Devices.at(VF)).orElseThrow().type())
                .isEqualTo(DeviceType.VF);
        assertThat(scan.health()).as("VFs have no link of their own").doesNotContainKey(Devices.at(VF));
    }

    @Test
    void isNotReadIfItIsNotEnabled() throws IOException {
        hang(GPU);
        SysfsScanner disabled = new SysfsScanner(tree.root(), new SerialNumberCache(Duration.ofSeconds(5), () -> {}));
        assertThat(((ScanResult.Complete) disabled.scan()).health()).isEmpty();
        fifos.clear(); // has no reader
    }

    @Test
    void readsAgainAfterOneMinuteAndRequestsScanOnlyForOtherValues() {
        assertThat(health(GPU).link().width()).isEqualTo(16);
        link(GPU, "16.0 GT/s PCIe", "8");
        clock.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(health(GPU).link().width()).isEqualTo(16);
        assertThat(reads).as("not yet due").hasValue(2);
        clock.addAndGet(1);
        scanAndAwaitReads(4);
        await().until(() -> lateResults.get() == 1);
        assertThat(health(GPU).link().width()).isEqualTo(8);
        clock.addAndGet(Duration.ofSeconds(61).toNanos());
        scanAndAwaitReads(6);
        assertThat(lateResults).as("nothing has changed").hasValue(1);
    }

    @Test
    void hangingDeviceDelaysNeitherScanNorOthers() throws IOException {
        hang(GPU);
        scanner = newScanner(Duration.ofMillis(50));
        await().untilAsserted(() -> assertThat(health(NIC)).isNotNull());
        assertThat(health(GPU)).isNull();
        for (int minute = 0; minute < 3; minute++) {
            clock.addAndGet(Duration.ofMinutes(2).toNanos());
            scanAndAwaitReads(3 + minute); // only the NIC is read again
        }
        assertThat(scan().notes())
                .singleElement()
                .asString()
                .startsWith(GPU + ": ")
                .contains("has not returned");
        int requested = lateResults.get();
        respond("8.0 GT/s PCIe\n");
        await().until(() -> lateResults.get() > requested);
        ScanResult.Complete scan = scan();
        assertThat(scan.health().get(Devices.at(GPU)).link().speed()).isEqualTo("8.0 GT/s PCIe");
        assertThat(scan.notes()).isEmpty();
    }

    @Test
    void devicesThatHangLaterKeepTheirHealth() throws IOException {
        assertThat(health(GPU).link().width()).isEqualTo(16);
        hang(GPU);
        clock.addAndGet(Duration.ofMinutes(2).toNanos());
        scanAndAwaitReads(4);
        assertThat(health(GPU).link().width()).isEqualTo(16);
    }

    /** More devices than threads do not respond. */
    @Test
    void hangingDevicesDoNotOccupyAllThreads() throws IOException {
        for (int device = 0; device < 6; device++) {
            String address = "0000:01:%02x.0".formatted(device);
            tree.device(address, "10de", "2330", "030200").attribute(address, "current_link_speed", "");
            hang(address);
        }
        scanner = newScanner(Duration.ofMillis(50));
        await().untilAsserted(() -> {
            clock.addAndGet(Duration.ofMinutes(1).toNanos());
            assertThat(scan().health()).containsKeys(Devices.at(GPU), Devices.at(NIC));
        });
        await().until(() -> reads.get() >= 8);
        assertThat(fifos).hasSize(6);
    }

    @Test
    void keepsHighestSpeedForOneHour() {
        assertThat(health(GPU).link().speed()).isEqualTo("16.0 GT/s PCIe");
        link(GPU, "2.5 GT/s PCIe", "16");
        for (int minutes = 10; minutes <= 60; minutes += 10) {
            clock.addAndGet(Duration.ofMinutes(10).toNanos());
            scanAndAwaitReads(2 + minutes / 5);
            await().untilAsserted(() -> assertThat(health(GPU).link().speed()).isEqualTo("16.0 GT/s PCIe"));
        }
        clock.addAndGet(Duration.ofMinutes(10).toNanos());
        scanAndAwaitReads(16);
        await().untilAsserted(() -> assertThat(health(GPU).link().speed()).isEqualTo("2.5 GT/s PCIe"));
        link(GPU, "8.0 GT/s PCIe", "16");
        clock.addAndGet(Duration.ofMinutes(2).toNanos());
        scanAndAwaitReads(18);
        await().untilAsserted(() -> assertThat(health(GPU).link().speed()).isEqualTo("8.0 GT/s PCIe"));
    }

    @Test
    void valueThatCanNoLongerBeReadIsKept() {
        tree.attribute(GPU, "aer_dev_fatal", "TOTAL_ERR_FATAL 4");
        assertThat(health(GPU).fatalErrors()).isEqualTo(4);
        tree.without(GPU, "aer_dev_fatal");
        link(GPU, "Unknown", "63");
        clock.addAndGet(Duration.ofMinutes(2).toNanos());
        scanAndAwaitReads(4);
        await().untilAsserted(() -> assertThat(lateResults).hasPositiveValue());
        assertThat(health(GPU).fatalErrors()).isEqualTo(4);
        assertThat(health(GPU).link().width()).isEqualTo(16);
    }

    @Test
    void replacedCardHasNoValuesOfThePreviousOne() {
        tree.attribute(GPU, "aer_dev_fatal", "TOTAL_ERR_FATAL 4");
        assertThat(health(GPU).fatalErrors()).isEqualTo(4);
        tree.remove(GPU);
        tree.device(GPU, "10de", "2330", "030200");
        link(GPU, "16.0 GT/s PCIe", "16");
        assertThat(health(GPU).fatalErrors()).isNull();
        assertThat(health(GPU).link().width()).isEqualTo(16);
        tree.remove(GPU);
        assertThat(health(GPU)).isNull();
    }
}
