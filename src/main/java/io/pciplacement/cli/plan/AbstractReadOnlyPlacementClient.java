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

/** Base class of read-only Placement clients; every write is rejected as an internal error. */
abstract class AbstractReadOnlyPlacementClient implements PlacementClient {

    private static IllegalStateException unexpectedWrite(String operation) {
        return new IllegalStateException("unexpected write through a read-only client: " + operation);
    }

    @Override
    public ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent) {
        throw unexpectedWrite("create provider " + name);
    }

    @Override
    public void deleteProvider(UUID uuid) {
        throw unexpectedWrite("delete provider " + uuid);
    }

    @Override
    public int putInventories(UUID provider, ProviderInventories inventories) {
        throw unexpectedWrite("write inventories of " + provider);
    }

    @Override
    public int putTraits(UUID provider, ProviderTraits traits) {
        throw unexpectedWrite("write traits of " + provider);
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        throw unexpectedWrite("reshape");
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        throw unexpectedWrite("write allocations of " + allocations.keySet());
    }

    /** Does nothing: new names are only needed for writes. */
    @Override
    public void createTrait(Trait trait) {}

    @Override
    public void createResourceClass(ResourceClass resourceClass) {}
}
