package io.pciplacement.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SerializedDeviceListTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void hashDoesNotDependOnDeviceOrder() {
        List<PciDevice> devices = new ArrayList<>();
        devices.add(pf(0, 8));
        for (int i = 1; i <= 8; i++) {
            devices.add(vf(i, i - 1, i % 2 == 0 ? "vfio-pci" : null));
        }
        devices.add(plain(100, "nvme", 3));
        String hash = list(devices).hash();
        Random random = new Random(3);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(devices, random);
            assertThat(list(devices).hash()).isEqualTo(hash);
        }
        assertThat(hash).matches("sha256:[0-9a-f]{64}").hasSizeLessThanOrEqualTo(71);
    }

    @Test
    void hashDiffersForEveryPublishedChange() {
        Set<String> hashes = new HashSet<>();
        hashes.add(list(List.of()).hash());
        hashes.add(list(List.of(plain(1, null, -1))).hash());
        hashes.add(list(List.of(plain(2, null, -1))).hash());
        hashes.add(list(List.of(plain(1, "nvme", -1))).hash());
        hashes.add(list(List.of(plain(1, "nvme", 4))).hash());
        hashes.add(list(List.of(pf(0, 0))).hash());
        hashes.add(list(List.of(pf(0, 1))).hash());
        hashes.add(list(List.of(pf(0, 1), vf(1, 0, null))).hash());
        hashes.add(list(List.of(pf(0, 1), vf(1, 0, "vfio-pci"))).hash());
        hashes.add(list(List.of(vf(1, 0, null))).hash());
        assertThat(hashes).hasSize(10);
    }

    @Test
    void hashDoesNotDependOnScanTime() {
        HostDevices devices = new HostDevices(List.of(plain(1, null, -1)));
        assertThat(SerializedDeviceList.serialize(devices, NOW, new JsonFactory())
                        .hash())
                .isEqualTo(SerializedDeviceList.serialize(devices, NOW.plusSeconds(60), new JsonFactory())
                        .hash());
    }

    @Test
    void truncatesListAtMaximumNumberOfDevices() {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            devices.add(plain(i, null, -1));
        }
        SerializedDeviceList list = list(devices);

        assertThat(list.entries()).isEqualTo(1024);
        assertThat(list.omitted()).contains("176 devices", "1024");
        assertThat(list.json()).isEqualTo(list(devices.subList(0, 1024)).json());
    }

    @Test
    void truncatesListAtMaximumNumberOfVfs() {
        List<PciDevice> devices = new ArrayList<>();
        devices.add(pf(0, 5000));
        for (int i = 1; i <= 5000; i++) {
            devices.add(vf(i, i - 1, null));
        }
        SerializedDeviceList list = list(devices);

        assertThat(list.omitted()).contains("904 VFs");
        assertThat(list.json()).contains("\"index\":4095").doesNotContain("\"index\":4096");
    }

    @Test
    void completeListHasNothingOmitted() {
        assertThat(list(List.of(plain(1, null, -1))).omitted()).isNull();
    }

    @Test
    void truncatesDriverNamesToCrdLimit() {
        assertThat(list(List.of(plain(1, "d".repeat(80), -1))).json()).contains("\"" + "d".repeat(64) + "\"");
    }

    @Test
    void replacesCharactersThatTheCrdRejects() {
        PciDevice odd = new PciDevice(
                address(1),
                DeviceType.PCI,
                0x10de,
                0x20b5,
                "030200",
                0,
                "d".repeat(63) + "\ud83d\ude00",
                -1,
                "S\u001b[2J\u202e" + "n".repeat(200),
                null,
                -1,
                null);

        assertThat(list(List.of(odd)).json())
                .contains("\"" + "d".repeat(63) + "?\"", "\"S?[2J?" + "n".repeat(122) + "\"");
    }

    private static SerializedDeviceList list(List<PciDevice> devices) {
        return SerializedDeviceList.serialize(new HostDevices(devices), NOW, new JsonFactory());
    }

    static PciDevice plain(int number, @Nullable String driver, int group) {
        return new PciDevice(
                address(number), DeviceType.PCI, 0x10de, 0x20b5, "030200", 0, driver, group, null, null, -1, null);
    }

    static PciDevice pf(int number, int vfs) {
        PciDevice.Sriov sriov = new PciDevice.Sriov(8, vfs, 0x101e);
        return new PciDevice(
                address(number), DeviceType.PF, 0x15b3, 0x101d, "020000", 0, "mlx5_core", 7, null, null, -1, sriov);
    }

    static PciDevice vf(int number, int index, @Nullable String driver) {
        return new PciDevice(
                address(number), DeviceType.VF, 0x15b3, 0x101e, "020000", 0, driver, -1, null, address(0), index, null);
    }

    private static PciAddress address(int number) {
        return new PciAddress(0, number >> 8, number >> 3 & 31, number & 7);
    }

    @Test
    void publishesHealthOfLimitedNumberOfDevices() throws IOException {
        List<PciDevice> devices = new ArrayList<>();
        Map<PciAddress, HealthStatus> health = new HashMap<>();
        HealthStatus status =
                new HealthStatus(new LinkStatus("16.0 GT/s PCIe", 8, "32.0 GT/s PCIe", 16), 4_294_967_296L, 0L, null);
        for (int i = 0; i <= SerializedDeviceList.MAX_HEALTH_ROWS; i++) {
            devices.add(plain(i, null, -1));
            health.put(address(i), status);
        }
        SerializedDeviceList list =
                SerializedDeviceList.serialize(new HostDevices(devices), health, NOW, new JsonFactory());
        DeviceStatus[] rows = new ObjectMapper().readValue(list.json(), DeviceStatus[].class);
        assertThat(rows[0].health()).isEqualTo(status);
        assertThat(rows[SerializedDeviceList.MAX_HEALTH_ROWS - 1].health()).isEqualTo(status);
        assertThat(rows[SerializedDeviceList.MAX_HEALTH_ROWS].health()).isNull();
        assertThat(list.omitted()).isNull();
        assertThat(list.hash()).isNotEqualTo(list(devices).hash());
    }

    @Test
    void publishesLimitedNumberOfSwitches() {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i <= SerializedDeviceList.MAX_SWITCHES; i++) {
            devices.add(new PciDevice(
                    new PciAddress(0, i / 32, i % 32, 0),
                    DeviceType.PCI,
                    0x10de,
                    0x2330,
                    "030200",
                    0,
                    null,
                    -1,
                    null,
                    null,
                    -1,
                    null,
                    "pci0000:00",
                    new PciAddress(0, 0xfe, 0, 0)));
        }
        SerializedDeviceList all =
                SerializedDeviceList.serialize(new HostDevices(devices), Instant.EPOCH, new JsonFactory());
        assertThat(all.json().split("pcieSwitch", -1)).hasSize(SerializedDeviceList.MAX_SWITCHES + 1);
        assertThat(all.json().split("pcieRoot", -1)).hasSize(SerializedDeviceList.MAX_SWITCHES + 2);
        assertThat(all.omitted()).contains("the PCIe switches of 1 device exceed its limit (256)");
        devices.removeLast();
        assertThat(SerializedDeviceList.serialize(new HostDevices(devices), Instant.EPOCH, new JsonFactory())
                        .omitted())
                .isNull();
    }
}
