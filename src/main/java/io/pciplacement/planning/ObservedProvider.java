package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderContents;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * State of one of the operator's providers in Placement.
 *
 * @param allocations units by consumer and resource class
 * @param deviceType type of the devices that its inventory counts, null if unknown
 */
public record ObservedProvider(
        ResourceProvider provider,
        SortedMap<ResourceClass, Inventory> inventories,
        SortedSet<Trait> traits,
        Map<UUID, Map<ResourceClass, Integer>> allocations,
        @Nullable DeviceType deviceType) {

    public ObservedProvider {
        inventories = ProviderContents.copyInventories(inventories);
        traits = ProviderContents.copyTraits(traits);
        allocations = Map.copyOf(allocations);
    }

    /** Returns the state of a provider that has just been created. */
    public static ObservedProvider newlyCreated(ResourceProvider provider) {
        return new ObservedProvider(provider, new TreeMap<>(), new TreeSet<>(), Map.of(), null);
    }

    public String name() {
        return provider.name();
    }

    public UUID uuid() {
        return provider.uuid();
    }

    public int usedUnits(ResourceClass resourceClass) {
        return allocations.values().stream()
                .mapToInt(amounts -> amounts.getOrDefault(resourceClass, 0))
                .sum();
    }

    /** Returns the allocated units of all resource classes. */
    public int usedUnits() {
        return allocations.values().stream()
                .flatMap(amounts -> amounts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    public int totalUnits() {
        return inventories.values().stream().mapToInt(Inventory::total).sum();
    }

    public int reservedUnits() {
        return inventories.values().stream().mapToInt(Inventory::reserved).sum();
    }

    /** Returns a finding for each resource class with more allocated units than the inventory has. */
    List<Finding.Overcommitted> findOvercommitted() {
        List<Finding.Overcommitted> found = new ArrayList<>();
        inventories.forEach((resourceClass, inventory) -> {
            int used = usedUnits(resourceClass);
            if (used > inventory.total()) {
                SortedMap<UUID, Integer> amounts = new TreeMap<>();
                allocations.forEach(
                        (consumer, byClass) -> amounts.put(consumer, byClass.getOrDefault(resourceClass, 0)));
                amounts.values().removeIf(amount -> amount == 0);
                found.add(new Finding.Overcommitted(name(), resourceClass, used, inventory.total(), amounts));
            }
        });
        return found;
    }

    /** Returns the consumers of the provider in a stable order. */
    public List<UUID> consumerUuids() {
        return allocations.keySet().stream().sorted().toList();
    }

    public ObservedProvider withInventories(
            int generation, SortedMap<ResourceClass, Inventory> changed, @Nullable DeviceType newDeviceType) {
        return new ObservedProvider(atGeneration(generation), changed, traits, allocations, newDeviceType);
    }

    public ObservedProvider withTraits(int generation, SortedSet<Trait> changed) {
        return new ObservedProvider(atGeneration(generation), inventories, changed, allocations, deviceType);
    }

    public ObservedProvider withAllocations(int generation, Map<UUID, Map<ResourceClass, Integer>> changed) {
        return new ObservedProvider(atGeneration(generation), inventories, traits, changed, deviceType);
    }

    private ResourceProvider atGeneration(int generation) {
        return new ResourceProvider(provider.uuid(), provider.name(), provider.parent(), provider.root(), generation);
    }
}
