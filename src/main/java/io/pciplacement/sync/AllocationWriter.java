package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.HostRootIndex;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.state.FailureAction;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Writes consumers' allocations and updates the cache. A one-time-use device is fully reserved before it is released
 * and as soon as it is allocated. So it is never offered again before it has been cleaned, even if the operator is
 * killed at any point.
 */
final class AllocationWriter {

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final HostRootIndex hostRoots;

    AllocationWriter(PlacementClient placement, ProviderCache providerCache, HostRootIndex hostRoots) {
        this.placement = placement;
        this.providerCache = providerCache;
        this.hostRoots = hostRoots;
    }

    /**
     * Writes all allocations in one request and returns the nodes whose providers are affected.
     *
     * @param before the consumers' current allocations
     * @param after the new allocations of the consumers that change
     * @param attempt number of the attempt, from 1
     */
    Set<String> putAllocations(Map<UUID, Allocation> before, Map<UUID, Allocation> after, int attempt) {
        Set<UUID> providersBefore = new TreeSet<>();
        Set<UUID> providersAfter = new TreeSet<>();
        before.forEach((consumer, allocation) -> {
            if (after.containsKey(consumer)) {
                providersBefore.addAll(allocation.resources().keySet());
            }
        });
        after.values()
                .forEach(allocation ->
                        providersAfter.addAll(allocation.resources().keySet()));
        providersBefore.forEach(this::reserveFully);
        Set<UUID> touchedProviders = new TreeSet<>(providersBefore);
        touchedProviders.addAll(providersAfter);
        try {
            placement.putAllocations(attempt % 2 == 0 ? withGenerationZero(after) : after);
        } catch (PlacementException e) {
            if (FailureAction.forException(e) == FailureAction.WAIT) {
                // The request may have been executed although no response arrived.
                touchedProviders.forEach(providerCache::invalidate);
            }
            throw e;
        }
        providerCache.applyAllocations(after, touchedProviders);
        providersAfter.forEach(this::tryReserveFully);
        return nodesOfProviders(touchedProviders);
    }

    private Set<String> nodesOfProviders(Set<UUID> touchedProviders) {
        return hostRoots.nodesOf(touchedProviders.stream()
                .flatMap(uuid -> providerCache.findEntry(uuid).stream())
                .map(entry -> entry.provider().root())
                .toList());
    }

    /**
     * As {@link #putAllocations}, for a consumer that already uses its devices. If a one-time-use device has no
     * capacity only because it is reserved until it has been cleaned, its consumer gets the allocation nevertheless.
     * One request increases the inventory by exactly that amount and writes the allocation, so no other consumer can
     * get the device in between.
     */
    Set<String> restoreAllocations(Map<UUID, Allocation> before, Map<UUID, Allocation> after, int attempt) {
        try {
            return putAllocations(before, after, attempt);
        } catch (PlacementException.CapacityExceeded e) {
            Map<UUID, ProviderInventories> reserved = new TreeMap<>();
            Map<UUID, ProviderInventories> enlarged = new TreeMap<>();
            after.forEach((consumer, allocation) -> allocation.resources().forEach((provider, amounts) -> {
                Allocation previous = before.get(consumer);
                if (previous == null || !previous.resources().containsKey(provider)) {
                    addEnlargedInventory(provider, amounts, reserved, enlarged);
                }
            }));
            if (enlarged.isEmpty()) {
                throw e;
            }
            try {
                placement.reshape(enlarged, after);
            } catch (PlacementException.Forbidden forbidden) {
                throw e;
            } catch (PlacementException rejected) {
                if (FailureAction.forException(rejected) == FailureAction.WAIT) {
                    // The request may have been executed although no response arrived.
                    enlarged.keySet().forEach(providerCache::invalidate);
                }
                // Otherwise nothing was changed. Without the cached state, all objects of the host would be deferred
                // until the next sync of the host, and nothing would trigger it.
                throw rejected;
            }
            enlarged.keySet().forEach(providerCache::invalidate);
            reserved.forEach((provider, original) ->
                    restoreInventory(provider, Objects.requireNonNull(enlarged.get(provider)), original));
            return nodesOfProviders(enlarged.keySet());
        }
    }

