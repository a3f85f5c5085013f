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
import io.pciplacement.sync.cache.ProviderCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Tells why Placement did not take an allocation, in terms of hosts and devices where that can be found out. */
final class RejectedWriteAnalyzer {

    private final ProviderCache mirror;
    private final AllocationWriter writer;

    RejectedWriteAnalyzer(ProviderCache mirror, AllocationWriter writer) {
        this.mirror = mirror;
        this.writer = writer;
    }

    AllocationProblem of(
            PlacementException e,
            DesiredAllocation holding,
            Map<String, HostCapacity> hosts,
            List<AllocationDelta> amounts) {
        AllocationProblem refused = new AllocationProblem.RejectedByPlacement(String.valueOf(e.getMessage()));
        if (!(e instanceof PlacementException.CapacityExceeded)) {
            return refused;
        }
        for (AllocationDelta amount : amounts) {
            if (amount.desired() > amount.actual()) {
                writer.readAgain(amount.providerUuid());
                Optional<AllocationProblem> full = full(amount, holding, hosts);
                if (full.isPresent()) {
                    return full.get();
                }
            }
        }
        return refused;
    }

    private Optional<AllocationProblem> full(
            AllocationDelta amount, DesiredAllocation holding, Map<String, HostCapacity> hosts) {
        ObservedProvider view =
                mirror.get(amount.providerUuid()).map(ProviderCache.Entry::view).orElse(null);
        ResourceClass resourceClass = amount.resourceClass();
        Inventory inventory = view == null ? null : view.inventories().get(resourceClass);
        if (view == null
                || inventory == null
                || inventory.total() - inventory.reserved() - view.usedUnits(resourceClass)
                        >= amount.desired() - amount.actual()) {
            return Optional.empty();
        }
        Map<UUID, Integer> consumers = new TreeMap<>();
        view.allocations().forEach((consumer, amounts) -> {
            if (amounts.containsKey(resourceClass)) {
                consumers.put(consumer, amounts.get(resourceClass));
            }
        });
        for (HostCapacity host : hosts.values()) {
            if (host instanceof HostCapacity.Available reported
                    && reported.findProvider(amount.providerUuid()).isPresent()) {
                return Optional.of(new AllocationProblem.ProviderFull(
                        reported.node(),
                        amount.provider(),
                        resourceClass,
                        devices(
                                reported,
                                reported.findProvider(amount.providerUuid()).get(),
                                holding,
                                amount.consumer()),
                        "%d %s (%d reserved)".formatted(inventory.total(), resourceClass, inventory.reserved()),
                        consumers,
                        amount.consumer(),
                        amount.desired()));
            }
        }
        return Optional.empty();
    }

    private static List<PciAddress> devices(
            HostCapacity.Available host, ProviderCapacity provider, DesiredAllocation holding, UUID consumer) {
        return holding.devicesByConsumer().getOrDefault(consumer, List.of()).stream()
                .filter(device -> device.node().equals(host.node()))
                .map(DeviceRef::address)
                .filter(address -> host.devices()
                        .at(address)
                        .filter(device -> device.providerAddress().equals(provider.address()))
                        .isPresent())
                .toList();
    }
}
