package io.pciplacement.sync.host;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.AllocationDigest;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the uncached state of a host's providers from Placement. Also detects one-time-use devices that may have been
 * used unobserved: the generation of their provider has increased by more than the visible changes explain, or nothing
 * was known of the provider before.
 */
final class ProviderReader {

    private final PlacementClient placement;
    private final ProviderCache providerCache;

    ProviderReader(PlacementClient placement, ProviderCache providerCache) {
        this.placement = placement;
        this.providerCache = providerCache;
    }

    /** The operator's providers below a root provider, by name. */
    Map<String, ObservedProvider> readProvidersBelow(UUID root, HostRecord record) {
        Map<String, ObservedProvider> views = new TreeMap<>();
        providerCache.entriesBelow(root).forEach((name, entry) -> {
            ObservedProvider observed = entry.observed() != null ? entry.observed() : readProvider(name, entry, record);
            if (observed != null) {
                views.put(name, observed);
            }
        });
        return views;
    }

    /**
     * Invalidates the cached state of those providers that have changed in Placement, with one request.
     *
     * @param providers providers below the root provider; no request if there are none
     * @return whether one has changed
     */
    boolean invalidateChanged(UUID root, Set<UUID> providers) {
        boolean changed = false;
        for (ResourceProvider provider :
                providers.isEmpty() ? List.<ResourceProvider>of() : placement.listProvidersInTree(root)) {
            Optional<ObservedProvider> observed =
                    providerCache.findEntry(provider.uuid()).map(CachedProvider::observed);
            if (providers.contains(provider.uuid())
                    && observed.filter(known -> known.provider().generation() != provider.generation())
                            .isPresent()) {
                providerCache.invalidate(provider.uuid());
                changed = true;
            }
        }
        return changed;
    }

    private @Nullable ObservedProvider readProvider(String name, CachedProvider entry, HostRecord record) {
        ProviderSnapshot snapshot = record.providerSnapshot(name);
        ResourceProvider provider = entry.provider();
        Optional<ObservedProvider> observed = Optional.<ProviderSnapshot.Content>ofNullable(
                        entry.invalidated() ? null : snapshot.content())
                .flatMap(content -> restoreSnapshot(provider, content, snapshot.deviceType(), record.allocations()))
                .or(() -> readFromPlacement(provider, snapshot.deviceType()));
        observed.ifPresentOrElse(
                current -> {
                    recordPossibleUse(entry, snapshot.content(), current);
                    providerCache.putObserved(current);
                },
                () -> providerCache.removeLost(provider.uuid()));
        return observed.orElse(null);
    }

    private void recordPossibleUse(
            CachedProvider entry, ProviderSnapshot.@Nullable Content recorded, ObservedProvider current) {
        ObservedProvider lastKnown = entry.lastKnown();
        ProviderSnapshot.Content content =
                recorded != null && recorded.provider().equals(current.uuid()) ? recorded : null;
        boolean oneTimeUse = current.traits().contains(Trait.ONE_TIME_USE)
                || (lastKnown != null && lastKnown.traits().contains(Trait.ONE_TIME_USE))
                || (content != null && content.traits().contains(Trait.ONE_TIME_USE));
        if (!oneTimeUse) {
            return;
        }
        if (lastKnown != null) {
            int from = lastKnown.provider().generation()
                    + entry.unconfirmedSteps()
                    + countRemovedConsumers(lastKnown, current);
            boolean moved = CleaningRecord.mayHaveBeenUsed(
                            lastKnown.provider().generation(), lastKnown.inventories(), lastKnown.traits(), current)
                    && CleaningRecord.mayHaveBeenUsed(from, lastKnown.inventories(), lastKnown.traits(), current);
            if (moved || current.usedUnits() > 0) {
                providerCache.markSuspected(current.uuid(), current.reservedUnits());
            }
        } else if (current.usedUnits() > 0
                || (content == null
                        ? mayHaveBeenUsed(current)
                        : CleaningRecord.mayHaveBeenUsed(
                                content.generation(), content.inventories(), content.traits(), current))) {
            // It is unknown who made the existing reservation; it may have been the operator.
            providerCache.markSuspected(current.uuid(), 0);
        }
    }

    /**
     * Whether a device of which nothing is recorded may have been used. If its provider was created with a full
     * reservation, the operator has created it again after it had been used.
     */
    private static boolean mayHaveBeenUsed(ObservedProvider current) {
        return !current.inventories().isEmpty()
                && (current.reservedUnits() >= current.totalUnits()
                        || CleaningRecord.mayHaveBeenUsedSinceCreation(current));
    }

    /**
     * Counts the consumers whose allocations were removed. Some ways of removing an allocation increase the provider
     * generation, others do not.
     */
    private static int countRemovedConsumers(ObservedProvider lastKnown, ObservedProvider current) {
        return (int) lastKnown.allocations().keySet().stream()
                .filter(consumer -> !current.allocations().containsKey(consumer))
                .count();
    }

    /**
     * Restores the persisted state if the provider's generation has not changed, so that a restart needs few requests.
     * Its allocations are read only if those that are recorded elsewhere are not the ones that it had at that
     * generation. Deleted allocations do not change the generation; the next sweeps notice them.
     */
    private Optional<ObservedProvider> restoreSnapshot(
            ResourceProvider provider,
            ProviderSnapshot.Content content,
            @Nullable DeviceType deviceType,
            HostRecord.Allocations recorded) {
        if (!content.provider().equals(provider.uuid()) || content.generation() != provider.generation()) {
            return Optional.empty();
        }
        Map<UUID, Map<ResourceClass, Integer>> allocations = Map.of();
        if (content.inUse()) {
            allocations = recorded.ofProvider(provider);
            if (!AllocationDigest.of(allocations).equals(content.allocationDigest())) {
                ProviderAllocations currentAllocations = placement.getProviderAllocations(provider.uuid());
                if (currentAllocations.generation() != provider.generation()) {
                    return Optional.empty();
                }
                allocations = currentAllocations.byConsumer();
            }
        }
        return Optional.of(
                new ObservedProvider(provider, content.inventories(), content.traits(), allocations, deviceType));
    }

    /** Reads all of a provider; empty if it no longer exists. */
    Optional<ObservedProvider> readFromPlacement(ResourceProvider provider, @Nullable DeviceType deviceType) {
        UUID uuid = provider.uuid();
        try {
            ProviderInventories inventories = placement.getInventories(uuid);
            ProviderTraits traits = placement.getTraits(uuid);
            ProviderAllocations allocations = placement.getProviderAllocations(uuid);
            // Three separate reads: a change in between shows as different generations. With the lowest one, a write
            // based on mixed state fails with a conflict.
            int generation =
                    Math.min(inventories.generation(), Math.min(traits.generation(), allocations.generation()));
            return Optional.of(new ObservedProvider(
                    new ResourceProvider(uuid, provider.name(), provider.parent(), provider.root(), generation),
                    inventories.byClass(),
                    traits.traits(),
                    allocations.byConsumer(),
                    deviceType));
        } catch (PlacementException.NotFound e) {
            return Optional.empty();
        }
    }
}
