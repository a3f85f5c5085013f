package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Reader of the allocations of an object's consumers, from Placement or from the cache. */
final class ConsumerAllocationReader {

    private final PlacementClient placement;
    private final ProviderCache providerCache;

    ConsumerAllocationReader(PlacementClient placement, ProviderCache providerCache) {
        this.placement = placement;
        this.providerCache = providerCache;
    }

    /** The complete allocations in Placement. */
    Map<UUID, Allocation> readAllocations(Set<UUID> consumers) {
        Map<UUID, Allocation> all = new TreeMap<>();
        consumers.forEach(uuid -> all.put(uuid, placement.getAllocation(uuid)));
        return all;
    }

    /**
     * The cached PCI part of each consumer of an object as if it were the whole allocation. Their generations are not
     * real: never write them.
     */
    Map<UUID, Allocation> cachedAllocations(DesiredAllocation desired) {
        Map<UUID, Allocation> all = new TreeMap<>();
        for (UUID uuid : desired.consumerUuids()) {
            PlacementConsumer consumer = desired.consumerFor(uuid);
            all.put(
                    uuid,
                    new Allocation(
                            providerCache.allocationsOf(uuid),
                            consumer.projectId(),
                            consumer.userId(),
                            0,
                            consumer.type()));
        }
        return all;
    }
}
