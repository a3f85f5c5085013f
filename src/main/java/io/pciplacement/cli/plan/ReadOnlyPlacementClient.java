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
    public List<ResourceProvider> providersWith(Trait trait) {
        return real.providersWith(trait);
    }

    @Override
    public Optional<ResourceProvider> providerNamed(String name) {
        return real.providerNamed(name);
    }

    @Override
    public List<ResourceProvider> tree(UUID root) {
        return real.tree(root);
    }

    @Override
    public ProviderInventories inventories(UUID provider) {
        return real.inventories(provider);
    }

    @Override
    public ProviderTraits traits(UUID provider) {
        return real.traits(provider);
    }

    @Override
    public ProviderAllocations allocations(UUID provider) {
        return real.allocations(provider);
    }

    @Override
    public Allocation allocation(UUID consumer) {
        return real.allocation(consumer);
    }

    @Override
    public Set<ResourceClass> resourceClasses() {
        return real.resourceClasses();
    }

    @Override
    public Set<Trait> traits() {
        return real.traits();
    }

    @Override
    public Set<Trait> existing(Collection<Trait> traits) {
        return real.existing(traits);
    }
}
