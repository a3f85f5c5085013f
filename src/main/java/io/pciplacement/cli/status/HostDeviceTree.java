package io.pciplacement.cli.status;

import io.pciplacement.pci.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One host with its devices, as {@code pci status} tells it.
 *
 * @param ready the condition Ready's status: True, False, Unknown
 * @param unexplained units in Placement whose consumer no PciAllocation names
 */
public record HostDeviceTree(
        String node,
        String rootProvider,
        String reporting,
        String ready,
        String reason,
        String message,
        int deviceCount,
        int tracked,
        int total,
        int used,
        int unexplained,
        List<Device> devices) {

    public HostDeviceTree {
        devices = List.copyOf(devices);
    }

    /** One PCI function; the VFs of a PF are inside it. */
    record Device(
            String address,
            DeviceType type,
            String vendorId,
            String productId,
            @Nullable String vendor,
            @Nullable String product,
            int numaNode,
            @Nullable String driver,
            @Nullable Provider provider,
            List<Holder> holders,
            List<Device> vfs) {

        Device {
            holders = List.copyOf(holders);
            vfs = List.copyOf(vfs);
        }

        /** Whether there is more to say of it than that it is there. */
        boolean matters() {
            return provider != null || !holders.isEmpty() || vfs.stream().anyMatch(Device::matters);
        }
    }

    /** The resource provider named after a device. */
    record Provider(
            String name,
            String state,
            @Nullable String resourceClass,
            List<String> traits,
            int total,
            int reserved,
            int used,
            @Nullable String spec,
            @Nullable DeviceType counts,
            @Nullable String reason,
            @Nullable String message) {

        Provider {
            traits = List.copyOf(traits);
        }
    }

    /** Who has a device, and by which PciAllocation. */
    record Holder(String consumer, String allocation) {}

    /** Without devices of which there is nothing to say. */
    public HostDeviceTree shortened() {
        return new HostDeviceTree(
                node,
                rootProvider,
                reporting,
                ready,
                reason,
                message,
                deviceCount,
                tracked,
                total,
                used,
                unexplained,
                devices.stream().filter(Device::matters).toList());
    }
}
