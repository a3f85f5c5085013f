package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.input.ManifestReader;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.SysfsCaptures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Root complex and upstream switch of devices, from usual and unusual paths. */
class PcieTopologyTest {

    private static final String ROOT_PORT = "pci0000:80/0000:80:01.0";
    private static final String UPSTREAM = ROOT_PORT + "/0000:81:00.0";

    @TempDir(factory = MemoryTempDir.class)
    Path temp;

    private SysfsTree tree;

    @BeforeEach
    void createTree() {
        tree = new SysfsTree(temp.resolve("sys"));
    }

    private SysfsTree gpu(String path) {
        return tree.path(path).device(path.substring(path.lastIndexOf('/') + 1), "10de", "2330", "030200");
    }

    private static HostDevices scan(Path root) {
        SysfsScanner scanner = new SysfsScanner(root, new SerialNumberCache(Duration.ofSeconds(5), () -> {}));
        return ((ScanResult.Complete) scanner.scan()).devices();
    }

    /** Returns {@code root switch} of a device, with a hyphen for a value that is unknown. */
    private String position(String address) {
        return position(scan(tree.root()), address);
    }

    private static String position(HostDevices devices, String address) {
        PciDevice device = devices.findDevice(Devices.at(address)).orElseThrow();
        return "%s %s"
                .formatted(
                        device.pcieRoot() == null ? "-" : device.pcieRoot(),
                        device.pcieSwitch() == null ? "-" : device.pcieSwitch());
    }

    @Test
    void deviceBelowRootPortHasNoSwitch() {
        tree.port(ROOT_PORT);
        gpu(ROOT_PORT + "/0000:81:00.0");
        assertThat(position("0000:81:00.0")).isEqualTo("pci0000:80 -");
    }

    @Test
    void devicesBelowOneSwitchShareItsUpstreamPort() {
        tree.port(ROOT_PORT).port(UPSTREAM).port(UPSTREAM + "/0000:82:00.0").port(UPSTREAM + "/0000:82:01.0");
        gpu(UPSTREAM + "/0000:82:00.0/0000:83:00.0");
        gpu(UPSTREAM + "/0000:82:01.0/0000:84:00.0");
        gpu(ROOT_PORT + "/0000:81:00.1");
        assertThat(position("0000:83:00.0")).isEqualTo("pci0000:80 0000:81:00.0");
        assertThat(position("0000:84:00.0")).isEqualTo("pci0000:80 0000:81:00.0");
        assertThat(position("0000:81:00.1"))
                .as("a function of the switch's upstream component is not below the switch")
                .isEqualTo("pci0000:80 -");
    }

    /** As BlueField DPUs and Instinct GPUs have: a switch on the card, below the switch of the board. */
    @Test
    void switchOfTheCardItselfIsSkipped() {
        String slot = UPSTREAM + "/0000:82:00.0";
        String card = slot + "/0000:83:00.0";
        tree.port(ROOT_PORT).port(UPSTREAM).port(slot).port(card).port(card + "/0000:84:00.0");
        tree.path(card + "/0000:84:00.0/0000:85:00.0").pf("0000:85:00.0", "15b3", "a2dc", "101e", 2);
        tree.path(card + "/0000:84:00.0/0000:85:00.1").pf("0000:85:00.1", "15b3", "a2dc", "101e", 2);
        assertThat(position("0000:85:00.0"))
                .as("no other card below any switch: the nearest")
                .isEqualTo("pci0000:80 0000:83:00.0");

        tree.port(UPSTREAM + "/0000:82:01.0");
        gpu(UPSTREAM + "/0000:82:01.0/0000:90:00.0");
        assertThat(position("0000:85:00.0")).isEqualTo("pci0000:80 0000:81:00.0");
        assertThat(position("0000:85:00.1")).isEqualTo("pci0000:80 0000:81:00.0");
        assertThat(position("0000:90:00.0")).isEqualTo("pci0000:80 0000:81:00.0");
    }

    @Test
    void nearestOfNestedSwitchesThatHaveSeveralCardsIsUsed() {
        String leaf = UPSTREAM + "/0000:82:00.0/0000:83:00.0";
        tree.port(ROOT_PORT).port(UPSTREAM).port(UPSTREAM + "/0000:82:00.0").port(UPSTREAM + "/0000:82:01.0");
        tree.port(leaf).port(leaf + "/0000:84:00.0").port(leaf + "/0000:84:01.0");
        gpu(leaf + "/0000:84:00.0/0000:85:00.0");
        gpu(leaf + "/0000:84:01.0/0000:86:00.0");
        gpu(UPSTREAM + "/0000:82:01.0/0000:90:00.0");
        assertThat(position("0000:85:00.0")).isEqualTo("pci0000:80 0000:83:00.0");
        assertThat(position("0000:86:00.0")).isEqualTo("pci0000:80 0000:83:00.0");
        assertThat(position("0000:90:00.0")).isEqualTo("pci0000:80 0000:81:00.0");
    }

    @Test
    void conventionalBridgeIsNoSwitch() {
        String bridges = ROOT_PORT + "/0000:81:00.0/0000:82:01.0";
        tree.port(ROOT_PORT).path(ROOT_PORT + "/0000:81:00.0").bridge("0000:81:00.0");
        tree.path(bridges).bridge("0000:82:01.0");
        gpu(bridges + "/0000:83:01.0");
        assertThat(position("0000:83:01.0")).isEqualTo("pci0000:80 -");
    }

    @Test
    void deviceBelowConventionalBridgeIsBelowTheSwitchAboveIt() {
        String bridge = UPSTREAM + "/0000:82:00.0/0000:83:00.0";
        tree.port(ROOT_PORT).port(UPSTREAM).port(UPSTREAM + "/0000:82:00.0");
        tree.path(bridge).bridge("0000:83:00.0");
        gpu(bridge + "/0000:84:01.0");
        assertThat(position("0000:84:01.0")).isEqualTo("pci0000:80 0000:81:00.0");
    }

