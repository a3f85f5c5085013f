package io.pciplacement.pci;

import static io.pciplacement.testing.Devices.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests which devices and hosts are evaluated together: selectors must not be able to distinguish them. */
class HostDevicesTest {

    private static final String FIRST = "0000:81:00.1";
    private static final String SECOND = "0000:81:00.2";
    private static final String PF = "0000:81:00.0";

    private static PciDevice device(
            String address,
            DeviceType type,
            int vendorId,
            int productId,
            @Nullable String serialNumber,
            @Nullable String parent) {
        return new PciDevice(
                at(address),
                type,
                vendorId,
                productId,
                "020000",
                0,
                null,
                -1,
                serialNumber,
                parent == null ? null : at(parent),
                0,
                null);
    }

    private static PciDevice vf(String address) {
        return device(address, DeviceType.VF, 0x8086, 0x1515, "serial", PF);
    }

    static Stream<Arguments> others() {
        return Stream.of(
                arguments("bus", device("0000:82:00.2", DeviceType.VF, 0x8086, 0x1515, "serial", PF)),
                arguments("domain", device("0001:81:00.2", DeviceType.VF, 0x8086, 0x1515, "serial", PF)),
                arguments("vendor", device(SECOND, DeviceType.VF, 0x8087, 0x1515, "serial", PF)),
                arguments("product", device(SECOND, DeviceType.VF, 0x8086, 0x1516, "serial", PF)),
                arguments("parent", device(SECOND, DeviceType.VF, 0x8086, 0x1515, "serial", "0000:81:00.7")),
                arguments("serial number", device(SECOND, DeviceType.VF, 0x8086, 0x1515, "other", PF)));
    }

    @Test
    void vfsOfOneCardAreOneGroup() {
        HostDevices host = new HostDevices(List.of(vf(FIRST), vf(SECOND), vf("0000:81:1f.7")));
        assertThat(host.deviceGroups())
                .extracting(DeviceGroup::devices)
                .containsExactly(List.of(vf(FIRST), vf(SECOND), vf("0000:81:1f.7")));
        assertThat(HostDevices.NONE.deviceGroups()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void devicesWithAnotherAttributeAreAnotherGroup(String attribute, PciDevice other) {
        assertThat(new HostDevices(List.of(vf(FIRST), other)).deviceGroups())
                .extracting(DeviceGroup::firstDevice)
                .containsExactlyInAnyOrder(vf(FIRST), other);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void hostsWithAnotherAttributeHaveAnotherFingerprint(String attribute, PciDevice other) {
        DeviceFingerprint fingerprint = new HostDevices(List.of(vf(FIRST), vf(SECOND))).fingerprint();
        DeviceFingerprint changed = new HostDevices(List.of(vf(FIRST), other)).fingerprint();
        if (attribute.equals("serial number")) {
            assertThat(changed).isEqualTo(fingerprint).hasSameHashCodeAs(fingerprint);
        } else {
            assertThat(changed).isNotEqualTo(fingerprint);
        }
    }

    @Test
    void typeDistinguishesDevicesAndHosts() {
        PciDevice plain = device(FIRST, DeviceType.PCI, 0x8086, 0x1533, null, null);
        PciDevice pf = device(SECOND, DeviceType.PF, 0x8086, 0x1533, null, null);
        assertThat(new HostDevices(List.of(plain, pf)).deviceGroups()).hasSize(2);
        assertThat(new HostDevices(List.of(pf)).fingerprint())
                .isNotEqualTo(new HostDevices(List.of(device(SECOND, DeviceType.PCI, 0x8086, 0x1533, null, null)))
                        .fingerprint());
    }

    @Test
    void hostsWithOtherDevicesHaveAnotherFingerprint() {
        DeviceFingerprint fingerprint = new HostDevices(List.of(vf(FIRST), vf(SECOND))).fingerprint();
        assertThat(new HostDevices(List.of(vf(SECOND), vf(FIRST))).fingerprint())
                .isEqualTo(fingerprint);
        assertThat(new HostDevices(List.of(vf(FIRST))).fingerprint()).isNotEqualTo(fingerprint);
        assertThat(new HostDevices(List.of(vf(FIRST), vf("0000:81:00.3"))).fingerprint())
                .isNotEqualTo(fingerprint);
    }

    private static DeviceFingerprint fingerprint(int firstProduct, int secondProduct) {
        return new HostDevices(List.of(
                        device(FIRST, DeviceType.PCI, 0x8086, firstProduct, null, null),
                        device(SECOND, DeviceType.PCI, 0x8086, secondProduct, null, null)))
                .fingerprint();
    }

    @Test
    void hostsWithEqualHashAreNotEqual() {
        DeviceFingerprint fingerprint = fingerprint(0x1000, 0x1515);
        DeviceFingerprint colliding = fingerprint(0x1001, 0x1515 - 31 * 31);
        assertThat(colliding).hasSameHashCodeAs(fingerprint).isNotEqualTo(fingerprint);
    }

    @Test
    void dependentDevicesAreThePfAndTheVfs() {
        HostDevices devices = new Devices().plain(0).pfWithVfs(1, 2).build();
        PciAddress plain = at("0000:81:00.0");
        PciAddress pf = at("0000:81:01.0");
        PciAddress vf = at("0000:81:01.1");
        PciAddress otherVf = at("0000:81:01.2");
        assertThat(devices.withDependentDevices(Set.of(plain))).containsExactly(plain);
        assertThat(devices.withDependentDevices(Set.of(vf))).containsExactlyInAnyOrder(vf, pf);
        assertThat(devices.withDependentDevices(Set.of(pf))).containsExactlyInAnyOrder(pf, vf, otherVf);
        assertThat(devices.withDependentDevices(Set.of())).isEmpty();
    }
}
