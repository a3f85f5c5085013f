package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Since when each amount that nobody explains is known. Placement does not tell how old an allocation is, so its age
 * counts from when the operator first saw it; after a restart the hosts' statuses tell that of those they list.
 */
@ApplicationScoped
public class UnaccountedAllocationTracker {

    private static final int LISTED = 20;

    private final Map<String, Map<Key, String>> byNode = new ConcurrentHashMap<>();

    private record Key(String consumer, String provider, String resourceClass) {}

    /**
     * What a host's status says of it.
     *
     * @param units how much of the host's inventories it is
     * @param oldest those that are known longest
     */
    record Snapshot(int units, List<HostPciInventoryStatus.UnaccountedAllocationStatus> oldest) {

        Snapshot {
            oldest = List.copyOf(oldest);
        }

        /** What the host's status says already, where nobody can know better now. */
        static UnaccountedAllocationTracker.Snapshot known(@Nullable HostPciInventoryStatus status) {
            HostPciInventoryStatus.Summary summary = status == null ? null : status.summary();
            Integer units = summary == null ? null : summary.unaccounted();
            List<HostPciInventoryStatus.UnaccountedAllocationStatus> oldest =
                    status == null ? null : status.unaccountedAllocations();
            return new UnaccountedAllocationTracker.Snapshot(
                    Objects.requireNonNullElse(units, 0), Objects.requireNonNullElse(oldest, List.of()));
        }
    }

    /** Takes in all that nobody explains on a host now. */
    public UnaccountedAllocationTracker.Snapshot on(
            String node, List<UnaccountedAllocation> found, @Nullable HostPciInventoryStatus status, Instant now) {
        Map<Key, String> before = byNode.getOrDefault(node, Map.of());
        Map<Key, String> listed = new HashMap<>();
        UnaccountedAllocationTracker.Snapshot.known(status)
                .oldest()
                .forEach(row ->
                        listed.put(new Key(row.consumerUuid(), row.provider(), row.resourceClass()), row.firstSeen()));
        String today = now.truncatedTo(ChronoUnit.SECONDS).toString();
        Map<Key, String> seen = new HashMap<>();
        List<HostPciInventoryStatus.UnaccountedAllocationStatus> rows = found.stream()
                .map(one -> {
                    Key key = new Key(
                            one.consumer().toString(),
                            one.provider(),
                            one.resourceClass().name());
                    String first = before.getOrDefault(key, listed.getOrDefault(key, today));
                    seen.put(key, first);
                    return new HostPciInventoryStatus.UnaccountedAllocationStatus(
                            key.consumer(), key.provider(), key.resourceClass(), one.amount(), first);
                })
                .sorted(Comparator.comparing(HostPciInventoryStatus.UnaccountedAllocationStatus::firstSeen))
                .toList();
        byNode.put(node, seen);
        return new UnaccountedAllocationTracker.Snapshot(
                rows.stream()
                        .mapToInt(HostPciInventoryStatus.UnaccountedAllocationStatus::amount)
                        .sum(),
                rows.stream().limit(LISTED).toList());
    }

    public void retain(Predicate<String> exists) {
        byNode.keySet().removeIf(exists.negate());
    }

    public int size() {
        return byNode.size();
    }

    void forget(String node) {
        byNode.remove(node);
    }
}
