package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationEvaluator;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.root.ConsumerRootProviders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Releases the allocations of deleted objects. */
final class AllocationReleaser {

    private static final int MAX_ATTEMPTS = 4;

    private final ConsumerAllocationReader consumers;
    private final ProviderCache providerCache;
    private final HostCapacityCache capacityCache;
    private final AllocationWriter writer;
    private final ConsumerRootProviders roots;
    private final UnrecordedAllocations unrecorded;

    AllocationReleaser(
            ConsumerAllocationReader consumers,
            ProviderCache providerCache,
            HostCapacityCache capacityCache,
            AllocationWriter writer,
            ConsumerRootProviders roots) {
        this.consumers = consumers;
        this.providerCache = providerCache;
        this.capacityCache = capacityCache;
        this.writer = writer;
        this.roots = roots;
        this.unrecorded = new UnrecordedAllocations(providerCache);
    }

    /**
     * Removes from the consumers' allocations what was written for an object, and nothing else.
     *
     * @throws PlacementException if Placement cannot be used
     */
    AllocationSyncResult releaseAllocations(ReleaseRequest request) {
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = consumers.readAllocations(request.consumers());
            present.entrySet().removeIf(entry -> !request.desired().isOwnConsumer(entry.getKey(), entry.getValue()));
            Optional<AllocationRecord> record = resolveOwnRecord(request, present);
            if (record.isEmpty()) {
                return new AllocationSyncResult.Deferred();
            }
            Map<UUID, Allocation> remaining = new TreeMap<>();
            present.forEach((uuid, allocation) -> {
                Allocation released = record.get().releasedAllocation(uuid, allocation);
                if (!released.equals(allocation)) {
                    remaining.put(uuid, released);
                }
            });
            if (remaining.isEmpty()) {
                return new AllocationSyncResult.Released(Set.of());
            }
            try {
                return new AllocationSyncResult.Released(writer.putAllocations(present, remaining, attempt));
            } catch (PlacementException.GenerationConflict e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * What was written for an object that is deleted. If that is unknown, as after a crash or a restore without status,
     * it is the consumer's allocation, provided that it matches the object and the consumer has no other resources.
     *
     * @return empty while a host that is needed for the decision is unknown
     */
    private Optional<AllocationRecord> resolveOwnRecord(ReleaseRequest request, Map<UUID, Allocation> present) {
        Map<UUID, Allocation> candidates = unrecorded.findCandidates(request.desired(), request.record(), present);
        candidates.keySet().retainAll(request.adoptable());
        if (candidates.isEmpty()) {
            return Optional.of(request.record());
        }
        Set<UUID> adopted = new TreeSet<>();
        if (request.requestedDevices() > 0) {
            candidates.forEach((uuid, allocation) -> {
                if (matchesClaimSize(allocation, request.requestedDevices())) {
                    adopted.add(uuid);
                }
            });
        }
        Optional<Map<String, HostCapacity>> hosts =
                capacityCache.findCapacities(request.desired(), request.hostExists());
        if (hosts.isEmpty()) {
            return Optional.empty();
        }
        adopted.addAll(consumersMatchingDevices(request, hosts.get(), candidates));
        return Optional.of(unrecorded.adopt(request.record(), adopted, present));
    }

    /**
     * Whether an allocation can be the result of the object's claim: the requested number of devices, all below one
     * root provider.
     */
    private boolean matchesClaimSize(Allocation allocation, int requested) {
        int amount = allocation.resources().values().stream()
                .flatMap(amounts -> amounts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
        return amount == requested
                && roots.rootsOfAllocations(List.of(allocation)).size() == 1;
    }

    /**
     * The consumers whose allocations consist of the object's devices only. If the devices of an accepted object have
     * no provider any more, since the host has changed or was removed, their number is compared.
     */
    private Set<UUID> consumersMatchingDevices(
            ReleaseRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> candidates) {
        DesiredAllocation desired = request.desired();
        if (desired.devices().isEmpty()) {
            return Set.of();
        }
        Map<UUID, Allocation> all = consumers.cachedAllocations(desired);
        all.putAll(candidates);
        return switch (AllocationEvaluator.evaluate(
                desired, hosts, request.olderHolderOf(), all, providerCache::isDeviceProvider)) {
            case AllocationDecision.InSync inSync -> withoutSurplus(candidates.keySet(), inSync.deltas());
            case AllocationDecision.Update update -> withoutSurplus(candidates.keySet(), update.deltas());
            case AllocationDecision.Blocked blocked ->
                request.acceptance() == AllocationSyncRequest.Acceptance.ACCEPTED
                        ? unrecorded.matchByHost(desired, candidates, hosts)
                        : Set.of();
        };
    }

    private static Set<UUID> withoutSurplus(Set<UUID> candidates, List<AllocationDelta> deltas) {
        Set<UUID> matching = new TreeSet<>(candidates);
        matching.retainAll(deltas.stream().map(AllocationDelta::consumer).toList());
        deltas.stream()
                .filter(delta -> delta.actual() > delta.desired())
                .map(AllocationDelta::consumer)
                .forEach(matching::remove);
        return matching;
    }
}
