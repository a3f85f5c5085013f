package io.pciplacement.placement;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Allocations of one provider: consumer, resource class, amount. */
public record ProviderAllocations(int generation, SortedMap<UUID, Map<ResourceClass, Integer>> byConsumer) {

    public ProviderAllocations {
        byConsumer = Collections.unmodifiableSortedMap(new TreeMap<>(byConsumer));
    }

    /** Allocated amount of a resource class, over all consumers. */
    public int usedUnits(ResourceClass resourceClass) {
        return byConsumer.values().stream()
                .mapToInt(amounts -> amounts.getOrDefault(resourceClass, 0))
                .sum();
    }
}
