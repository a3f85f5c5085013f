package io.pciplacement.testing;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Hosts whose devices are in Placement, just as the specs want them. */
public final class SyncedHosts {

    private SyncedHosts() {}

    /** The uuid of a device's provider. */
    public static UUID provider(String node, String address) {
        return uuid(node + "_" + address);
    }

    private static UUID uuid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A host.
     *
     * @param root the provider that stands for it
     * @param allocations who has what, by provider
     */
    public static HostCapacity.Available host(
            String node,
            UUID root,
            HostDevices devices,
            List<NormalizedSpec> specs,
            Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> allocations) {
        SortedMap<PciAddress, ProviderCapacity> providers = new TreeMap<>();
        Resolver.resolve(devices, specs).providers().forEach((address, plan) -> {
            var wanted = (Resolved) plan;
            String name = node + "_" + address;
            ObservedProvider view = new ObservedProvider(
                    new ResourceProvider(uuid(name), name, root, root, 1),
                    new TreeMap<>(Map.of(
                            wanted.resourceClass(),
                            Inventory.of(wanted.devices().size(), 0))),
                    new TreeSet<>(wanted.traits()),
                    allocations.getOrDefault(uuid(name), Map.of()),
                    wanted.deviceType());
            providers.put(
                    address,
                    ProviderCapacity.of(address, view, Optional.of(plan)).orElseThrow());
        });
        return new HostCapacity.Available(node, root, devices, providers);
    }
}
