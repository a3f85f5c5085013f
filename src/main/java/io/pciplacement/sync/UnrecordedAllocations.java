package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Allocations that may have been written for an object although its record does not contain them, because the operator
 * was killed in between or the status was lost.
 */
final class UnrecordedAllocations {

    private final ProviderCache providerCache;

    UnrecordedAllocations(ProviderCache providerCache) {
        this.providerCache = providerCache;
    }

    /**
     * Those of the object's consumers that consist only of devices and that the record does not explain completely.
     *
     * @param present the consumers' allocations in Placement
     */
    Map<UUID, Allocation> findCandidates(
            DesiredAllocation desired, AllocationRecord record, Map<UUID, Allocation> present) {
        Map<UUID, Allocation> candidates = new TreeMap<>(present);
        candidates.entrySet().removeIf(entry -> {
            Allocation allocation = entry.getValue();
            Allocation remaining = record.releasedAllocation(entry.getKey(), allocation);
            return remaining.resources().isEmpty()
                    || !desired.isOwnConsumer(entry.getKey(), allocation)
                    || !allocation.resources().keySet().stream().allMatch(providerCache::isDeviceProvider);
        });
        return candidates;
    }

    /**
     * Those of the candidates that have as many units of each host as the object has devices there. That is known of a
     * device without a provider and of a host without an object too: its root provider is assumed to have its name. The
     * units of an External consumer belong to its manager.
     */
    Set<UUID> matchByHost(
            DesiredAllocation desired, Map<UUID, Allocation> candidates, Map<String, HostCapacity> hosts) {
        if (desired.consumer().managedExternally()) {
            return Set.of();
        }
        Set<UUID> matching = new TreeSet<>();
        candidates.forEach((consumer, allocation) -> {
            if (matchesHosts(desired, consumer, allocation, hosts)) {
                matching.add(consumer);
            }
        });
        return matching;
    }

    private boolean matchesHosts(
            DesiredAllocation desired, UUID consumer, Allocation allocation, Map<String, HostCapacity> hosts) {
        List<DeviceRef> devices = desired.devicesByConsumer().getOrDefault(consumer, List.of());
        Map<String, Integer> expected = new TreeMap<>();
        devices.forEach(device -> expected.merge(device.node(), 1, Integer::sum));
        Map<String, Integer> found = new TreeMap<>();
        allocation.resources().forEach((provider, amounts) -> {
            int units = amounts.values().stream().mapToInt(Integer::intValue).sum();
            found.merge(findNode(provider, expected.keySet(), hosts).orElse(""), units, Integer::sum);
        });
        return found.equals(expected);
    }

    private Optional<String> findNode(UUID provider, Set<String> nodes, Map<String, HostCapacity> hosts) {
        return providerCache
                .findEntry(provider)
                .map(CachedProvider::provider)
                .flatMap(cached -> nodes.stream()
                        .filter(node -> hosts.get(node) instanceof HostCapacity.Available available
                                ? available.root().equals(cached.root())
                                : ProviderName.findRoot(cached.name())
                                        .filter(node::equals)
                                        .isPresent())
                        .findFirst());
    }

    /** The record with all units of some consumers as the object's. */
    AllocationRecord adopt(AllocationRecord record, Set<UUID> consumers, Map<UUID, Allocation> present) {
        return record.withAdopted(consumers, present, this::nameOf);
    }

    private String nameOf(UUID provider) {
        return providerCache
                .findEntry(provider)
                .map(CachedProvider::provider)
                .map(ResourceProvider::name)
                .orElseGet(provider::toString);
    }
}
