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

/**
 * Mapper between the device list of a status and the device model. VFs are nested in their PF and shared fields are
 * written once, which keeps the list small.
 */
public final class DeviceListMapper {

    private DeviceListMapper() {}

    /** The list as published: ordered by address, VFs nested in their PF, shared fields written once. */
    public static List<DeviceStatus> toDeviceStatuses(HostDevices devices) {
        Map<PciAddress, List<PciDevice>> vfs = new HashMap<>();
        for (PciDevice device : devices.devices()) {
            PciAddress parent = device.parent();
            if (parent != null && isNestable(device, devices)) {
                vfs.computeIfAbsent(parent, a -> new ArrayList<>()).add(device);
            }
        }
        List<DeviceStatus> list = new ArrayList<>();
        for (PciDevice device : devices.devices()) {
            if (device.parent() == null || !isNestable(device, devices)) {
                list.add(toDeviceStatus(device, vfs.getOrDefault(device.address(), List.of())));
            }
        }
        return list;
    }

    /** Whether a VF's ids, NUMA node and PCIe topology follow from its PF, so that it can be nested in it. */
    private static boolean isNestable(PciDevice vf, HostDevices devices) {
        PciAddress parent = Objects.requireNonNull(vf.parent());
        return devices.findDevice(parent)
                .filter(pf -> pf.sriov() != null
                        && pf.vendorId() == vf.vendorId()
                        && pf.sriov().vfProductId() == vf.productId()
                        && pf.numaNode() == vf.numaNode()
                        && Objects.equals(pf.pcieRoot(), vf.pcieRoot())
                        && Objects.equals(pf.pcieSwitch(), vf.pcieSwitch()))
                .isPresent();
    }

    private static DeviceStatus toDeviceStatus(PciDevice device, List<PciDevice> vfs) {
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
                device.pcieRoot(),
                device.pcieSwitch() == null ? null : device.pcieSwitch().toString(),
                parent == null ? null : parent.toString(),
                sriov == null ? null : toSriovStatus(sriov, vfs),
                null);
    }

    private static SriovStatus toSriovStatus(PciDevice.Sriov sriov, List<PciDevice> vfs) {
        String common = findCommonDriver(vfs);
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

    /** Marks a VF without a driver, as opposed to one with the common driver. */
    private static final String NO_DRIVER = "";

    private static @Nullable String findCommonDriver(List<PciDevice> vfs) {
        Map<String, Integer> counts = new TreeMap<>();
        for (PciDevice vf : vfs) {
            if (vf.driver() != null) {
                counts.merge(vf.driver(), 1, Integer::sum);
            }
        }
        String common = null;
        for (Map.Entry<String, Integer> entry : counts.entrySet()) {
            // If two are equally common, the first by name.
            if (common == null || entry.getValue() > counts.getOrDefault(common, 0)) {
                common = entry.getKey();
            }
        }
        return common;
    }

    /**
     * The devices of a published list. Entries that cannot be parsed, for example with an address outside the PCI
     * ranges, are skipped: the list may have been written by another version of the agent.
     */
    public static HostDevices toHostDevices(@Nullable List<DeviceStatus> list) {
        if (list == null) {
            return HostDevices.NONE;
        }
        List<PciDevice> devices = new ArrayList<>();
        for (DeviceStatus status : list) {
            PciAddress.parse(status.address()).ifPresent(address -> addDevice(devices, address, status));
        }
        return new HostDevices(devices);
    }

    private static void addDevice(List<PciDevice> devices, PciAddress address, DeviceStatus status) {
        PciAddress parent = status.parentAddress() == null
                ? null
                : PciAddress.parse(status.parentAddress()).orElse(null);
        if ((status.type() == DeviceType.VF) != (parent != null)) {
            return;
        }
        SriovStatus sriov = status.sriov();
        int vendorId = parseId(status.vendorId());
        int vfProductId = sriov == null || sriov.vfProductId() == null ? -1 : parseId(sriov.vfProductId());
        PciDevice device = new PciDevice(
                address,
                status.type(),
                vendorId,
                parseId(status.productId()),
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
                                vfProductId),
                status.pcieRoot(),
                status.pcieSwitch() == null
                        ? null
                        : PciAddress.parse(status.pcieSwitch()).orElse(null));
        devices.add(device);
        if (sriov != null && sriov.vfs() != null) {
            for (VfStatus vf : sriov.vfs()) {
                PciAddress.parse(vf.address())
                        .ifPresent(vfAddress ->
                                devices.add(toVirtualFunction(vfAddress, vf, device, vfProductId, sriov.vfDriver())));
            }
        }
    }

    private static PciDevice toVirtualFunction(
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
                null,
                pf.pcieRoot(),
                pf.pcieSwitch());
    }

    private static int parseId(String hex) {
        try {
            return Integer.parseInt(hex, 16) & 0xffff;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
