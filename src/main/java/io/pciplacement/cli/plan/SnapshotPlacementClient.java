package io.pciplacement.cli.plan;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Placement client that reads from a {@link PlacementSnapshot}. */
public final class SnapshotPlacementClient extends AbstractReadOnlyPlacementClient {

    private final Map<UUID, PlacementSnapshot.Provider> providers = new LinkedHashMap<>();
    private final Set<ResourceClass> classes;
    private final Set<Trait> traits;

    public SnapshotPlacementClient(PlacementSnapshot snapshot) {
        snapshot.providers().forEach(provider -> providers.put(provider.uuid(), provider));
        classes = snapshot.resourceClasses().stream().map(ResourceClass::new).collect(Collectors.toUnmodifiableSet());
        traits = snapshot.traits().stream().map(Trait::new).collect(Collectors.toUnmodifiableSet());
    }

    private PlacementSnapshot.Provider requireProvider(UUID uuid) {
        PlacementSnapshot.Provider provider = providers.get(uuid);
        if (provider == null) {
            throw new PlacementException.NotFound("the file contains no provider %s".formatted(uuid));
        }
        return provider;
    }

    private static ResourceProvider toResourceProvider(PlacementSnapshot.Provider provider) {
        return new ResourceProvider(
                provider.uuid(), provider.name(), provider.parent(), provider.root(), provider.generation());
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait trait) {
        return listProviders(provider -> provider.traits().contains(trait.name()));
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait required, Trait forbidden) {
        return listProviders(provider -> provider.traits().contains(required.name())
                && !provider.traits().contains(forbidden.name()));
    }

    @Override
    public Optional<ResourceProvider> findProviderByName(String name) {
        return listProviders(provider -> provider.name().equals(name)).stream().findFirst();
    }

    @Override
    public List<ResourceProvider> listProvidersInTree(UUID root) {
        return listProviders(provider -> provider.root().equals(root));
    }

    private List<ResourceProvider> listProviders(Predicate<PlacementSnapshot.Provider> filter) {
        return providers.values().stream()
                .filter(filter)
                .map(SnapshotPlacementClient::toResourceProvider)
                .toList();
    }

    @Override
    public ProviderInventories getInventories(UUID uuid) {
        PlacementSnapshot.Provider provider = requireProvider(uuid);
        Map<ResourceClass, Inventory> inventories = new HashMap<>();
        provider.inventories().forEach((name, inventory) -> inventories.put(new ResourceClass(name), inventory));
        return new ProviderInventories(provider.generation(), inventories);
    }

    @Override
    public ProviderTraits getTraits(UUID uuid) {
        PlacementSnapshot.Provider provider = requireProvider(uuid);
        return new ProviderTraits(
                provider.generation(),
                provider.traits().stream().map(Trait::new).toList());
    }

    @Override
    public ProviderAllocations getProviderAllocations(UUID uuid) {
        PlacementSnapshot.Provider provider = requireProvider(uuid);
        TreeMap<UUID, Map<ResourceClass, Integer>> byConsumer = new TreeMap<>();
        provider.allocations().forEach((consumer, amounts) -> {
            Map<ResourceClass, Integer> byClass = new HashMap<>();
            amounts.forEach((name, amount) -> byClass.put(new ResourceClass(name), amount));
            byConsumer.put(consumer, byClass);
        });
        return new ProviderAllocations(provider.generation(), byConsumer);
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        throw new IllegalStateException("the file contains no consumers");
    }

    @Override
    public Set<ResourceClass> listResourceClasses() {
        return classes;
    }

    @Override
    public Set<Trait> listTraits() {
        return traits;
    }

    @Override
    public Set<Trait> findExistingTraits(Collection<Trait> wanted) {
        return wanted.stream().filter(traits::contains).collect(Collectors.toSet());
    }
}
