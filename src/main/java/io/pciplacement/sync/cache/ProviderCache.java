package io.pciplacement.sync.cache;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.ObservedProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Cache of the operator's providers in Placement. A provider whose generation has not changed since it was read need
 * not be read again, except for deleted allocations, which do not change it.
 *
 * <p>Sweeps and host syncs update it concurrently. Every entry has the logical time of its last own write, so that a
 * listing that was requested earlier does not overwrite it.
 */
public final class ProviderCache {

    private final ProviderTable table = new ProviderTable();
    private final Map<UUID, Long> removedAt = new HashMap<>();
    private final Map<UUID, Long> usageReadAt = new HashMap<>();
    private final SuspectedUses suspectedUses = new SuspectedUses();

    /** Root providers below which changes by other clients were read outside of a sweep, since the last listing. */
    private final Set<UUID> changedSinceListing = new HashSet<>();

    private long logicalClock;

    /** Version of the entries below a root provider: increases with every change, and is 0 if there are none. */
    public synchronized long versionBelow(UUID root) {
        return table.version(root);
    }

    /** The logical time; read it before requesting a listing. */
    public synchronized long logicalTime() {
        return logicalClock;
    }

    /**
     * Applies a listing of all the operator's providers.
     *
     * @param asOf the logical time before it was requested
     * @return the root providers below which something differs from the cache
     */
    public synchronized Set<UUID> applyListing(List<ResourceProvider> listing, long asOf) {
        Set<UUID> changed = new HashSet<>(changedSinceListing);
        changedSinceListing.clear();
        Set<UUID> listedUuids = new HashSet<>();
        for (ResourceProvider provider : listing) {
            listedUuids.add(provider.uuid());
            CachedProvider entry = table.get(provider.uuid());
            long changedAt = entry == null ? removedAt.getOrDefault(provider.uuid(), -1L) : entry.changedAt();
            if (changedAt <= asOf && (entry == null || !entry.provider().equals(provider))) {
                table.put(
                        entry == null
                                ? CachedProvider.unread(provider, logicalClock)
                                : entry.changedElsewhere(provider, logicalClock));
                changed.add(provider.root());
            }
        }
        for (CachedProvider entry : List.copyOf(table.all())) {
            if (!listedUuids.contains(entry.provider().uuid()) && entry.changedAt() <= asOf && !entry.awaitsTraits()) {
                suspectUseOfLost(entry);
                dropEntry(entry.provider().uuid());
                changed.add(entry.provider().root());
            }
        }
        removedAt.values().removeIf(at -> at <= asOf);
        return changed;
    }

    /** All entries below a root provider, without the root provider itself, by name. */
    public synchronized Map<String, CachedProvider> entriesBelow(UUID root) {
        Map<String, CachedProvider> result = new TreeMap<>();
        for (CachedProvider entry : table.withRoot(root)) {
            if (!entry.provider().uuid().equals(root)) {
                result.put(entry.provider().name(), entry);
            }
        }
        return result;
    }

    /** The known states of the providers below a root provider, by name. */
    public Map<String, ObservedProvider> observedBelow(UUID root) {
        Map<String, ObservedProvider> result = new TreeMap<>();
        entriesBelow(root).forEach((name, entry) -> {
            if (entry.observed() != null) {
                result.put(name, entry.observed());
            }
        });
        return result;
    }

    public synchronized Optional<CachedProvider> findEntry(UUID uuid) {
        return Optional.ofNullable(table.get(uuid));
    }

    /** Stores the complete state of a provider, as just read or written. */
    public synchronized void putObserved(ObservedProvider observed) {
        setObserved(observed, ++logicalClock);
    }

    /**
     * Stores the state of a provider after a write. If the cached state is no longer the one before the write, a
     * concurrent write or listing has changed it, and its effects are not part of {@code after}: the provider is read
     * again, at the latest after the next listing.
     */
    public synchronized void replaceObserved(ObservedProvider before, ObservedProvider after) {
        if (isCurrent(before)) {
            putObserved(after);
            return;
        }
        if (table.get(before.uuid()) != null) {
            invalidate(before.uuid());
        } else {
            putListed(after.provider());
        }
        changedSinceListing.add(before.provider().root());
    }

    private boolean isCurrent(ObservedProvider observed) {
        CachedProvider entry = table.get(observed.uuid());
        return entry != null && observed.equals(entry.observed());
    }

    /** Stores that a provider of the operator exists, without its state. */
    public synchronized void putListed(ResourceProvider provider) {
        table.put(CachedProvider.unread(provider, ++logicalClock));
    }

    /** Invalidates the state of a provider after a write that failed or whose result is unknown. */
    public synchronized void invalidate(UUID uuid) {
        invalidate(uuid, 0);
    }

    /** The same for a write that, if it was executed, has increased the generation by more than one for one change. */
    public synchronized void invalidate(UUID uuid, int unconfirmed) {
        CachedProvider entry = table.get(uuid);
        if (entry != null) {
            table.put(entry.invalidated(unconfirmed, ++logicalClock));
        }
    }

    /** Removes a provider that another client has deleted. */
    public synchronized void removeLost(UUID uuid) {
        CachedProvider entry = table.get(uuid);
        if (entry != null) {
            suspectUseOfLost(entry);
        }
        removeDeleted(uuid);
    }

    /** The device may have been used before that. */
    private void suspectUseOfLost(CachedProvider entry) {
        ObservedProvider lastKnown = entry.lastKnown();
        if (lastKnown != null) {
            suspectedUses.mark(lastKnown);
        }
    }

    /** Removes a provider that the operator has deleted. */
    public synchronized void removeDeleted(UUID uuid) {
        removedAt.put(uuid, ++logicalClock);
        dropEntry(uuid);
    }

