package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scanner on generated trees, including inconsistent and invalid ones. */
class SysfsScannerTest {

    @TempDir
    Path temp;

    private SysfsTree tree;
    private SysfsScanner scanner;

    @BeforeEach
    void createTree() {
        tree = new SysfsTree(temp.resolve("sys"));
        scanner = new SysfsScanner(tree.root(), new SerialNumberCache(Duration.ofSeconds(5), () -> {}));
    }

    @Test
    void listsGpusAndSwitchesOfHgxBoard() {
        tree.hgx();

        ScanResult.Complete scan = complete();
        assertThat(scan.devices().devices())
                .hasSize(12)
                .extracting(PciDevice::classCode)
                .containsOnly("030200", "068000");
        assertThat(scan.devices().devices().stream().filter(d -> d.productId() == 0x2335))
                .hasSize(8);
        assertThat(scan.devices().devices().stream().filter(d -> d.productId() == 0x22a3))
                .hasSize(4);
        assertThat(scan.notes()).isEmpty();
    }

    @Test
    void skipsAndCountsOnlyHostAndPciToPciBridges() {
        tree.device("0000:00:00.0", "8086", "347a", "060000")
                .bridge("0000:00:01.0")
                .device("0000:00:02.0", "8086", "347a", "060401")
                .device("0000:00:1f.0", "8086", "347a", "060100")
                .device("0000:05:00.0", "10de", "22a3", "068000");

        assertThat(devices().devices())
                .extracting(d -> d.address().toString())
                .containsExactly("0000:00:1f.0", "0000:05:00.0");
        assertThat(complete().skipped().groups())
                .containsExactly(group(SkipReason.BRIDGE, "0000:00:00.0", "0000:00:01.0", "0000:00:02.0"));
    }

    private static SkippedDevices.Group group(SkipReason reason, String... addresses) {
        return new SkippedDevices.Group(reason.value(), addresses.length, List.of(addresses));
    }

    @Test
    void acceptsParentDirectoryOfSys() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200");
        scanner = new SysfsScanner(temp, new SerialNumberCache(Duration.ofSeconds(5), () -> {}));

