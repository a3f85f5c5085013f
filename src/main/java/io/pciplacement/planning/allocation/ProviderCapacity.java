package io.pciplacement.planning.allocation;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.ObservedProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One provider of a host with what can be had of it.
 *
 * @param resourceClass the class that Placement counts it as
 * @param listed the devices that are counted on it, by address; none while its specs contradict each other
 */
public record ProviderCapacity(
        PciAddress address, ObservedProvider view, ResourceClass resourceClass, List<PciDevice> listed) {

    public ProviderCapacity {
        listed = List.copyOf(listed);
    }

    /** Puts together what is wanted of a provider and what Placement has of it; empty where that is nothing yet. */
    public static Optional<ProviderCapacity> of(
            PciAddress address, ObservedProvider view, Optional<DesiredProvider> plan) {
        List<PciDevice> listed = switch (plan.orElse(null)) {
            case DesiredProvider.Resolved wanted
            when view.countedAs() == null || view.countedAs() == wanted.deviceType() -> wanted.devices();
            // What is counted are devices of the other kind, or nobody agrees what they are.
            case DesiredProvider.Resolved w -> List.of();
            case DesiredProvider.Conflicting c -> List.of();
            case null -> List.of();
        };
        return view.inventories().keySet().stream()
                .findFirst()
                .map(resourceClass -> new ProviderCapacity(address, view, resourceClass, listed));
    }

    public UUID uuid() {
        return view.uuid();
    }

    public String name() {
        return view.name();
    }

    public boolean lists(PciAddress device) {
        return listed.stream().anyMatch(d -> d.address().equals(device));
    }

    /** What kind of devices it has; empty where none is listed. */
    public Optional<DeviceType> deviceType() {
        return listed.stream().findFirst().map(PciDevice::type);
    }

    /** How many units Placement has left for one consumer, what it has here itself counted as free. */
    public int freeFor(UUID consumer) {
        Inventory inventory = view.inventories().get(resourceClass);
        int own = view.allocations().getOrDefault(consumer, Map.of()).getOrDefault(resourceClass, 0);
        return inventory == null
                ? 0
                : Math.max(0, inventory.total() - inventory.reserved() - view.used(resourceClass) + own);
    }

    /** How much of this provider an allocation has, in the class that is counted. */
    int amount(Map<UUID, Map<ResourceClass, Integer>> resources) {
        return resources.getOrDefault(uuid(), Map.of()).getOrDefault(resourceClass, 0);
    }
}
