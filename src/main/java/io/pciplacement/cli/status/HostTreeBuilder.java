package io.pciplacement.cli.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.output.PciIdDatabase;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Trait;
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

/** Makes trees of what objects say. It asks nobody else: what Placement has is as the operator last wrote it down. */
public final class HostTreeBuilder {

    private static final Set<String> MARKS =
            Set.of(Trait.MANAGED_PCI_DEVICE.name(), Trait.OWNER_NOVA.name(), Trait.OPERATOR_MARK.name());

    private final PciIdDatabase ids;
    private final Map<DeviceRef, List<HostDeviceTree.Holder>> holders = new HashMap<>();

    public HostTreeBuilder(ClusterSnapshot world, PciIdDatabase ids) {
        this.ids = ids;
        world.allocations().stream()
                .map(PciAllocationMapper::toDesiredAllocation)
                .forEach(holding -> holding.byConsumer()
                        .forEach((consumer, devices) ->
                                devices.forEach(device -> holders.computeIfAbsent(device, d -> new ArrayList<>())
                                        .add(new HostDeviceTree.Holder(consumer.toString(), holding.name())))));
    }

    /** The ids whose names these hosts need. */
    public static Set<Long> wanted(List<HostPciInventory> hosts) {
        Set<Long> wanted = new HashSet<>();
        for (HostPciInventory host : hosts) {
            for (PciDevice device : StandaloneSync.devices(host).all()) {
                wanted.add((long) device.vendorId());
                wanted.add(PciIdDatabase.key(device.vendorId(), device.productId()));
            }
        }
        return wanted;
    }

    public HostDeviceTree tree(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        HostDevices devices = StandaloneSync.devices(host);
        Map<PciAddress, ProviderStatus> providers = providers(status);
        Map<PciAddress, List<HostDeviceTree.Device>> vfs = new TreeMap<>();
        List<HostDeviceTree.Device> top = new ArrayList<>();
        String node = host.getMetadata().getName();
        for (PciDevice device : devices.all()) {
            PciAddress parent = device.parent();
            if (parent != null && devices.at(parent).isPresent()) {
                vfs.computeIfAbsent(parent, a -> new ArrayList<>())
                        .add(device(node, device, providers.remove(device.address()), List.of()));
            }
        }
        for (PciDevice device : devices.all()) {
            if (device.parent() == null || devices.at(device.parent()).isEmpty()) {
                top.add(device(
                        node,
                        device,
                        providers.remove(device.address()),
                        vfs.getOrDefault(device.address(), List.of())));
            }
        }
        // Somebody may hold what the host no longer shows.
        providers.forEach((address, provider) -> top.add(gone(node, address, provider)));
        Condition ready = ready(status);
        HostPciInventoryStatus.Summary summary = status == null ? null : status.summary();
        return new HostDeviceTree(
                node,
                host.rootProviderName(),
                reporting(host),
                ready == null ? "Unknown" : ready.getStatus(),
                ready == null ? "NotYet" : ready.getReason(),
                ready == null ? "The operator has not looked at this host yet." : ready.getMessage(),
                devices.size(),
                summary == null ? 0 : summary.tracked(),
                summary == null ? 0 : summary.total(),
                summary == null ? 0 : summary.used(),
                summary == null || summary.unaccounted() == null ? 0 : summary.unaccounted(),
                top);
    }

    private static String reporting(HostPciInventory host) {
        if (host.getSpec() == null || host.getSpec().reporting() != HostPciInventorySpec.ReportingMode.ENABLED) {
            return "Disabled";
        }
        return Boolean.TRUE.equals(host.getSpec().paused()) ? "Paused" : "Enabled";
    }

    private static @Nullable Condition ready(@Nullable HostPciInventoryStatus status) {
        return status == null || status.conditions() == null
                ? null
                : status.conditions().stream()
                        .filter(condition -> ConditionType.READY.equals(condition.getType()))
                        .findFirst()
                        .orElse(null);
    }

    private static Map<PciAddress, ProviderStatus> providers(@Nullable HostPciInventoryStatus status) {
        Map<PciAddress, ProviderStatus> providers = new TreeMap<>();
        if (status != null && status.providers() != null) {
            for (ProviderStatus provider : status.providers()) {
                PciAddress.parse(provider.name().substring(provider.name().lastIndexOf('_') + 1))
                        .ifPresent(address -> providers.put(address, provider));
            }
        }
        return providers;
    }

    private HostDeviceTree.Device device(
            String node, PciDevice device, @Nullable ProviderStatus provider, List<HostDeviceTree.Device> vfs) {
        return new HostDeviceTree.Device(
                device.address().toString(),
                device.type(),
                PciDevice.hexId(device.vendorId()),
                PciDevice.hexId(device.productId()),
                ids.vendor(device.vendorId()),
                ids.product(device.vendorId(), device.productId()),
                device.numaNode(),
                device.driver(),
                provider == null ? null : provider(provider),
                holders.getOrDefault(new DeviceRef(node, device.address()), List.of()),
                vfs);
    }

    private HostDeviceTree.Device gone(String node, PciAddress address, ProviderStatus provider) {
        HostPciInventoryStatus.DeviceIdentityStatus identity = provider.deviceIdentity();
        return new HostDeviceTree.Device(
                address.toString(),
                Objects.requireNonNullElse(provider.deviceType(), DeviceType.PCI),
                identity == null ? "????" : identity.vendorId(),
                identity == null ? "????" : Objects.requireNonNullElse(identity.productId(), "????"),
                null,
                "not on this host any more",
                -1,
                null,
                provider(provider),
                holders.getOrDefault(new DeviceRef(node, address), List.of()),
                List.of());
    }

    private static HostDeviceTree.Provider provider(ProviderStatus provider) {
        return new HostDeviceTree.Provider(
                provider.name(),
                provider.state().value(),
                provider.resourceClass(),
                Objects.requireNonNullElse(provider.traits(), List.<String>of()).stream()
                        .filter(trait -> !MARKS.contains(trait))
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