    /** Adds an enlarged inventory for a provider if only its reservation prevents the allocation. */
    private void addEnlargedInventory(
            UUID provider,
            Map<ResourceClass, Integer> amounts,
            Map<UUID, ProviderInventories> reserved,
            Map<UUID, ProviderInventories> enlarged) {
        if (!providerCache.isDeviceProvider(provider)
                || !placement.getTraits(provider).traits().contains(Trait.ONE_TIME_USE)) {
            return;
        }
        ProviderInventories present = placement.getInventories(provider);
        ProviderAllocations allocations = placement.getProviderAllocations(provider);
        SortedMap<ResourceClass, Inventory> larger = new TreeMap<>(present.byClass());
        amounts.forEach((resourceClass, amount) -> larger.computeIfPresent(resourceClass, (rc, inventory) -> {
            int used = allocations.byConsumer().values().stream()
                    .mapToInt(has -> has.getOrDefault(rc, 0))
                    .sum();
            boolean free = inventory.total() - used >= amount;
            return free ? Inventory.of(inventory.reserved() + used + amount, inventory.reserved()) : inventory;
        }));
        if (!larger.equals(present.byClass())) {
            reserved.put(provider, present);
            enlarged.put(provider, new ProviderInventories(present.generation(), larger));
        }
    }

    /**
     * Writes the original inventory again, unless another write has replaced the enlarged one. If that fails, the next
     * sync of the host does it.
     */
    private void restoreInventory(UUID provider, ProviderInventories enlarged, ProviderInventories original) {
        try {
            ProviderInventories present = placement.getInventories(provider);
            if (present.byClass().equals(enlarged.byClass())) {
                placement.putInventories(provider, new ProviderInventories(present.generation(), original.byClass()));
            }
        } catch (PlacementException e) {
            if (FailureAction.forException(e) == FailureAction.WAIT) {
                throw e;
            }
        } finally {
            providerCache.invalidate(provider);
        }
    }

    /**
     * Replaces a missing consumer generation with 0. If Placement rejects the first allocation of a consumer, it keeps
     * the consumer but does not show it, and rejects another write with generation null. Generation 0 is then correct.
     */
    private static Map<UUID, Allocation> withGenerationZero(Map<UUID, Allocation> allocations) {
        Map<UUID, Allocation> adjusted = new TreeMap<>(allocations);
        adjusted.replaceAll((uuid, allocation) -> allocation.generation() != null
                ? allocation
                : new Allocation(
                        allocation.resources(),
                        allocation.projectId(),
                        allocation.userId(),
                        0,
                        allocation.consumerType()));
        return adjusted;
    }

    /** Reads a provider's allocations again, after a conflict with another writer. */
    void refreshAllocations(UUID provider) {
        providerCache.findEntry(provider).map(CachedProvider::observed).ifPresent(observed -> {
            ProviderAllocations allocations = placement.getProviderAllocations(provider);
            providerCache.applyRefreshed(observed, allocations);
        });
    }

    /**
     * Reserves the whole inventory of a one-time-use provider if it is not reserved yet.
     *
     * @return whether the inventory was written
     */
    boolean reserveFully(UUID provider) {
        if (!providerCache.isDeviceProvider(provider)) {
            return false;
        }
        ObservedProvider observed =
                providerCache.findEntry(provider).map(CachedProvider::observed).orElse(null);
        Set<Trait> traits = observed != null
                ? observed.traits()
                : placement.getTraits(provider).traits();
        if (!traits.contains(Trait.ONE_TIME_USE)) {
            return false;
        }
        ProviderInventories present = observed != null
                ? new ProviderInventories(observed.provider().generation(), observed.inventories())
                : placement.getInventories(provider);
        SortedMap<ResourceClass, Inventory> fullyReserved = new TreeMap<>();
        present.byClass().forEach((rc, inventory) -> fullyReserved.put(rc, inventory.withReserved(inventory.total())));
        if (fullyReserved.equals(present.byClass())) {
            return false;
        }
        try {
            int generation =
                    placement.putInventories(provider, new ProviderInventories(present.generation(), fullyReserved));
            if (observed != null) {
                providerCache.replaceObserved(
                        observed, observed.withInventories(generation, fullyReserved, observed.deviceType()));
            }
            return true;
        } catch (PlacementException e) {
            providerCache.invalidate(provider);
            throw e;
        }
    }

    /** Reserves a provider after it was allocated. If that fails, the next sync of its host does it. */
    private void tryReserveFully(UUID provider) {
        try {
            reserveFully(provider);
        } catch (PlacementException e) {
            if (FailureAction.forException(e) == FailureAction.WAIT) {
                throw e;
            }
        }
    }
}
