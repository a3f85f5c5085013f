package io.pciplacement.planning;

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

/** One thing to do to one provider. Those of one provider are done in the order they stand in. */
public sealed interface ProviderOperation {

    UUID provider();

    /** Make the provider, below its host's root. */
    record Create(UUID provider, String name, UUID parent) implements ProviderOperation {}

    /**
     * Make it ours: nothing but our marks is added to what it has.
     *
     * @param theirs as it was read while it was not ours
     * @param marked as it is then
     */
    record Adopt(ObservedProvider theirs, ObservedProvider marked) implements ProviderOperation {
        @Override
        public UUID provider() {
            return theirs.uuid();
        }
    }

    /** Give it these traits and no others. */
    record PutTraits(UUID provider, SortedSet<Trait> traits) implements ProviderOperation {

        public PutTraits {
            traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        }
    }

    /**
     * Give it these inventories and no others.
     *
     * @param madeOf the kind of device that is counted
     */
    record PutInventories(
            UUID provider,
            SortedMap<ResourceClass, Inventory> inventories,
            @Nullable DeviceType madeOf) implements ProviderOperation {

        public PutInventories {
            inventories = Collections.unmodifiableSortedMap(new TreeMap<>(inventories));
        }
    }

    /** Remove it with all it has; Placement refuses that while something of it is allocated. */
    record Delete(UUID provider) implements ProviderOperation {}
}
