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

/** A Placement of which only what is there is asked. */
public class ReadOnlyPlacementClient extends AbstractReadOnlyPlacementClient {

    public final PlacementClient real;

    public ReadOnlyPlacementClient(PlacementClient real) {
        this.real = real;
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait trait) {
        return real.listProvidersWithTrait(trait);
    }

    @Override
    public Optional<ResourceProvider> findProviderByName(String name) {
        return real.findProviderByName(name);
    }

    @Override
    public List<ResourceProvider> listProvidersInTree(UUID root) {
        return real.listProvidersInTree(root);
    }

    @Override
    public ProviderInventories getInventories(UUID provider) {
        return real.getInventories(provider);
    }

    @Override
    public ProviderTraits getTraits(UUID provider) {
        return real.getTraits(provider);
    }

    @Override
    public ProviderAllocations getProviderAllocations(UUID provider) {
        return real.getProviderAllocations(provider);
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        return real.getAllocation(consumer);
    }

    @Override
    public Set<ResourceClass> listResourceClasses() {
        return real.listResourceClasses();
    }

    @Override
    public Set<Trait> listTraits() {
        return real.listTraits();
    }

    @Override
    public Set<Trait> findExistingTraits(Collection<Trait> traits) {
        return real.findExistingTraits(traits);
    }
}
