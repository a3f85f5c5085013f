package io.pciplacement.cli.status;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DegradedDevice;
import io.pciplacement.cli.output.AttachedServerOutput;
import io.pciplacement.cli.output.DrainOutput;
import io.pciplacement.cli.output.QuarantinedDeviceOutput;
import io.pciplacement.cli.output.ReportingState;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One host with its devices, as shown by {@code pci status}.
 *
 * @param ready status of the condition Ready: True, False or Unknown
 * @param quarantined entries of spec.quarantine with their state
 * @param drain state of a host with spec.drain; null without it
 * @param unaccounted units in Placement that are allocated to consumers without a PciAllocation
 */
public record HostDeviceTree(
        String node,
        String rootProvider,
        ReportingState reporting,
        String ready,
        String reason,
        String message,
        int deviceCount,
        int tracked,
        int total,
        int used,
        int unaccounted,
        List<QuarantinedDeviceOutput> quarantined,
        @Nullable DrainOutput drain,
        List<Device> devices) {

    public HostDeviceTree {
        quarantined = List.copyOf(quarantined);
        devices = List.copyOf(devices);
    }

    /** One PCI function; a PF contains its VFs. */
    record Device(
            String address,
            DeviceType type,
            String vendorId,
            String productId,
            @Nullable String vendor,
            @Nullable String product,
            int numaNode,
            @Nullable String pcieRoot,
            @Nullable String pcieSwitch,
            @Nullable String driver,
            @Nullable HealthStatus health,
            @Nullable Provider provider,
            List<Holder> holders,
            List<AttachedServerOutput> servers,
            List<Device> vfs) {

        Device {
            holders = List.copyOf(holders);
            servers = List.copyOf(servers);
            vfs = List.copyOf(vfs);
        }

        /** The degradation of the device, if its health is known and it has one. */
        Optional<DegradedDevice> degradation() {
            return health == null ? Optional.empty() : DeviceDegradation.evaluate(address, health);
        }

        /** Whether the device or one of its VFs has a provider, a consumer or a server, or is degraded. */
        boolean hasDetails() {
            return provider != null
                    || degradation().isPresent()
                    || !holders.isEmpty()
                    || !servers.isEmpty()
                    || vfs.stream().anyMatch(Device::hasDetails);
        }
    }

    /** Resource provider that is named after a device. */
    record Provider(
            String name,
            String state,
            @Nullable String resourceClass,
            List<String> traits,
            int total,
            int reserved,
            int used,
            @Nullable String spec,
            @Nullable DeviceType deviceType,
            @Nullable String reason,
            @Nullable String message) {

        Provider {
            traits = List.copyOf(traits);
        }
    }

    /** Consumer of a device, and its PciAllocation. */
    record Holder(String consumer, String allocation) {}

    /** This tree without devices that have neither a provider nor a consumer nor a server and are not degraded. */
    public HostDeviceTree withoutPlainDevices() {
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
                unaccounted,
                quarantined,
                drain,
                devices.stream().filter(Device::hasDetails).toList());
    }
}