    /** Providers in use, those first whose allocations were read longest ago. */
    public synchronized List<ObservedProvider> providersInUse(int limit) {
        List<ObservedProvider> used = new ArrayList<>();
        for (CachedProvider entry : table.all()) {
            if (entry.observed() != null && entry.observed().usedUnits() > 0) {
                used.add(entry.observed());
            }
        }
        used.sort(Comparator.<ObservedProvider>comparingLong(observed -> usageReadAt.getOrDefault(observed.uuid(), 0L))
                .thenComparing(ObservedProvider::uuid));
        return List.copyOf(used.subList(0, Math.min(limit, used.size())));
    }

    /**
     * Applies allocations that were read again.
     *
     * @param before the state that they replace
     * @return whether they differ from the cache
     */
    public synchronized boolean updateAllocations(ObservedProvider before, ProviderAllocations readAllocations) {
        usageReadAt.put(before.uuid(), ++logicalClock);
        if (!isCurrent(before)) {
            return false;
        }
        if (readAllocations.generation() != before.provider().generation()) {
            invalidate(before.uuid());
            return true;
        }
        if (readAllocations.byConsumer().equals(before.allocations())) {
            return false;
        }
        setObserved(before.withAllocations(readAllocations.generation(), readAllocations.byConsumer()), logicalClock);
        return true;
    }

    /**
     * Applies a request that replaced consumers' allocations. It increases the generation of each provider that is
     * allocated from, and of each provider that loses a consumer that has no allocation left. If Placement counted
     * differently, the next listing shows it.
     *
     * @param after the complete new allocations of these consumers
     * @param touched the providers of their old and new allocations
     */
    public synchronized void applyAllocations(Map<UUID, Allocation> after, Set<UUID> touched) {
        for (UUID uuid : touched) {
            CachedProvider entry = table.get(uuid);
            ObservedProvider observed = entry == null ? null : entry.observed();
            if (observed != null) {
                Map<UUID, Map<ResourceClass, Integer>> all = new HashMap<>(observed.allocations());
                int steps = 0;
                for (Map.Entry<UUID, Allocation> consumer : after.entrySet()) {
                    Map<ResourceClass, Integer> amounts =
                            consumer.getValue().resources().get(uuid);
                    if (amounts == null) {
                        boolean had = all.remove(consumer.getKey()) != null;
                        // Placement counts that as a change of the provider only if the consumer has nothing left at
                        // all.
                        steps = had && consumer.getValue().resources().isEmpty() ? 1 : steps;
                    } else {
                        all.put(consumer.getKey(), amounts);
                        steps = 1;
                    }
                }
                ObservedProvider changed =
                        observed.withAllocations(observed.provider().generation() + steps, all);
                setObserved(changed, ++logicalClock);
            }
        }
    }

    /** The cached allocations of a consumer from the operator's providers, by provider. */
    public synchronized Map<UUID, Map<ResourceClass, Integer>> allocationsOf(UUID consumer) {
        Map<UUID, Map<ResourceClass, Integer>> allocations = new HashMap<>();
        for (CachedProvider entry : table.withConsumer(consumer)) {
            if (entry.observed() != null) {
                allocations.put(
                        entry.provider().uuid(), entry.observed().allocations().getOrDefault(consumer, Map.of()));
            }
        }
        allocations.values().removeIf(Map::isEmpty);
        return allocations;
    }

    /** Whether a provider is a device provider of the operator, not a root provider. */
    public synchronized boolean isDeviceProvider(UUID uuid) {
        CachedProvider entry = table.get(uuid);
        return entry != null && entry.provider().parent() != null;
    }

    /**
     * Applies allocations that were read after a conflict with another writer. If they differ from the cache, the next
     * listing reports the root provider: from then on, it does not show the change itself. They are not applied to a
     * state that a concurrent write has changed; if that causes another conflict, they are read again.
     *
     * @param before the state that they replace
     */
    public synchronized void applyRefreshed(ObservedProvider before, ProviderAllocations readAllocations) {
        if (readAllocations.generation() != before.provider().generation()) {
            suspectedUses.mark(before);
        }
        if (!readAllocations.byConsumer().equals(before.allocations())) {
            changedSinceListing.add(before.provider().root());
        }
        // With its previous generation: inventories and traits were not read again, and may have changed as well. The
        // next listing shows that, and until then Placement rejects writes of them.
        if (isCurrent(before)) {
            putObserved(before.withAllocations(before.provider().generation(), readAllocations.byConsumer()));
        }
    }

    /** Marks a one-time-use device as possibly used. An existing mark is kept. */
    public synchronized void markSuspected(UUID uuid, int reservedByAdministrator) {
        suspectedUses.mark(uuid, reservedByAdministrator);
    }

    /**
     * How many units an administrator had reserved of a device that was or may have been in use; null if it was not.
     */
    public synchronized @Nullable Integer suspectedReservation(UUID uuid) {
        return suspectedUses.findReservation(uuid);
    }

    /** Removes the mark, since the host's record contains the use from now on. */
    public synchronized void clearSuspicion(UUID uuid) {
        suspectedUses.clear(uuid);
    }

    /** The root providers below which device providers of a host exist, by the name of the host's root provider. */
    public synchronized Set<UUID> rootsForName(String rootName) {
        return table.rootsForName(rootName);
    }

    public synchronized int providerCount() {
        return table.size();
    }

    private void setObserved(ObservedProvider observed, long changedAt) {
        table.put(CachedProvider.of(observed, changedAt));
        suspectedUses.markIfUsed(observed);
    }

    private void dropEntry(UUID uuid) {
        usageReadAt.remove(uuid);
        table.remove(uuid);
    }
}
