package io.pciplacement.placement;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** All inventories of one provider, with the provider generation at which they were read or are written. */
public record ProviderInventories(int generation, SortedMap<ResourceClass, Inventory> byClass) {

    public ProviderInventories(int generation, Map<ResourceClass, Inventory> byClass) {
        this(generation, Collections.unmodifiableSortedMap(new TreeMap<>(byClass)));
    }

    public ProviderInventories {
        byClass = Collections.unmodifiableSortedMap(new TreeMap<>(byClass));
    }
}
