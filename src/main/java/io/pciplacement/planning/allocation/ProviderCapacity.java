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
 * Capacity of one provider of a host.
 *
 * @param resourceClass resource class of its inventory
 * @param listedDevices devices that its inventory counts, ordered by address; empty while its specs conflict
 */
public record ProviderCapacity(
        PciAddress address, ObservedProvider observed, ResourceClass resourceClass, List<PciDevice> listedDevices) {

    public ProviderCapacity {
        listedDevices = List.copyOf(listedDevices);
    }

    /** Combines the desired and the observed state of a provider; empty if it has no inventory yet. */
    public static Optional<ProviderCapacity> combine(
            PciAddress address, ObservedProvider observed, Optional<DesiredProvider> desired) {
        List<PciDevice> listed = switch (desired.orElse(null)) {
            case DesiredProvider.Resolved resolved
            when observed.deviceType() == null || observed.deviceType() == resolved.deviceType() -> resolved.devices();
            // The inventory counts devices of the other type, or the specs conflict.
            case DesiredProvider.Resolved w -> List.of();
            case DesiredProvider.Conflicting c -> List.of();
            case null -> List.of();
        };
        return observed.inventories().keySet().stream()
                .findFirst()
                .map(resourceClass -> new ProviderCapacity(address, observed, resourceClass, listed));
    }

    public UUID uuid() {
        return observed.uuid();
    }

    public String name() {
        return observed.name();
    }

    public boolean isListed(PciAddress device) {
        return listedDevices.stream().anyMatch(d -> d.address().equals(device));
    }

    /** Returns the type of its devices; empty if none is listed. */
    public Optional<DeviceType> deviceType() {
        return listedDevices.stream().findFirst().map(PciDevice::type);
    }

    /** Returns the units that a consumer can have; its own units count as free. */
    public int freeUnitsFor(UUID consumer) {
        Inventory inventory = observed.inventories().get(resourceClass);
        int own = observed.allocations().getOrDefault(consumer, Map.of()).getOrDefault(resourceClass, 0);
        return inventory == null
                ? 0
                : Math.max(0, inventory.total() - inventory.reserved() - observed.usedUnits(resourceClass) + own);
    }

    /** Returns the units of this provider and its resource class in an allocation. */
    int allocatedUnits(Map<UUID, Map<ResourceClass, Integer>> resources) {
        return resources.getOrDefault(uuid(), Map.of()).getOrDefault(resourceClass, 0);
    }
}
