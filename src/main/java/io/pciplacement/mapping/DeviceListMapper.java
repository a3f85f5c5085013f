package io.pciplacement.mapping;

import static io.pciplacement.pci.PciDevice.formatId;

import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.SriovStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.VfStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The device list of a status, to and from the device model. Nesting and shared fields keep it small. */
public final class DeviceListMapper {

    private DeviceListMapper() {}

    /** The list as it is published: by address, VFs inside their PF, what they share said once. */
    public static List<DeviceStatus> of(HostDevices devices) {
        Map<PciAddress, List<PciDevice>> vfs = new HashMap<>();
        for (PciDevice device : devices.devices()) {
            PciAddress parent = device.parent();
            if (parent != null && fitsInto(device, devices)) {
                vfs.computeIfAbsent(parent, a -> new ArrayList<>()).add(device);
            }
        }
        List<DeviceStatus> list = new ArrayList<>();
        for (PciDevice device : devices.devices()) {
            if (device.parent() == null || !fitsInto(device, devices)) {
                list.add(status(device, vfs.getOrDefault(device.address(), List.of())));
            }
        }
        return list;
    }

    /** Whether a VF can be told by its PF's vendor and VF product id. */
    private static boolean fitsInto(PciDevice vf, HostDevices devices) {
        PciAddress parent = Objects.requireNonNull(vf.parent());
        return devices.findDevice(parent)
                .filter(pf -> pf.sriov() != null
                        && pf.vendorId() == vf.vendorId()
                        && pf.sriov().vfProductId() == vf.productId()
                        && pf.numaNode() == vf.numaNode())
                .isPresent();
    }

    private static DeviceStatus status(PciDevice device, List<PciDevice> vfs) {
        PciDevice.Sriov sriov = device.sriov();
        PciAddress parent = device.parent();
        return new DeviceStatus(
                device.address().toString(),
                device.type(),
                formatId(device.vendorId()),
                formatId(device.productId()),
                device.classCode().isEmpty() ? null : device.classCode(),
                device.numaNode() < 0 ? null : device.numaNode(),
                device.driver(),
                device.iommuGroup() < 0 ? null : device.iommuGroup(),
                device.serialNumber(),
                parent == null ? null : parent.toString(),
                sriov == null ? null : sriovStatus(sriov, vfs));
    }

    private static SriovStatus sriovStatus(PciDevice.Sriov sriov, List<PciDevice> vfs) {
        String common = commonDriver(vfs);
        List<PciDevice> ordered = new ArrayList<>(vfs);
        ordered.sort(Comparator.comparingInt(PciDevice::vfIndex));
        List<VfStatus> list = new ArrayList<>(ordered.size());
        for (PciDevice vf : ordered) {
            String driver =
                    Objects.equals(vf.driver(), common) ? null : Objects.requireNonNullElse(vf.driver(), NO_DRIVER);
            list.add(new VfStatus(vf.address().toString(), vf.vfIndex(), driver));
        }
        return new SriovStatus(
                sriov.totalVfs(),
                sriov.numVfs(),
                sriov.vfProductId() < 0 ? null : formatId(sriov.vfProductId()),
                common,
                list.isEmpty() ? null : list);
    }

    /** How a VF without a driver is told from one that has the common driver. */
    private static final String NO_DRIVER = "";

    private static @Nullable String commonDriver(List<PciDevice> vfs) {
        Map<String, Integer> counts = new TreeMap<>();
        for (PciDevice vf : vfs) {
            if (vf.driver() != null) {
                counts.merge(vf.driver(), 1, Integer::sum);
            }
        }
        String common = null;
        for (Map.Entry<String, Integer> entry : counts.entrySet()) {
            // Of two that are as common, the first by name.
            if (common == null || entry.getValue() > counts.getOrDefault(common, 0)) {
                common = entry.getKey();
            }
        }
        return common;
    }

    /**
     * The devices that a published list tells. What cannot be read (an address outside PCI's ranges, say) is left out:
     * a list may have been written by another version of the agent.
     */
    public static HostDevices devices(@Nullable List<DeviceStatus> list) {
        if (list == null) {
            return HostDevices.NONE;
        }
        List<PciDevice> devices = new ArrayList<>();
        for (DeviceStatus status : list) {
            PciAddress.parse(status.address()).ifPresent(address -> add(devices, address, status));
        }
        return new HostDevices(devices);
    }

    private static void add(List<PciDevice> devices, PciAddress address, DeviceStatus status) {
        PciAddress parent = status.parentAddress() == null
                ? null
                : PciAddress.parse(status.parentAddress()).orElse(null);
        if ((status.type() == DeviceType.VF) != (parent != null)) {
            return;
        }
        SriovStatus sriov = status.sriov();
        int vendorId = id(status.vendorId());
        int vfProductId = sriov == null || sriov.vfProductId() == null ? -1 : id(sriov.vfProductId());
        PciDevice device = new PciDevice(
                address,
                status.type(),
                vendorId,
                id(status.productId()),
                status.classCode() == null ? "" : status.classCode(),
                status.numaNode() == null ? -1 : status.numaNode(),
                status.driver(),
                status.iommuGroup() == null ? -1 : status.iommuGroup(),
                status.serialNumber(),
                parent,
                -1,
                sriov == null
                        ? null
                        : new PciDevice.Sriov(
                                sriov.totalVfs() == null ? 0 : sriov.totalVfs(),
                                sriov.numVfs() == null ? 0 : sriov.numVfs(),
                                vfProductId));
        devices.add(device);
        if (sriov != null && sriov.vfs() != null) {
            for (VfStatus vf : sriov.vfs()) {
                PciAddress.parse(vf.address())
                        .ifPresent(vfAddress -> devices.add(vf(vfAddress, vf, device, vfProductId, sriov.vfDriver())));
            }
        }
    }

    private static PciDevice vf(
            PciAddress address, VfStatus vf, PciDevice pf, int productId, @Nullable String commonDriver) {
        String driver = vf.driver() == null ? commonDriver : vf.driver().equals(NO_DRIVER) ? null : vf.driver();
        return new PciDevice(
                address,
                DeviceType.VF,
                pf.vendorId(),
                productId < 0 ? pf.productId() : productId,
                pf.classCode(),
                pf.numaNode(),
                driver,
                -1,
                pf.serialNumber(),
                pf.address(),
                vf.index(),
                null);
    }

    private static int id(String hex) {
        try {
            return Integer.parseInt(hex, 16) & 0xffff;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
