package io.pciplacement.sync.host;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderContents;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Persisted state of one provider of a host.
 *
 * @param deviceType the device type that its inventory was last built from; null if unknown
 * @param content the provider's state in Placement; null if it is not known exactly
 */
public record ProviderSnapshot(
        @Nullable DeviceType deviceType, @Nullable Content content) {

    static final ProviderSnapshot EMPTY = new ProviderSnapshot(null, null);

    /**
     * State of a provider at one generation. It is valid while the generation is unchanged, except for deleted
     * allocations, which do not change it.
     *
     * @param inUse whether it had allocations
     * @param allocationDigest the {@link io.pciplacement.planning.allocation.AllocationDigest} of its allocations; null
     *     if it had none, or if it was not recorded
     */
    public record Content(
            UUID provider,
            int generation,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits,
            boolean inUse,
            @Nullable String allocationDigest) {

        public Content {
            inventories = ProviderContents.copyInventories(inventories);
            traits = ProviderContents.copyTraits(traits);
        }
    }
}
