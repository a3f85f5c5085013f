package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What Placement has of one provider of ours.
 *
 * @param allocations amounts by consumer and resource class
 * @param countedAs what kind of device its inventory was made of, null where nobody remembers
 */
public record ObservedProvider(
        ResourceProvider provider,
        SortedMap<ResourceClass, Inventory> inventories,
        SortedSet<Trait> traits,
        Map<UUID, Map<ResourceClass, Integer>> allocations,
        @Nullable DeviceType countedAs) {

    public ObservedProvider {
        inventories = Collections.unmodifiableSortedMap(new TreeMap<>(inventories));
        traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        allocations = Map.copyOf(allocations);
    }

    /** A provider that has just been made. */
    public static ObservedProvider fresh(ResourceProvider provider) {
        return new ObservedProvider(provider, new TreeMap<>(), new TreeSet<>(), Map.of(), null);
    }

    public String name() {
        return provider.name();
    }

    public UUID uuid() {
        return provider.uuid();
    }

    public int used(ResourceClass resourceClass) {
        return allocations.values().stream()
                .mapToInt(amounts -> amounts.getOrDefault(resourceClass, 0))
                .sum();
    }

    /** Units of all classes that consumers hold. */
    public int used() {
        return allocations.values().stream()
                .flatMap(amounts -> amounts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    public int total() {
        return inventories.values().stream().mapToInt(Inventory::total).sum();
    }

    public int reserved() {
        return inventories.values().stream().mapToInt(Inventory::reserved).sum();
    }

    /** Of which classes more is given out than there is, and to whom. */
    List<Finding.Overcommitted> overcommitted() {
        List<Finding.Overcommitted> found = new ArrayList<>();
        inventories.forEach((resourceClass, inventory) -> {
            int used = used(resourceClass);
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

    /** Who holds something here, in a stable order. */
    public List<UUID> consumers() {
        return allocations.keySet().stream().sorted().toList();
    }

    public ObservedProvider withInventories(
            int generation, SortedMap<ResourceClass, Inventory> changed, @Nullable DeviceType madeOf) {
        return new ObservedProvider(at(generation), changed, traits, allocations, madeOf);
    }

    public ObservedProvider withTraits(int generation, SortedSet<Trait> changed) {
        return new ObservedProvider(at(generation), inventories, changed, allocations, countedAs);
    }

    public ObservedProvider withAllocations(int generation, Map<UUID, Map<ResourceClass, Integer>> changed) {
        return new ObservedProvider(at(generation), inventories, traits, changed, countedAs);
    }

    private ResourceProvider at(int generation) {
        return new ResourceProvider(provider.uuid(), provider.name(), provider.parent(), provider.root(), generation);
    }
}
