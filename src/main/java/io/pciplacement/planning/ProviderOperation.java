package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderContents;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Operation on one provider. The operations of a provider are executed in order. */
public sealed interface ProviderOperation {

    UUID provider();

    /** Creates the provider below its host's root. */
    record Create(UUID provider, String name, UUID parent) implements ProviderOperation {}

    /**
     * Adopts the provider: adds the ownership traits and changes nothing else.
     *
     * @param foreignProvider state before the adoption
     * @param adopted state after the adoption
     */
    record Adopt(ObservedProvider foreignProvider, ObservedProvider adopted) implements ProviderOperation {
        @Override
        public UUID provider() {
            return foreignProvider.uuid();
        }
    }

    /** Replaces the provider's traits. */
    record PutTraits(UUID provider, SortedSet<Trait> traits) implements ProviderOperation {

        public PutTraits {
            traits = ProviderContents.copyTraits(traits);
        }
    }

    /**
     * Replaces the provider's inventories.
     *
     * @param deviceType type of the devices that are counted
     */
    record PutInventories(
            UUID provider,
            SortedMap<ResourceClass, Inventory> inventories,
            @Nullable DeviceType deviceType) implements ProviderOperation {

        public PutInventories {
            inventories = ProviderContents.copyInventories(inventories);
        }
    }

    /** Deletes the provider; Placement rejects this while it has allocations. */
    record Delete(UUID provider) implements ProviderOperation {}
}
