package io.pciplacement.cli.plan;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A Placement that is not written to: a write that gets here is a defect. */
abstract class AbstractReadOnlyPlacementClient implements PlacementClient {

    private static IllegalStateException refused(String what) {
        return new IllegalStateException("nothing may be written here, and yet was asked to " + what);
    }

    @Override
    public ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent) {
        throw refused("make provider " + name);
    }

    @Override
    public void deleteProvider(UUID uuid) {
        throw refused("remove provider " + uuid);
    }

    @Override
    public int putInventories(UUID provider, ProviderInventories inventories) {
        throw refused("write inventories of " + provider);
    }

    @Override
    public int putTraits(UUID provider, ProviderTraits traits) {
        throw refused("write traits of " + provider);
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        throw refused("reshape");
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        throw refused("write allocations of " + allocations.keySet());
    }

    /** Whoever writes nothing needs no new names. */
    @Override
    public void createTrait(Trait trait) {}

    @Override
    public void createResourceClass(ResourceClass resourceClass) {}
}
