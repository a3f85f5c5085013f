package io.pciplacement.sync;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a host's object remembers of one of its providers.
 *
 * @param countedAs what kind of device its inventory was last made of, null where nobody remembers
 * @param content what Placement had of it; null where nobody remembers that exactly
 */
public record ProviderSnapshot(
        @Nullable DeviceType countedAs, @Nullable Content content) {

    static final ProviderSnapshot NOTHING = new ProviderSnapshot(null, null);

    /**
     * What a provider had at one generation. It holds for as long as the generation has not moved, but for allocations
     * that are deleted, which do not move it.
     *
     * @param used whether anybody had something of it
     */
    public record Content(
            UUID provider,
            int generation,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits,
            boolean used) {

        public Content {
            inventories = Collections.unmodifiableSortedMap(new TreeMap<>(inventories));
            traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        }
    }
}
