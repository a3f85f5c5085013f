package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.placement.Allocation;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tracker of when each unaccounted allocation was first seen. Placement does not provide the age of an allocation, so
 * it counts from the first time that the operator saw it; after a restart it is read from the rows of the hosts'
 * statuses.
 */
@ApplicationScoped
public class UnaccountedAllocationTracker {

    private static final int MAX_LISTED = 20;

    private final Map<String, Map<Key, String>> byNode = new ConcurrentHashMap<>();

    private record Key(String consumer, String provider, String resourceClass) {}

    /**
     * Unaccounted allocations of a host.
     *
     * @param units sum of their units
     * @param oldest the oldest ones
     */
    record Snapshot(int units, List<HostPciInventoryStatus.UnaccountedAllocationStatus> oldest) {

        Snapshot {
            oldest = List.copyOf(oldest);
        }

        /** Restores the snapshot from the host's status. */
        static Snapshot fromStatus(@Nullable HostPciInventoryStatus status) {
            HostPciInventoryStatus.Summary summary = status == null ? null : status.summary();
            Integer units = summary == null ? null : summary.unaccounted();
            List<HostPciInventoryStatus.UnaccountedAllocationStatus> oldest =
                    status == null ? null : status.unaccountedAllocations();
            return new Snapshot(Objects.requireNonNullElse(units, 0), Objects.requireNonNullElse(oldest, List.of()));
        }
    }

    /**
     * Replaces the unaccounted allocations of a host, and returns them with their first-seen times.
     *
     * @param migrations consumers that are known to be migrations; they are listed, but not counted
     */
    public Snapshot update(
            String node,
            List<UnaccountedAllocation> allocations,
            Set<UUID> migrations,
            @Nullable HostPciInventoryStatus status,
            Instant now) {
        Map<Key, String> before = byNode.getOrDefault(node, Map.of());
        Map<Key, String> listed = new HashMap<>();
        Snapshot.fromStatus(status)
                .oldest()
                .forEach(row ->
                        listed.put(new Key(row.consumerUuid(), row.provider(), row.resourceClass()), row.firstSeen()));
        String timestamp = now.truncatedTo(ChronoUnit.SECONDS).toString();
        Map<Key, String> current = new HashMap<>();
        List<HostPciInventoryStatus.UnaccountedAllocationStatus> rows = allocations.stream()
                .map(allocation -> {
                    Key key = new Key(
                            allocation.consumer().toString(),
                            allocation.provider(),
                            allocation.resourceClass().name());
                    String firstSeen = before.getOrDefault(key, listed.getOrDefault(key, timestamp));
                    current.put(key, firstSeen);
                    return new HostPciInventoryStatus.UnaccountedAllocationStatus(
                            key.consumer(),
                            key.provider(),
                            key.resourceClass(),
                            allocation.amount(),
                            firstSeen,
                            migrations.contains(allocation.consumer()) ? Allocation.MIGRATION_TYPE : null);
                })
                .sorted(Comparator.comparing(HostPciInventoryStatus.UnaccountedAllocationStatus::firstSeen))
                .toList();
        byNode.put(node, current);
        return new Snapshot(
                rows.stream()
                        .filter(row -> row.consumerType() == null)
                        .mapToInt(HostPciInventoryStatus.UnaccountedAllocationStatus::amount)
                        .sum(),
                rows.stream().limit(MAX_LISTED).toList());
    }

    public void retainHosts(Predicate<String> exists) {
        byNode.keySet().removeIf(exists.negate());
    }

    public int hostCount() {
        return byNode.size();
    }

    void forgetHost(String node) {
        byNode.remove(node);
    }
}
