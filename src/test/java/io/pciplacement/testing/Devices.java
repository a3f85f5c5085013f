package io.pciplacement.testing;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hosts for tests, as Nova's functional tests have them: vendor 8086, plain 1533, PF 1528, VF 1515, on bus 81. */
public final class Devices {

    public static final int VENDOR = 0x8086;
    public static final int PCI = 0x1533;
    public static final int PF = 0x1528;
    public static final int VF = 0x1515;

    private final List<PciDevice> devices = new ArrayList<>();
    private @Nullable String serialNumber;

    public static PciAddress at(String text) {
        return PciAddress.parse(text).orElseThrow();
    }

    public static PciDevice pci(String address) {
        return device(address, DeviceType.PCI, PCI, null, -1, null);
    }

    public static PciDevice pf(String address) {
        return device(address, DeviceType.PF, PF, null, -1, new PciDevice.Sriov(8, 0, VF));
    }

    public static PciDevice vf(String address, String parent) {
        return device(address, DeviceType.VF, VF, parent, 0, null);
    }

    private static PciDevice device(
            String address, DeviceType type, int product, String parent, int index, PciDevice.Sriov sriov) {
        return new PciDevice(
                at(address),
                type,
                VENDOR,
                product,
                "020000",
                0,
                null,
                -1,
                null,
                parent == null ? null : at(parent),
                index,
                sriov);
    }

    public static HostDevices host(PciDevice... devices) {
        return new HostDevices(List.of(devices));
    }

    /** A PF in a slot of bus 81, with its VFs as further functions. */
    public Devices pfWithVfs(int slot, int vfs) {
        String base = "0000:81:%02x.".formatted(slot);
        devices.add(pf(base + "0"));
        for (int i = 1; i <= vfs; i++) {
            devices.add(vf(base + i, base + "0"));
        }
        return this;
    }

    /** A plain device in a slot of bus 81. */
    public Devices plain(int slot) {
        devices.add(pci("0000:81:%02x.0".formatted(slot)));
        return this;
    }

    public Devices with(HostDevices host) {
        devices.addAll(host.devices());
        return this;
    }

    /** The serial number of all cards that have been added. */
    public Devices serialNumber(String value) {
        serialNumber = value;
        return this;
    }

    public HostDevices build() {
        return new HostDevices(
                devices.stream().map(device -> with(device, serialNumber)).toList());
    }

    private static PciDevice with(PciDevice device, @Nullable String serialNumber) {
        return new PciDevice(
                device.address(),
                device.type(),
                device.vendorId(),
                device.productId(),
                device.classCode(),
                device.numaNode(),
                device.driver(),
                device.iommuGroup(),
                serialNumber,
                device.parent(),
                device.vfIndex(),
                device.sriov(),
                device.pcieRoot(),
                device.pcieSwitch());
    }
}
