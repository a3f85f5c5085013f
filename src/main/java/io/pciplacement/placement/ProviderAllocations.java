package io.pciplacement.placement;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Who has what of one provider: consumer, resource class, amount. */
public record ProviderAllocations(int generation, SortedMap<UUID, Map<ResourceClass, Integer>> byConsumer) {

    public ProviderAllocations {
        byConsumer = Collections.unmodifiableSortedMap(new TreeMap<>(byConsumer));
    }

    /** How much of a class is allocated, to all consumers together. */
    public int used(ResourceClass resourceClass) {
        return byConsumer.values().stream()
                .mapToInt(amounts -> amounts.getOrDefault(resourceClass, 0))
                .sum();
    }
}
