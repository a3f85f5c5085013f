package io.pciplacement.cli.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.output.AttachedServerOutput;
import io.pciplacement.cli.output.DrainOutput;
import io.pciplacement.cli.output.PciIdDatabase;
import io.pciplacement.cli.output.QuarantinedDeviceOutput;
import io.pciplacement.cli.output.ReportingState;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builder of trees from the objects only; the state of Placement is the one that the operator last recorded. */
public final class HostTreeBuilder {

    private final PciIdDatabase ids;
    private final Map<DeviceRef, List<HostDeviceTree.Holder>> holders = new HashMap<>();

    public HostTreeBuilder(ClusterSnapshot cluster, PciIdDatabase ids) {
        this.ids = ids;
        cluster.allocations().stream()
                .map(PciAllocationMapper::toDesiredAllocation)
                .forEach(desired -> desired.devicesByConsumer()
                        .forEach((consumer, devices) ->
                                devices.forEach(device -> holders.computeIfAbsent(device, d -> new ArrayList<>())
                                        .add(new HostDeviceTree.Holder(consumer.toString(), desired.name())))));
    }

    /** Keys of the vendors and products of these hosts. */
    public static Set<Long> requiredPciIds(List<HostPciInventory> hosts) {
        Set<Long> required = new HashSet<>();
        for (HostPciInventory host : hosts) {
            for (PciDevice device : StandaloneSync.devicesOfHost(host).devices()) {
                required.add((long) device.vendorId());
                required.add(PciIdDatabase.productKey(device.vendorId(), device.productId()));
            }
        }
        return required;
    }

    public HostDeviceTree buildTree(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        HostDevices devices = StandaloneSync.devicesOfHost(host);
        HostAttachments attachments = AttachmentMapper.toAttachments(host);
        Map<PciAddress, ProviderStatus> providers = providersByAddress(status);
        Map<String, HealthStatus> health = DeviceDegradation.healthByAddress(status);
        Map<PciAddress, List<HostDeviceTree.Device>> vfs = new TreeMap<>();
        List<HostDeviceTree.Device> top = new ArrayList<>();
        String node = host.getMetadata().getName();
        for (PciDevice device : devices.devices()) {
            PciAddress parent = device.parent();
            if (parent != null && devices.findDevice(parent).isPresent()) {
                vfs.computeIfAbsent(parent, a -> new ArrayList<>())
                        .add(buildDevice(
                                node, device, providers.remove(device.address()), attachments, List.of(), health));
            }
        }
        for (PciDevice device : devices.devices()) {
            if (device.parent() == null || devices.findDevice(device.parent()).isEmpty()) {
                top.add(buildDevice(
                        node,
                        device,
                        providers.remove(device.address()),
                        attachments,
                        vfs.getOrDefault(device.address(), List.of()),
                        health));
            }
        }
        // Providers of devices that the host no longer has may still be in use.
        providers.forEach((address, provider) -> top.add(buildAbsentDevice(node, address, provider, attachments)));
        Condition ready = host.findCondition(ConditionType.READY).orElse(null);
        HostPciInventoryStatus.Summary summary = status == null ? null : status.summary();
        return new HostDeviceTree(
                node,
                host.rootProviderName(),
                ReportingState.forHost(host),
                ready == null ? "Unknown" : ready.getStatus(),
                ready == null ? "NotYet" : ready.getReason(),
                ready == null ? "The operator has not synced this host yet." : ready.getMessage(),
                devices.size(),
                summary == null ? 0 : summary.tracked(),
                summary == null ? 0 : summary.total(),
                summary == null ? 0 : summary.used(),
                summary == null || summary.unaccounted() == null ? 0 : summary.unaccounted(),
                QuarantinedDeviceOutput.listOf(host),
                DrainOutput.of(host),
                top);
    }

    private static Map<PciAddress, ProviderStatus> providersByAddress(@Nullable HostPciInventoryStatus status) {
        Map<PciAddress, ProviderStatus> providers = new TreeMap<>();
        if (status != null && status.providers() != null) {
            for (ProviderStatus provider : status.providers()) {
                ProviderName.parse(provider.name()).ifPresent(name -> providers.put(name.address(), provider));
            }
        }
        return providers;
    }

    private HostDeviceTree.Device buildDevice(
            String node,
            PciDevice device,
            @Nullable ProviderStatus provider,
            HostAttachments attachments,
            List<HostDeviceTree.Device> vfs,
            Map<String, HealthStatus> health) {
        return new HostDeviceTree.Device(
                device.address().toString(),
                device.type(),
                PciDevice.formatId(device.vendorId()),
                PciDevice.formatId(device.productId()),
                ids.vendorName(device.vendorId()),
                ids.productName(device.vendorId(), device.productId()),
                device.numaNode(),
                device.pcieRoot(),
                device.pcieSwitch() == null ? null : device.pcieSwitch().toString(),
                device.driver(),
                health.get(device.address().toString()),
                provider == null ? null : buildProvider(provider),
                holders.getOrDefault(new DeviceRef(node, device.address()), List.of()),
                AttachedServerOutput.of(attachments, device.address()),
                vfs);
    }

    private HostDeviceTree.Device buildAbsentDevice(
            String node, PciAddress address, ProviderStatus provider, HostAttachments attachments) {
        HostPciInventoryStatus.DeviceIdentityStatus identity = provider.deviceIdentity();
        return new HostDeviceTree.Device(
                address.toString(),
                Objects.requireNonNullElse(provider.deviceType(), DeviceType.PCI),
                identity == null ? "????" : identity.vendorId(),
                identity == null ? "????" : Objects.requireNonNullElse(identity.productId(), "????"),
                null,
                "no longer on this host",
                -1,
                null,
                null,
                null,
                null,
                buildProvider(provider),
                holders.getOrDefault(new DeviceRef(node, address), List.of()),
                AttachedServerOutput.of(attachments, address),
                List.of());
    }

    private static HostDeviceTree.Provider buildProvider(ProviderStatus provider) {
        return new HostDeviceTree.Provider(
                provider.name(),
                provider.state().value(),
                provider.resourceClass(),
                Objects.requireNonNullElse(provider.traits(), List.<String>of()).stream()
                        .filter(trait -> !OwnershipTraits.isOwnershipTrait(trait))
                        .toList(),
                Objects.requireNonNullElse(provider.total(), 0),
                Objects.requireNonNullElse(provider.reserved(), 0),
                Objects.requireNonNullElse(provider.used(), 0),
                provider.deviceSpec(),
                provider.deviceType(),
                provider.reason(),
                provider.message());
    }
}
