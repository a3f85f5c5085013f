package io.pciplacement.placement;

import io.pciplacement.memory.RecentValues;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Immutable copies of the traits and inventories of providers. Equal ones are shared, because the providers of a cloud
 * have few different ones: as separate copies they were a third of the operator's memory.
 */
public final class ProviderContents {

    private static final int SLOTS = 1 << 12;

    private static final RecentValues<SortedSet<Trait>> TRAITS = new RecentValues<>(SLOTS);
    private static final RecentValues<SortedMap<ResourceClass, Inventory>> INVENTORIES = new RecentValues<>(SLOTS);

    private ProviderContents() {}

    /** An immutable copy of traits. */
    public static SortedSet<Trait> copyTraits(SortedSet<Trait> traits) {
        return TRAITS.share(traits, all -> Collections.unmodifiableSortedSet(new TreeSet<>(all)));
    }

    /** An immutable copy of inventories. */
    public static SortedMap<ResourceClass, Inventory> copyInventories(SortedMap<ResourceClass, Inventory> inventories) {
        return INVENTORIES.share(inventories, all -> Collections.unmodifiableSortedMap(new TreeMap<>(all)));
    }
}
