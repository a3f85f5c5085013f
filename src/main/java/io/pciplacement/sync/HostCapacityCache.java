package io.pciplacement.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What can be had of each host: what was last decided for it, with what is remembered of its providers now. Put
 * together once for all who ask, until one of the two changes.
 */
final class HostCapacityCache {

    private final ProviderCache mirror;
    private final Map<String, HostCapacityCache.LastResult> byNode = new ConcurrentHashMap<>();
    private final Map<String, HostCapacityCache.CachedCapacity> made = new ConcurrentHashMap<>();

    /** Hosts that were left out when all were asked for. */
    private final Set<String> missed = ConcurrentHashMap.newKeySet();

    /** A stock, of which decision it was made, and of which version of what is remembered. */
    private record CachedCapacity(HostCapacityCache.LastResult last, long version, Optional<HostCapacity> stock) {}

    private record LastResult(HostSyncRequest request, HostSyncResult outcome) {}

    HostCapacityCache(ProviderCache mirror) {
        this.mirror = mirror;
    }

    /** While Placement is away, what was decided before still holds. */
    void put(HostSyncRequest request, HostSyncResult outcome) {
        switch (outcome) {
            case HostSyncResult.Synced d -> byNode.put(request.node(), new HostCapacityCache.LastResult(request, d));
            case HostSyncResult.RootMissing n ->
                byNode.put(request.node(), new HostCapacityCache.LastResult(request, n));
            case HostSyncResult.RootConflict t ->
                byNode.put(request.node(), new HostCapacityCache.LastResult(request, t));
            case HostSyncResult.Incomplete i ->
                byNode.put(request.node(), new HostCapacityCache.LastResult(request, i));
            case HostSyncResult.PlacementUnavailable n -> {}
            case HostSyncResult.Deferred n -> {}
        }
    }

    void forget(String node) {
        byNode.remove(node);
        made.remove(node);
        missed.remove(node);
    }

    /** Empty while the host is not known, or something of it must be read again; its next sync does that. */
    Optional<HostCapacity> of(String node) {
        HostCapacityCache.LastResult last = byNode.get(node);
        if (last == null) {
            return Optional.empty();
        }
        // Asked for first, so that what changes meanwhile makes it be made again.
        long version = last.outcome() instanceof HostSyncResult.Synced decided ? mirror.version(decided.root()) : 0;
        HostCapacityCache.CachedCapacity known = made.get(node);
        if (known != null && known.last() == last && known.version() == version) {
            return known.stock();
        }
        Optional<HostCapacity> stock = make(node, last);
        made.put(node, new HostCapacityCache.CachedCapacity(last, version, stock));
        return stock;
    }

    private Optional<HostCapacity> make(String node, HostCapacityCache.LastResult last) {
        if (last.outcome() instanceof HostSyncResult.Incomplete incomplete) {
            return unreported(node, incomplete.missing().why());
        }
        if (!(last.outcome() instanceof HostSyncResult.Synced decided)) {
            return unreported(node, "no resource provider stands for it");
        }
        if (!last.request().write()) {
            return unreported(
                    node, "reporting is disabled or paused (spec.reporting, spec.paused of its HostPciInventory)");
        }
        HostProviderTree names = HostProviderTree.forNamesOnly(last.request().rootName(), decided.root());
        SortedMap<PciAddress, ProviderCapacity> providers = new TreeMap<>();
        for (Map.Entry<String, ProviderCache.Entry> entry :
                mirror.below(decided.root()).entrySet()) {
            ObservedProvider view = entry.getValue().view();
            if (view == null) {
                return Optional.empty();
            }
            names.findAddress(entry.getKey())
                    .flatMap(at -> ProviderCapacity.combine(
                            at,
                            view,
                            Optional.ofNullable(decided.resolution().providers().get(at))))
                    .ifPresent(stock -> providers.put(stock.address(), stock));
        }
        return Optional.of(
                new HostCapacity.Available(node, decided.root(), last.request().devices(), providers));
    }

    /** Every host whose devices are in Placement and known; the others are remembered as missed. */
    List<HostCapacity.Available> reported() {
        List<HostCapacity.Available> all = new ArrayList<>();
        for (String node : new TreeSet<>(byNode.keySet())) {
            Optional<HostCapacity> stock = of(node);
            if (stock.isEmpty()) {
                missed.add(node);
                // It may have become known just before that was noted.
                stock = of(node);
            }
            if (stock.orElse(null) instanceof HostCapacity.Available reported) {
                all.add(reported);
            }
        }
        return all;
    }

    boolean wasMissed(String node) {
        return missed.remove(node);
    }

    private static Optional<HostCapacity> unreported(String node, String why) {
        return Optional.of(new HostCapacity.NotReported(node, new AllocationProblem.HostNotReported(node, why + ".")));
    }
}
