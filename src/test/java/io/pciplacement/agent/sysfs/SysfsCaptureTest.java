package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.agent.publish.SerializedDeviceList;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.SysfsCaptures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scanner on captures of real guests, compared with the device lists that the guests reported. */
class SysfsCaptureTest {

    @TempDir(factory = MemoryTempDir.class)
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"guest-sriov", "guest-novfs"})
    void findsDevicesThatTheGuestListed(String name) throws Exception {
        Path sysfs = SysfsCaptures.unpack(name, temp);
        HostDevices devices = scan(sysfs);

        List<String> expected = SysfsCaptures.guestList(name).stream()
                // Host bridges and PCI-to-PCI bridges are skipped, any other bridge is listed.
                .filter(line -> !line.matches("(\\S+ ){3}0x060[04].*"))
                .sorted()
                .toList();
        assertThat(devices.devices().stream().map(SysfsCaptureTest::toGuestListLine))
                .containsExactlyElementsOf(expected);
        assertMatchesUevents(devices, sysfs);
        assertSurvivesSerialization(devices);
    }

    @Test
    void readsTwoThousandVfs() throws Exception {
        Path sysfs = SysfsCaptures.unpack("guest-2032vfs-slim", temp);
        HostDevices devices = scan(sysfs);

        assertThat(devices.devices().stream().filter(d -> d.type() == DeviceType.VF))
                .hasSize(2032);
        assertThat(devices.devices().stream().filter(d -> d.type() == DeviceType.PF))
                .hasSize(16);
        PciAddress pf = PciAddress.parse("0000:41:00.0").orElseThrow();
        assertThat(devices.devices().stream().filter(d -> pf.equals(d.parent())).map(PciDevice::vfIndex))
                .hasSize(127)
                .doesNotHaveDuplicates()
                .contains(0, 126);
        assertMatchesUevents(devices, sysfs);
        assertSurvivesSerialization(devices);
    }

    /**
     * Compares with the kernel's own description of each device in its uevent file, which the scanner does not read.
     */
    private static void assertMatchesUevents(HostDevices devices, Path sysfs) throws IOException {
        for (PciDevice device : devices.devices()) {
            Map<String, String> properties = readUevent(sysfs, device.address());
            assertThat(properties)
                    .containsEntry("PCI_SLOT_NAME", device.address().toString())
                    .containsEntry("PCI_ID", "%04X:%04X".formatted(device.vendorId(), device.productId()))
                    .containsEntry("PCI_CLASS", "%04X".formatted(Integer.parseInt(device.classCode(), 16)));
            assertThat(properties.get("DRIVER")).isEqualTo(device.driver());
        }
    }

    private static void assertSurvivesSerialization(HostDevices devices) throws IOException {
        SerializedDeviceList list = SerializedDeviceList.serialize(devices, Instant.EPOCH, new JsonFactory());

        HostDevices parsed = DeviceListMapper.toHostDevices(
                new ObjectMapper().readValue(list.json(), new TypeReference<List<DeviceStatus>>() {}));
        assertThat(parsed.devices().stream().map(SysfsCaptureTest::withoutVfGroup))
                .containsExactlyElementsOf(devices.devices().stream()
                        .map(SysfsCaptureTest::withoutVfGroup)
                        .toList());
    }

    private static HostDevices scan(Path sysfs) {
        ScanResult scan = new SysfsScanner(sysfs, new SerialNumberCache(Duration.ofSeconds(1), () -> {})).scan();
        assertThat(scan)
                .isInstanceOfSatisfying(
                        ScanResult.Complete.class,
                        complete -> assertThat(complete.notes()).isEmpty());
        return ((ScanResult.Complete) scan).devices();
    }

    private static String toGuestListLine(PciDevice device) {
        return "%s 0x%04x 0x%04x 0x%s type-%s %s %d %s %d"
                .formatted(
                        device.address(),
                        device.vendorId(),
                        device.productId(),
                        device.classCode(),
                        device.type(),
                        device.parent() == null ? "-" : device.parent(),
                        device.numaNode(),
                        device.driver() == null ? "-" : device.driver(),
                        device.iommuGroup());
    }

    /** The IOMMU group of a VF is not published, to keep the object small. */
    private static PciDevice withoutVfGroup(PciDevice d) {
        return d.type() != DeviceType.VF
                ? d
                : new PciDevice(
                        d.address(),
                        d.type(),
                        d.vendorId(),
                        d.productId(),
                        d.classCode(),
                        d.numaNode(),
                        d.driver(),
                        -1,
                        d.serialNumber(),
                        d.parent(),
                        d.vfIndex(),
                        d.sriov());
    }

    private static Map<String, String> readUevent(Path sysfs, PciAddress address) throws IOException {
        Map<String, String> pairs = new HashMap<>();
        Path file = sysfs.resolve("bus/pci/devices").resolve(address.toString()).resolve("uevent");
        for (String line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            pairs.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return pairs;
    }
}
