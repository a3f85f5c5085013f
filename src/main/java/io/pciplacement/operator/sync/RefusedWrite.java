package io.pciplacement.operator.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.allocation.Amount;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.HostStock;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.ProviderStock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Tells why Placement did not take an allocation, in terms of hosts and devices where that can be found out. */
final class RefusedWrite {

    private final Mirror mirror;
    private final AllocationWriter writer;

    RefusedWrite(Mirror mirror, AllocationWriter writer) {
        this.mirror = mirror;
        this.writer = writer;
    }

    Problem of(PlacementException e, Holding holding, Map<String, HostStock> hosts, List<Amount> amounts) {
        Problem refused = new Problem.RefusedByPlacement(String.valueOf(e.getMessage()));
        if (!(e instanceof PlacementException.CapacityExceeded)) {
            return refused;
        }
        for (Amount amount : amounts) {
            if (amount.wanted() > amount.found()) {
                writer.readAgain(amount.uuid());
                Optional<Problem> full = full(amount, holding, hosts);
                if (full.isPresent()) {
                    return full.get();
                }
            }
        }
        return refused;
    }

    private Optional<Problem> full(Amount amount, Holding holding, Map<String, HostStock> hosts) {
        ProviderView view = mirror.get(amount.uuid()).map(Mirror.Entry::view).orElse(null);
        ResourceClass resourceClass = amount.resourceClass();
        Inventory inventory = view == null ? null : view.inventories().get(resourceClass);
        if (view == null
                || inventory == null
                || inventory.total() - inventory.reserved() - view.used(resourceClass)
                        >= amount.wanted() - amount.found()) {
            return Optional.empty();
        }
        Map<UUID, Integer> consumers = new TreeMap<>();
        view.allocations().forEach((consumer, amounts) -> {
            if (amounts.containsKey(resourceClass)) {
                consumers.put(consumer, amounts.get(resourceClass));
            }
        });
        for (HostStock host : hosts.values()) {
            if (host instanceof HostStock.Reported reported
                    && reported.provider(amount.uuid()).isPresent()) {
                return Optional.of(new Problem.ProviderFull(
                        reported.node(),
                        amount.provider(),
                        resourceClass,
                        devices(reported, reported.provider(amount.uuid()).get(), holding, amount.consumer()),
                        "%d %s (%d reserved)".formatted(inventory.total(), resourceClass, inventory.reserved()),
                        consumers,
                        amount.consumer(),
                        amount.wanted()));
            }
        }
        return Optional.empty();
    }

    private static List<PciAddress> devices(
            HostStock.Reported host, ProviderStock provider, Holding holding, UUID consumer) {
        return holding.byConsumer().getOrDefault(consumer, List.of()).stream()
                .filter(device -> device.node().equals(host.node()))
                .map(DeviceAt::address)
                .filter(address -> host.devices()
                        .at(address)
                        .filter(device -> device.providerAddress().equals(provider.address()))
                        .isPresent())
                .toList();
    }
}
