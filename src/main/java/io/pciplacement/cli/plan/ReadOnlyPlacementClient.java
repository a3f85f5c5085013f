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
    public List<ResourceProvider> listProvidersWithTrait(Trait trait) {
        return delegate.listProvidersWithTrait(trait);
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait required, Trait forbidden) {
        return delegate.listProvidersWithTrait(required, forbidden);
    }

    @Override
    public Optional<ResourceProvider> findProviderByName(String name) {
        return delegate.findProviderByName(name);
    }

    @Override
    public List<ResourceProvider> listProvidersInTree(UUID root) {
        return delegate.listProvidersInTree(root);
    }

    @Override
    public ProviderInventories getInventories(UUID provider) {
        return delegate.getInventories(provider);
    }

    @Override
    public ProviderTraits getTraits(UUID provider) {
        return delegate.getTraits(provider);
    }

    @Override
    public ProviderAllocations getProviderAllocations(UUID provider) {
        return delegate.getProviderAllocations(provider);
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        return delegate.getAllocation(consumer);
    }

    @Override
    public Set<ResourceClass> listResourceClasses() {
        return delegate.listResourceClasses();
    }

    @Override
    public Set<Trait> listTraits() {
        return delegate.listTraits();
    }

    @Override
    public Set<Trait> findExistingTraits(Collection<Trait> traits) {
        return delegate.findExistingTraits(traits);
    }
}