        assertThat(devices().size()).isEqualTo(1);
    }

    @Test
    void recognizesPfWithAndWithoutVfs() {
        tree.pf("0000:41:00.0", "15b3", "101d", "101e", 8);
        assertThat(deviceAt("0000:41:00.0").type()).isEqualTo(DeviceType.PF);
        assertThat(deviceAt("0000:41:00.0").sriov()).isEqualTo(new PciDevice.Sriov(8, 0, 0x101e));

        tree.vf("0000:41:00.1", "0000:41:00.0", 0, "15b3", "101e")
                .vf("0000:41:00.2", "0000:41:00.0", 1, "15b3", "101e");
        tree.driver("0000:41:00.2", "vfio-pci");

        assertThat(deviceAt("0000:41:00.0").sriov()).isEqualTo(new PciDevice.Sriov(8, 2, 0x101e));
        assertThat(deviceAt("0000:41:00.2").type()).isEqualTo(DeviceType.VF);
        assertThat(deviceAt("0000:41:00.2").vfIndex()).isEqualTo(1);
        assertThat(deviceAt("0000:41:00.2").driver()).isEqualTo("vfio-pci");
        assertThat(deviceAt("0000:41:00.1").driver()).isNull();
        assertThat(deviceAt("0000:41:00.1").parent()).hasToString("0000:41:00.0");
    }

    @Test
    void functionWithoutPossibleVfsIsPlainDevice() {
        tree.pf("0000:41:00.0", "15b3", "101d", "101e", 0);

        assertThat(deviceAt("0000:41:00.0").type()).isEqualTo(DeviceType.PCI);
    }

    @Test
    void keepsParentOfVfWhosePfWasRemoved() {
        tree.pf("0000:41:00.0", "15b3", "101d", "101e", 8).vf("0000:41:00.1", "0000:41:00.0", 0, "15b3", "101e");
        tree.remove("0000:41:00.0");

        assertThat(devices().size()).isEqualTo(1);
        assertThat(deviceAt("0000:41:00.1").parent()).hasToString("0000:41:00.0");
    }

    @Test
    void reinsertedPfIsParentOfItsOldVfs() {
        tree.pf("0000:41:00.0", "15b3", "101d", "101e", 8).vf("0000:41:00.1", "0000:41:00.0", 0, "15b3", "101e");
        tree.remove("0000:41:00.0").pf("0000:41:00.0", "15b3", "101d", "101e", 8);

        assertThat(deviceAt("0000:41:00.1").parent()).hasToString("0000:41:00.0");
        assertThat(deviceAt("0000:41:00.1").vfIndex()).isEqualTo(-1);
    }

    @Test
    void skipsInconsistentEntryAndListsOthers() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").device("0000:02:00.0", "10de", "20b5", "030200");
        tree.without("0000:02:00.0", "vendor");

        ScanResult.Complete scan = complete();
        assertThat(scan.devices().devices())
                .extracting(d -> d.address().toString())
                .containsExactly("0000:01:00.0");
        assertThat(scan.notes()).singleElement().asString().contains("0000:02:00.0", "vendor");
        assertThat(scan.skipped().groups()).containsExactly(group(SkipReason.UNREADABLE, "0000:02:00.0"));
    }

    @ParameterizedTest
    @CsvSource({"vendor, 0x12345678", "device, 0x12345678", "vendor, 0xffffffff", "device, 0x10000", "class, 0x12345678"
    })
    void skipsDeviceWithInvalidIdAndListsOthers(String attribute, String value) {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").device("0000:02:00.0", "10de", "20b5", "030200");
        tree.attribute("0000:02:00.0", attribute, value);

        ScanResult.Complete scan = complete();
        assertThat(scan.devices().devices())
                .extracting(d -> d.address().toString())
                .containsExactly("0000:01:00.0");
        assertThat(scan.skipped().groups()).containsExactly(group(SkipReason.UNREADABLE, "0000:02:00.0"));
        assertThat(scan.notes()).singleElement().asString().contains("0000:02:00.0", attribute);
    }

    @Test
    void doesNotPublishInvalidVfId() {
        tree.pf("0000:41:00.0", "15b3", "101d", "12345678", 8);

        assertThat(deviceAt("0000:41:00.0").sriov()).isEqualTo(new PciDevice.Sriov(8, 0, -1));
    }

    @Test
    void survivesImpossibleVfCounts() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200")
                .pf("0000:41:00.0", "15b3", "101d", "101e", 99_999_999)
                .attribute("0000:41:00.0", "sriov_numvfs", "99999999")
                .attribute("0000:41:00.0", "sriov_offset", "1")
                .attribute("0000:41:00.0", "sriov_stride", "0");

        ScanResult.Complete scan = complete();
        assertThat(scan.devices().size()).isEqualTo(2);
        assertThat(scan.notes()).singleElement().asString().contains("65535 VFs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"class", "vendor", "numa_node", "sriov_totalvfs"})
    void doesNotBlockOnFifo(String attribute) throws Exception {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").device("0000:02:00.0", "10de", "20b5", "030200");
        Path fifo = tree.deviceDirectory("0000:02:00.0").resolve(attribute);
        Files.deleteIfExists(fifo);
        tree.fifo("0000:02:00.0", attribute);
        CompletableFuture<ScanResult> scan = CompletableFuture.supplyAsync(scanner::scan);
        try {
            assertThat(scan.get(10, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            ScanResult.Complete.class,
                            complete -> assertThat(complete.devices().devices())
                                    .extracting(d -> d.address().toString())
                                    .containsExactly("0000:01:00.0"));
        } finally {
            release(fifo);
        }
    }

    /** Unblocks a reader that waits for a writer of a FIFO, if there is one. */
    private static void release(Path fifo) throws IOException {
        try (FileChannel both = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            both.write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
    }

    @Test
    void skipsDanglingLink() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200");
        tree.link(tree.root().resolve("bus/pci/devices/0000:02:00.0"), "../../../devices/pci0000:00/0000:02:00.0");

        assertThat(complete().devices().size()).isEqualTo(1);
        assertThat(complete().notes()).singleElement().asString().contains("0000:02:00.0");
    }

    @Test
    void doesNotListUnlinkedVfAsPlainDevice() {
        tree.pf("0000:41:00.0", "15b3", "101d", "101e", 8).vf("0000:41:00.1", "0000:41:00.0", 0, "15b3", "101e");
        tree.device("0000:41:00.2", "15b3", "101e", "020000").attribute("0000:41:00.0", "sriov_numvfs", "2");

        ScanResult.Complete scan = complete();
        assertThat(scan.devices().devices())
                .extracting(d -> d.address().toString())
                .containsExactly("0000:41:00.0", "0000:41:00.1");
        assertThat(scan.notes()).anySatisfy(note -> assertThat(note).contains("0000:41:00.2", "VF of 0000:41:00.0"));
    }

    @Test
    void repeatsPassUntilEntryIsComplete() throws Exception {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").without("0000:01:00.0", "vendor");
        tree.device("0000:02:00.0", "10de", "20b5", "030200");
        Thread kernel = Thread.ofPlatform().start(() -> {
            sleep(20);
            tree.attribute("0000:01:00.0", "vendor", "0x10de");
        });
        int maxDevices = 0;
        for (int scans = 0; maxDevices < 2 && scans < 100; scans++) {
            maxDevices = complete().devices().size();
        }
        kernel.join();

        assertThat(complete().devices().size()).isEqualTo(2);
        assertThat(complete().notes()).isEmpty();
    }

    @Test
    void skipsDomainsWithoutValidProviderName() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200")
                .bridge("10000:e0:06.0")
                .device("10000:e1:00.0", "144d", "a824", "010802")
                .device("10001:01:00.0", "144d", "a824", "010802");

        ScanResult.Complete scan = complete();
        assertThat(scan.devices().size()).isEqualTo(1);
        assertThat(scan.skipped().groups())
                .containsExactly(
                        group(SkipReason.BRIDGE, "10000:e0:06.0"),
                        group(SkipReason.UNSUPPORTED_ADDRESS, "10000:e1:00.0", "10001:01:00.0"));
        assertThat(scan.notes()).isEmpty();
    }

    @Test
    void readsVpdOnceAndAssignsSerialNumberToVfs() throws Exception {
        tree.pf("0000:41:00.0", "15b3", "101d", "101e", 8).vf("0000:41:00.1", "0000:41:00.0", 0, "15b3", "101e");
        tree.bytes("0000:41:00.0", "vpd", VpdParserTest.vpd("SN", "MT2042X11882"));
        assertThat(deviceAt("0000:41:00.0").serialNumber()).isEqualTo("MT2042X11882");
        assertThat(deviceAt("0000:41:00.1").serialNumber()).isEqualTo("MT2042X11882");

        // Same file, different content: a second read would return it.
        Files.write(tree.deviceDirectory("0000:41:00.0").resolve("vpd"), VpdParserTest.vpd("SN", "OTHER"));
        assertThat(deviceAt("0000:41:00.0").serialNumber()).isEqualTo("MT2042X11882");

        // Another card in the same slot, with a scan of the empty slot in between.
        tree.without("0000:41:00.0", "vpd");
        assertThat(deviceAt("0000:41:00.0").serialNumber()).isNull();
        tree.bytes("0000:41:00.0", "vpd", VpdParserTest.vpd("SN", "OTHER"));
        assertThat(deviceAt("0000:41:00.0").serialNumber()).isEqualTo("OTHER");
    }

    @Test
    void ignoresVpdThatIsNotARegularFile() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").fifo("0000:01:00.0", "vpd");
        tree.device("0000:02:00.0", "10de", "20b5", "030200");
        tree.bytes("0000:02:00.0", "vpd", VpdParserTest.vpd("SN", "NEXT"));

        assertThat(deviceAt("0000:01:00.0").serialNumber()).isNull();
        assertThat(deviceAt("0000:02:00.0").serialNumber()).isEqualTo("NEXT");
    }

    @Test
    void readsTwelveHundredDevices() {
        for (int i = 0; i < 1200; i++) {
            tree.device(new PciAddress(0, i / 32, i % 32, 0).toString(), "8086", "1592", "020000");
        }
        assertThat(devices().size()).isEqualTo(1200);
    }

    @Test
    void reportsRemedyIfSysfsIsMissing() {
        scanner = new SysfsScanner(temp.resolve("nowhere"), new SerialNumberCache(Duration.ZERO, () -> {}));

        assertThat(scanner.scan())
                .isInstanceOfSatisfying(
                        ScanResult.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains(temp.resolve("nowhere").toString(), "PCI_AGENT_SYSFS"));
    }

    @Test
    void failsIfNoDeviceIsReadable() {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").without("0000:01:00.0", "class");

        assertThat(scanner.scan())
                .isInstanceOfSatisfying(
                        ScanResult.Failed.class,
                        failed -> assertThat(failed.reason()).contains("0000:01:00.0", "class"));
    }

    @Test
    void emptyTreeIsAnEmptyResult() {
        assertThat(scanner.scan()).isInstanceOf(ScanResult.Empty.class);
    }

    @Test
    void survivesGarbageInAttributes() throws IOException {
        tree.device("0000:01:00.0", "10de", "20b5", "030200").device("0000:02:00.0", "10de", "20b5", "030200");
        tree.attribute("0000:02:00.0", "class", "");
        Files.write(
                tree.deviceDirectory("0000:02:00.0").resolve("vendor"),
                "\u00ff\u00ff".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(complete().devices().size()).isEqualTo(1);
    }

    private ScanResult.Complete complete() {
        ScanResult scan = scanner.scan();
        assertThat(scan).isInstanceOf(ScanResult.Complete.class);
        return (ScanResult.Complete) scan;
    }

    private HostDevices devices() {
        return complete().devices();
    }

    private PciDevice deviceAt(String address) {
        return devices().findDevice(PciAddress.parse(address).orElseThrow()).orElseThrow();
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
