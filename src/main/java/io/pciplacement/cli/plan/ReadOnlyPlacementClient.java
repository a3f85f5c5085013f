package io.pciplacement.cli.plan;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Placement client that delegates reads and rejects writes. */
public class ReadOnlyPlacementClient extends AbstractReadOnlyPlacementClient {

    public final PlacementClient delegate;

    public ReadOnlyPlacementClient(PlacementClient delegate) {
        this.delegate = delegate;
    }

    @Override
    public List<ResourceProvider> providersWith(Trait trait) {
        return delegate.providersWith(trait);
    }

    @Override
    public Optional<ResourceProvider> providerNamed(String name) {
        return delegate.providerNamed(name);
    }

    @Override
    public List<ResourceProvider> tree(UUID root) {
        return delegate.tree(root);
    }

    @Override
    public ProviderInventories inventories(UUID provider) {
        return delegate.inventories(provider);
    }

    @Override
    public ProviderTraits traits(UUID provider) {
        return delegate.traits(provider);
    }

    @Override
    public ProviderAllocations allocations(UUID provider) {
        return delegate.allocations(provider);
    }

    @Override
    public Allocation allocation(UUID consumer) {
        return delegate.allocation(consumer);
    }

    @Override
    public Set<ResourceClass> resourceClasses() {
        return delegate.resourceClasses();
    }

    @Override
    public Set<Trait> traits() {
        return delegate.traits();
    }

    @Override
    public Set<Trait> existing(Collection<Trait> traits) {
        return delegate.existing(traits);
    }
}