    @Test
    void bridgesWithoutLinkAttributesCountAsPcieIfNoneHasThem() {
        tree.path(ROOT_PORT).bridge("0000:80:01.0").path(UPSTREAM).bridge("0000:81:00.0");
        tree.path(UPSTREAM + "/0000:82:00.0").bridge("0000:82:00.0");
        gpu(UPSTREAM + "/0000:82:00.0/0000:83:00.0");
        assertThat(position("0000:83:00.0")).isEqualTo("pci0000:80 0000:81:00.0");
    }

    @Test
    void pathWithAnythingButBridgesHasNoSwitch() {
        tree.port(ROOT_PORT).port(UPSTREAM);
        tree.path(UPSTREAM + "/0000:82:00.0").device("0000:82:00.0", "10de", "22a3", "068000");
        gpu(UPSTREAM + "/0000:82:00.0/0000:83:00.0");
        assertThat(position("0000:83:00.0")).isEqualTo("pci0000:80 -");
    }

    @ParameterizedTest
    @CsvSource({
        "pci0000:00/0000:00:05.0, pci0000:00 -", // hypervisors without root ports
        "platform/40000000.pcie/pci0003:00/0000:00:05.0, pci0003:00 -",
        "LNXSYSTM:00/VMBUS:01/a0b1c2d3-0000/pci6f7f:00/0000:00:05.0, pci6f7f:00 -",
        "pci0000:64/0000:64:00.5/pci10000:00/10000:00:02.0/0000:00:05.0, pci0000:64 -", // VMD
        "pci0000:80/somewhere/0000:00:05.0, pci0000:80 -",
        "pci000:80/0000:00:05.0, - -",
        "pci0000:8/0000:00:05.0, - -",
        "pci0000-80/0000:00:05.0, - -",
        "pci0000:8G/0000:00:05.0, - -",
        "pci123456789:80/0000:00:05.0, - -",
        "virtual/0000:00:05.0, - -"
    })
    void unusualPath(String path, String expected) {
        gpu(path);
        assertThat(position("0000:00:05.0")).isEqualTo(expected);
    }

    @Test
    void pathOfAnotherDeviceIsIgnored() {
        tree.port(ROOT_PORT);
        gpu(ROOT_PORT + "/0000:81:00.0");
        tree.link(
                tree.root().resolve("bus/pci/devices/0000:99:00.0"), "../../../devices/" + ROOT_PORT + "/0000:81:00.0");
        assertThat(position("0000:99:00.0")).isEqualTo("- -");
    }

    @Test
    void vfsAreAtThePositionOfTheirPf() {
        String port = UPSTREAM + "/0000:82:00.0";
        tree.port(ROOT_PORT).port(UPSTREAM).port(port);
        tree.path(port + "/0000:83:00.0").pf("0000:83:00.0", "15b3", "101d", "101e", 2);
        tree.path(port + "/0000:83:00.1").vf("0000:83:00.1", "0000:83:00.0", 0, "15b3", "101e");
        assertThat(position("0000:83:00.1")).isEqualTo("pci0000:80 0000:81:00.0");
        tree.remove("0000:83:00.0");
        assertThat(position("0000:83:00.1")).as("without its PF").isEqualTo("pci0000:80 0000:81:00.0");
    }

    /** The guest has a switch with its upstream port at 42:00.0, root ports, and a bridge to conventional PCI. */
    @Test
    void realGuest() throws Exception {
        HostDevices devices = scan(SysfsCaptures.unpack("guest-sriov", temp));
        assertThat(devices.devices().stream()
                        .filter(device -> device.pcieSwitch() != null)
                        .map(device -> "%s %s".formatted(device.address(), device.pcieSwitch())))
                .containsExactly("0000:44:00.0 0000:42:00.0");
        assertThat(devices.devices().stream()
                        .collect(Collectors.toMap(
                                device -> device.address().toString().substring(0, 7),
                                device -> String.valueOf(device.pcieRoot()),
                                (one, other) -> one)))
                .containsEntry("0000:00", "pci0000:00")
                .containsEntry("0000:01", "pci0000:00")
                .containsEntry("0000:41", "pci0000:40")
                .containsEntry("0000:44", "pci0000:40")
                .containsEntry("0000:84", "pci0000:80");
    }

    /** The host of the example is what the agent publishes on such a host. */
    @Test
    void hgxBoardIsTheHostOfTheExample() throws Exception {
        tree.hgxWithSwitches();
        HostPciInventory example = ManifestReader.readManifests(List.of(
                        Path.of(System.getProperty("basedir", ""), "examples/hardware/hgx-gpu-and-nic/host.yaml")))
                .hosts()
                .getFirst();
        assertThat(DeviceListMapper.toDeviceStatuses(scan(tree.root())))
                .containsExactlyElementsOf(
                        Objects.requireNonNull(example.getStatus().devices()));
    }

    /** Hot-plugging a card changes no other device, except if it is the second one below its switch. */
    @Test
    void positionDependsOnlyOnTheCardsBelowTheSwitch() {
        tree.port(ROOT_PORT).port(UPSTREAM).port(UPSTREAM + "/0000:82:00.0").port(UPSTREAM + "/0000:82:01.0");
        gpu(UPSTREAM + "/0000:82:00.0/0000:83:00.0");
        String before = position("0000:83:00.0");
        gpu(UPSTREAM + "/0000:82:01.0/0000:84:00.0");
        assertThat(position("0000:83:00.0")).isEqualTo(before).isEqualTo("pci0000:80 0000:81:00.0");
    }
}
