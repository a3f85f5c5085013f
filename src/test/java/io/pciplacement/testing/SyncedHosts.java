package io.pciplacement.testing;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.DesiredProvider.Resolved;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Hosts that are in sync with Placement. */
public final class SyncedHosts {

    private SyncedHosts() {}

    /** The uuid of a device's provider. */
    public static UUID provider(String node, String address) {
        return uuid(new ProviderName(node, Devices.at(address)).toString());
    }

    private static UUID uuid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Creates a host.
     *
     * @param root the provider that represents it
     * @param allocations allocations by provider
     */
    public static HostCapacity.Available host(
            String node,
            UUID root,
            HostDevices devices,
            List<NormalizedSpec> specs,
            Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> allocations) {
        SortedMap<PciAddress, ProviderCapacity> providers = new TreeMap<>();
        Resolver.resolve(devices, specs).providers().forEach((address, desired) -> {
            var resolved = (Resolved) desired;
            String name = new ProviderName(node, address).toString();
            ObservedProvider observed = new ObservedProvider(
                    new ResourceProvider(uuid(name), name, root, root, 1),
                    new TreeMap<>(Map.of(
                            resolved.resourceClass(),
                            Inventory.of(resolved.devices().size(), 0))),
                    new TreeSet<>(resolved.traits()),
                    allocations.getOrDefault(uuid(name), Map.of()),
                    resolved.deviceType());
            providers.put(
                    address,
                    ProviderCapacity.combine(address, observed, Optional.of(desired))
                            .orElseThrow());
        });
        return new HostCapacity.Available(node, root, devices, providers, false, HostAttachments.UNKNOWN, Set.of());
    }
}
