package io.pciplacement.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Translates a rejected allocation write into a problem, naming hosts and devices if possible. */
final class RejectedWriteAnalyzer {

    private final ProviderCache providerCache;
    private final AllocationWriter writer;

    RejectedWriteAnalyzer(ProviderCache providerCache, AllocationWriter writer) {
        this.providerCache = providerCache;
        this.writer = writer;
    }

    AllocationProblem explainRejection(
            PlacementException e,
            DesiredAllocation desired,
            Map<String, HostCapacity> hosts,
            List<AllocationDelta> deltas) {
        AllocationProblem rejected = new AllocationProblem.RejectedByPlacement(String.valueOf(e.getMessage()));
        if (!(e instanceof PlacementException.CapacityExceeded)) {
            return rejected;
        }
        for (AllocationDelta delta : deltas) {
            if (delta.desired() > delta.actual()) {
                writer.refreshAllocations(delta.providerUuid());
                Optional<AllocationProblem> fullProvider = findFullProvider(delta, desired, hosts);
                if (fullProvider.isPresent()) {
                    return fullProvider.get();
                }
            }
        }
        return rejected;
    }

    private Optional<AllocationProblem> findFullProvider(
            AllocationDelta delta, DesiredAllocation desired, Map<String, HostCapacity> hosts) {
        ObservedProvider observed = providerCache
                .findEntry(delta.providerUuid())
                .map(CachedProvider::observed)
                .orElse(null);
        ResourceClass resourceClass = delta.resourceClass();
        Inventory inventory = observed == null ? null : observed.inventories().get(resourceClass);
        if (observed == null
                || inventory == null
                || inventory.total() - inventory.reserved() - observed.usedUnits(resourceClass)
                        >= delta.desired() - delta.actual()) {
            return Optional.empty();
        }
        Map<UUID, Integer> consumers = new TreeMap<>();
        observed.allocations().forEach((consumer, amounts) -> {
            if (amounts.containsKey(resourceClass)) {
                consumers.put(consumer, amounts.get(resourceClass));
            }
        });
        for (HostCapacity host : hosts.values()) {
            if (host instanceof HostCapacity.Available available
                    && available.findProvider(delta.providerUuid()).isPresent()) {
                return Optional.of(new AllocationProblem.ProviderFull(
                        available.node(),
                        delta.provider(),
                        resourceClass,
                        devicesOfProvider(
                                available,
                                available.findProvider(delta.providerUuid()).get(),
                                desired,
                                delta.consumer()),
                        "%d %s (%d reserved)".formatted(inventory.total(), resourceClass, inventory.reserved()),
                        consumers,
                        delta.consumer(),
                        delta.desired()));
            }
        }
        return Optional.empty();
    }

    private static List<PciAddress> devicesOfProvider(
            HostCapacity.Available host, ProviderCapacity provider, DesiredAllocation desired, UUID consumer) {
        return desired.devicesByConsumer().getOrDefault(consumer, List.of()).stream()
                .filter(device -> device.node().equals(host.node()))
                .map(DeviceRef::address)
                .filter(address -> host.devices()
                        .findDevice(address)
                        .filter(device -> device.providerAddress().equals(provider.address()))
                        .isPresent())
                .toList();
    }
}
