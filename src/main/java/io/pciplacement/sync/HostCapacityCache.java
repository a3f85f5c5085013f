package io.pciplacement.sync;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.AllocationEvaluator;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Cache of the allocatable capacity of each host, built from the host's last sync result and the cached state of its
 * providers. An entry is rebuilt when one of the two changes.
 */
final class HostCapacityCache {

    private final ProviderCache providerCache;
    private final Map<String, LastResult> resultByNode = new ConcurrentHashMap<>();
    private final Map<String, CachedCapacity> capacityByNode = new ConcurrentHashMap<>();

    /**
     * Nodes that claims must consider again: they were skipped by {@link #availableHosts} because part of their state
     * was unknown, or a device has been detached from its server.
     */
    private final Set<String> missedNodes = ConcurrentHashMap.newKeySet();

    /** A capacity with the sync result and the cache version that it was built from. */
    private record CachedCapacity(LastResult last, long version, Optional<HostCapacity> capacity) {}

    /** The result of a host's last sync, and what the capacity needs of its request. */
    private record LastResult(
            String rootName,
            boolean isDryRun,
            boolean isManagedByNova,
            HostDevices devices,
            HostAttachments attachments,
            ReservationPolicy reservationPolicy,
            HostSyncResult result) {

        static LastResult of(HostSyncRequest request, HostSyncResult result) {
            return new LastResult(
                    request.rootName(),
                    request.isDryRun(),
                    request.isManagedByNova(),
                    request.devices(),
                    request.attachments(),
                    request.reservationPolicy(),
                    result);
        }
    }

    HostCapacityCache(ProviderCache providerCache) {
        this.providerCache = providerCache;
    }

    /**
     * Records the result of a host's sync. Results without a decision are ignored: while Placement is unavailable, the
     * previous result stays valid.
     */
    void recordResult(HostSyncRequest request, HostSyncResult result) {
        switch (result) {
            case HostSyncResult.Synced d -> putResult(request, d);
            case HostSyncResult.RootMissing n -> putResult(request, n);
            case HostSyncResult.RootConflict t -> putResult(request, t);
            case HostSyncResult.Incomplete i -> putResult(request, i);
            case HostSyncResult.PlacementUnavailable n -> {}
            case HostSyncResult.Deferred n -> {}
        }
    }

    private void putResult(HostSyncRequest request, HostSyncResult result) {
        LastResult before = resultByNode.put(request.node(), LastResult.of(request, result));
        if (before != null
                && !request.attachments()
                        .attachedDevices()
                        .containsAll(before.attachments().attachedDevices())) {
            missedNodes.add(request.node());
        }
    }

    /** The nodes whose results are cached. */
    Set<String> nodes() {
        return Set.copyOf(resultByNode.keySet());
    }

    void removeHost(String node) {
        resultByNode.remove(node);
        capacityByNode.remove(node);
        missedNodes.remove(node);
    }

    /**
     * The capacity of a host; empty while the host is unknown or one of its providers must be read again, which its
     * next sync does.
     */
    Optional<HostCapacity> findCapacity(String node) {
        LastResult last = resultByNode.get(node);
        if (last == null) {
            return Optional.empty();
        }
        // Read first, so that a change in the meantime causes a rebuild.
        long version =
                last.result() instanceof HostSyncResult.Synced synced ? providerCache.versionBelow(synced.root()) : 0;
        CachedCapacity cached = capacityByNode.get(node);
        if (cached != null && cached.last() == last && cached.version() == version) {
            return cached.capacity();
        }
        Optional<HostCapacity> capacity = buildCapacity(node, last);
        capacityByNode.put(node, new CachedCapacity(last, version, capacity));
        return capacity;
    }

    /**
     * The capacity of the existing hosts of an allocation's devices, by node; empty while the capacity of one of them
     * is unknown.
     */
    Optional<Map<String, HostCapacity>> findCapacities(DesiredAllocation desired, Predicate<String> exists) {
        Map<String, HostCapacity> capacities = new HashMap<>();
        for (String node : AllocationEvaluator.requiredHosts(desired)) {
            if (exists.test(node)) {
                Optional<HostCapacity> capacity = findCapacity(node);
                if (capacity.isEmpty()) {
                    return Optional.empty();
                }
                capacities.put(node, capacity.get());
            }
        }
        return Optional.of(capacities);
    }

    private Optional<HostCapacity> buildCapacity(String node, LastResult last) {
        if (last.result() instanceof HostSyncResult.Incomplete incomplete) {
            return notReported(node, incomplete.missing().explanation());
        }
        if (!(last.result() instanceof HostSyncResult.Synced synced)) {
            return notReported(node, "no resource provider represents it");
        }
        if (last.isDryRun()) {
            return notReported(
                    node, "reporting is disabled or paused (spec.reporting, spec.paused of its HostPciInventory)");
        }
        SortedMap<PciAddress, ProviderCapacity> providers = new TreeMap<>();
        for (Map.Entry<String, CachedProvider> entry :
                providerCache.entriesBelow(synced.root()).entrySet()) {
            ObservedProvider observed = entry.getValue().observed();
            if (observed == null) {
                return Optional.empty();
            }
            ProviderName.findAddressBelow(last.rootName(), entry.getKey())
                    .flatMap(at -> ProviderCapacity.combine(
                            at,
                            observed,
                            Optional.ofNullable(synced.resolution().providers().get(at))))
                    .ifPresent(capacity -> providers.put(capacity.address(), capacity));
        }
        return Optional.of(new HostCapacity.Available(
                node,
                synced.root(),
                last.devices(),
                providers,
                last.isManagedByNova(),
                last.attachments(),
                last.reservationPolicy().withheldDevices(last.devices())));
    }

    /** All hosts whose devices are in Placement and known; skipped hosts are recorded for {@link #pollMissed}. */
    List<HostCapacity.Available> availableHosts() {
        List<HostCapacity.Available> all = new ArrayList<>();
        for (String node : new TreeSet<>(resultByNode.keySet())) {
            Optional<HostCapacity> capacity = findCapacity(node);
            if (capacity.isEmpty()) {
                missedNodes.add(node);
                // It may have become known just before it was recorded.
                capacity = findCapacity(node);
            }
            if (capacity.orElse(null) instanceof HostCapacity.Available available) {
                all.add(available);
            }
        }
        return all;
    }

    boolean pollMissed(String node) {
        return missedNodes.remove(node);
    }

    private static Optional<HostCapacity> notReported(String node, String explanation) {
        return Optional.of(
                new HostCapacity.NotReported(node, new AllocationProblem.HostNotReported(node, explanation + ".")));
    }
}
