package io.pciplacement.testing;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A Placement in memory, for histories too long to run against the real one: generations, names, capacity and use as
 * the real one keeps them. Every request is counted, and {@link #before} may fail any of them.
 */
public final class FakePlacement implements PlacementClient {

    /** Called before each request with its name; may throw. With {@code after} set it is called after its execution. */
    public interface Fault {
        void at(String request);
    }

    private static final class Provider {
        String name;
        final UUID uuid;
        final UUID parent;
        int generation;
        Map<ResourceClass, Inventory> inventories = new TreeMap<>();
        Set<Trait> traits = new TreeSet<>();

        Provider(String name, UUID uuid, UUID parent) {
            this.name = name;
            this.uuid = uuid;
            this.parent = parent;
        }
    }

    private final Map<UUID, Provider> providers = new LinkedHashMap<>();
    private final FakeConsumers consumers = new FakeConsumers();
    private final Set<Trait> traits = new HashSet<>(Set.of(
            Trait.MANAGED_PCI_DEVICE,
            Trait.OWNER_NOVA,
            Trait.LIVE_MIGRATABLE,
            Trait.ONE_TIME_USE,
            new Trait("HW_NIC_SRIOV")));
    private final Set<ResourceClass> classes =
            new HashSet<>(Set.of(new ResourceClass("VCPU"), new ResourceClass("PGPU"), new ResourceClass("MEMORY_MB")));

    /** The requests so far, in order. */
    public final List<String> requests = new ArrayList<>();

    public Fault before = request -> {};
    public Fault after = request -> {};

    /** Runs an action once: after the next such request has been executed, and before its response. */
    public void afterNext(String request, Runnable action) {
        after = name -> {
            if (name.equals(request)) {
                after = other -> {};
                action.run();
            }
        };
    }

    private synchronized <T> T request(String name, java.util.function.Supplier<T> work) {
        requests.add(name);
        before.at(name);
        T answer = work.get();
        after.at(name);
        return answer;
    }

    private Provider provider(UUID uuid) {
        Provider provider = providers.get(uuid);
        if (provider == null) {
            throw new PlacementException.NotFound("no provider " + uuid);
        }
        return provider;
    }

    private ResourceProvider listed(Provider provider) {
        UUID root = provider.uuid;
        for (Provider at = provider; at.parent != null; at = provider(at.parent)) {
            root = at.parent;
        }
        return new ResourceProvider(provider.uuid, provider.name, provider.parent, root, provider.generation);
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait trait) {
        return request(
                "GET /resource_providers?required",
                () -> providers.values().stream()
                        .filter(p -> p.traits.contains(trait))
                        .map(this::listed)
                        .toList());
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait required, Trait forbidden) {
        return request(
                "GET /resource_providers?required",
                () -> providers.values().stream()
                        .filter(p -> p.traits.contains(required) && !p.traits.contains(forbidden))
                        .map(this::listed)
                        .toList());
    }

    @Override
    public Optional<ResourceProvider> findProviderByName(String name) {
        return request(
                "GET /resource_providers?name",
                () -> providers.values().stream()
                        .filter(p -> p.name.equals(name))
                        .map(this::listed)
                        .findFirst());
    }

    @Override
    public List<ResourceProvider> listProvidersInTree(UUID uuid) {
        return request("GET /resource_providers?in_tree", () -> {
            Provider known = providers.get(uuid);
            return known == null
                    ? List.<ResourceProvider>of()
                    : providers.values().stream()
                            .map(this::listed)
                            .filter(p -> p.root().equals(listed(known).root()))
                            .toList();
        });
    }

    @Override
    public ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent) {
        return request("POST /resource_providers", () -> {
            if (providers.containsKey(uuid) || providers.values().stream().anyMatch(p -> p.name.equals(name))) {
                throw new PlacementException.NameTaken(name);
            }
            parent.ifPresent(this::provider);
            Provider provider = new Provider(name, uuid, parent.orElse(null));
            providers.put(uuid, provider);
            return listed(provider);
        });
    }

    @Override
    public void deleteProvider(UUID uuid) {
        request("DELETE /resource_providers", () -> {
            if (providers.values().stream().anyMatch(p -> uuid.equals(p.parent))
                    || !consumers.of(uuid).isEmpty()) {
                throw new PlacementException.InUse("in use: " + uuid);
            }
            return providers.remove(uuid);
        });
    }

    @Override
    public ProviderInventories getInventories(UUID uuid) {
        return request(
                "GET inventories",
                () -> new ProviderInventories(provider(uuid).generation, provider(uuid).inventories));
    }

    @Override
    public int putInventories(UUID uuid, ProviderInventories inventories) {
        return request("PUT inventories", () -> {
            check(uuid, inventories);
            provider(uuid).inventories = new TreeMap<>(inventories.byClass());
            return ++provider(uuid).generation;
        });
    }

    private void check(UUID uuid, ProviderInventories inventories) {
        Provider provider = provider(uuid);
        if (provider.generation != inventories.generation()) {
            throw new PlacementException.GenerationConflict("resource provider generation conflict");
        }
        for (ResourceClass rc : inventories.byClass().keySet()) {
            if (!classes.contains(rc)) {
                throw new PlacementException.Rejected("No such resource class " + rc);
            }
        }
        for (ResourceClass rc : provider.inventories.keySet()) {
            if (!inventories.byClass().containsKey(rc) && consumers.used(uuid, rc) > 0) {
                throw new PlacementException.InUse("Inventory for '" + rc + "' in use");
            }
        }
    }

    @Override
    public ProviderTraits getTraits(UUID uuid) {
        return request("GET traits", () -> new ProviderTraits(provider(uuid).generation, provider(uuid).traits));
    }

    @Override
    public int putTraits(UUID uuid, ProviderTraits wanted) {
        return request("PUT traits", () -> {
            Provider provider = provider(uuid);
            if (provider.generation != wanted.generation()) {
                throw new PlacementException.GenerationConflict("generation already changed");
            }
            if (!traits.containsAll(wanted.traits())) {
                throw new PlacementException.Rejected("No such trait " + wanted.traits());
            }
            if (!provider.traits.equals(wanted.traits())) {
                provider.traits = new TreeSet<>(wanted.traits());
                provider.generation++;
            }
            return provider.generation;
        });
    }

    @Override
    public ProviderAllocations getProviderAllocations(UUID uuid) {
        return request("GET allocations of provider", () -> {
            Provider provider = providers.get(uuid);
            return new ProviderAllocations(provider == null ? 0 : provider.generation, consumers.of(uuid));
        });
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        request("POST /reshaper", () -> {
            inventories.forEach(this::check);
            Map<UUID, Map<ResourceClass, Inventory>> before = new HashMap<>();
            inventories.forEach((uuid, wanted) -> {
                before.put(uuid, provider(uuid).inventories);
                provider(uuid).inventories = new TreeMap<>(wanted.byClass());
            });
            try {
                consumers.replace(allocations, this::capacity).forEach(uuid -> provider(uuid).generation++);
            } catch (PlacementException e) {
                before.forEach((uuid, kept) -> provider(uuid).inventories = kept);
                throw e;
            }
            inventories.forEach((uuid, wanted) ->
                    provider(uuid).generation += wanted.byClass().isEmpty() ? 1 : 2);
            return null;
        });
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        return request("GET /allocations", () -> consumers.get(consumer));
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> wanted) {
        request("POST /allocations", () -> {
            consumers.replace(wanted, this::capacity).forEach(uuid -> provider(uuid).generation++);
            return null;
        });
    }

    /** Returns the units that can be allocated; -1 if there is no such inventory. */
    private int capacity(UUID uuid, ResourceClass rc) {
        Inventory inventory = provider(uuid).inventories.get(rc);
        return inventory == null ? -1 : inventory.total() - inventory.reserved();
    }

    @Override
    public Set<ResourceClass> listResourceClasses() {
        return request("GET /resource_classes", () -> Set.copyOf(classes));
    }

    @Override
    public Set<Trait> listTraits() {
        return request("GET /traits", () -> Set.copyOf(traits));
    }

    @Override
    public Set<Trait> findExistingTraits(Collection<Trait> names) {
        return request("GET /traits?name", () -> {
            Set<Trait> result = new HashSet<>(names);
            result.retainAll(traits);
            return result;
        });
    }

    @Override
    public void createTrait(Trait trait) {
        request("PUT /traits", () -> traits.add(trait));
    }

    @Override
    public void createResourceClass(ResourceClass resourceClass) {
        request("PUT /resource_classes", () -> classes.add(resourceClass));
    }

    // Changes that a test makes as another client; they are not counted as requests.

    /** Deletes a consumer's allocations as DELETE /allocations does: no generation moves. */
    public synchronized void deleteAllocations(UUID consumer) {
        consumers.remove(consumer);
    }

    /** Placement rejected the first claim of a consumer: it keeps the consumer, does not show it, and counts from 0. */
    public synchronized void keepRejectedConsumer(UUID consumer) {
        consumers.keepRejectedConsumer(consumer);
    }

    /** An administrator reserves units. */
    public synchronized void reserve(UUID uuid, ResourceClass rc, int reserved) {
        Provider provider = provider(uuid);
        Inventory inventory = provider.inventories.get(rc);
        provider.inventories.put(
                rc,
                new Inventory(
                        inventory.total(),
                        reserved,
                        inventory.minUnit(),
                        inventory.maxUnit(),
                        inventory.stepSize(),
                        inventory.allocationRatio()));
        provider.generation++;
    }

    /** A provider gets another name. */
    public synchronized void rename(UUID uuid, String name) {
        provider(uuid).name = name;
        // Placement does not increase the generation for this.
    }

    /** Resets Placement to an empty database with the standard names. */
    public synchronized void reset() {
        providers.clear();
        consumers.clear();
        traits.removeIf(Trait::isCustom);
        classes.removeIf(ResourceClass::isCustom);
    }

    /** Returns one line per provider, for comparisons. */
    public synchronized Map<String, String> tree() {
        Map<String, String> lines = new TreeMap<>();
        providers
                .values()
                .forEach(p -> lines.put(
                        p.name,
                        p.inventories.entrySet().stream()
                                        .map(e -> "%s=%d/%d"
                                                .formatted(
                                                        e.getKey(),
                                                        e.getValue().total(),
                                                        e.getValue().reserved()))
                                        .toList()
                                + " "
                                + p.traits));
        return lines;
    }

    public synchronized Optional<UUID> uuid(String name) {
        return providers.values().stream()
                .filter(p -> p.name.equals(name))
                .map(p -> p.uuid)
                .findFirst();
    }

    public synchronized Map<UUID, Allocation> consumers() {
        return consumers.all();
    }

    /** Calls a check with the inventory, traits and usage of every provider. */
    public synchronized void forEachProvider(Check check) {
        providers
                .values()
                .forEach(p -> check.provider(
                        p.name, Map.copyOf(p.inventories), Set.copyOf(p.traits), rc -> consumers.used(p.uuid, rc)));
    }

    /** A check of one provider. */
    public interface Check {
        void provider(
                String name,
                Map<ResourceClass, Inventory> inventories,
                Set<Trait> traits,
                java.util.function.ToIntFunction<ResourceClass> used);
    }
}
