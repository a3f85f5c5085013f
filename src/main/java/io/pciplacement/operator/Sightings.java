package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.UnexplainedStatus;
import io.pciplacement.planning.allocation.Unexplained;
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
public class Sightings {

    private static final int LISTED = 20;

    private final Map<String, Map<Key, String>> byNode = new ConcurrentHashMap<>();

    private record Key(String consumer, String provider, String resourceClass) {}

    /**
     * What a host's status says of it.
     *
     * @param units how much of the host's inventories it is
     * @param oldest those that are known longest
     */
    record Sighted(int units, List<UnexplainedStatus> oldest) {

        Sighted {
            oldest = List.copyOf(oldest);
        }

        /** What the host's status says already, where nobody can know better now. */
        static Sighted known(@Nullable HostPciInventoryStatus status) {
            HostPciInventoryStatus.Summary summary = status == null ? null : status.summary();
            Integer units = summary == null ? null : summary.unexplained();
            List<UnexplainedStatus> oldest = status == null ? null : status.unexplained();
            return new Sighted(Objects.requireNonNullElse(units, 0), Objects.requireNonNullElse(oldest, List.of()));
        }
    }

    /** Takes in all that nobody explains on a host now. */
    Sighted on(String node, List<Unexplained> found, @Nullable HostPciInventoryStatus status, Instant now) {
        Map<Key, String> before = byNode.getOrDefault(node, Map.of());
        Map<Key, String> listed = new HashMap<>();
        Sighted.known(status)
                .oldest()
                .forEach(row ->
                        listed.put(new Key(row.consumerUuid(), row.provider(), row.resourceClass()), row.firstSeen()));
        String today = now.truncatedTo(ChronoUnit.SECONDS).toString();
        Map<Key, String> seen = new HashMap<>();
        List<UnexplainedStatus> rows = found.stream()
                .map(one -> {
                    Key key = new Key(
                            one.consumer().toString(),
                            one.provider(),
                            one.resourceClass().name());
                    String first = before.getOrDefault(key, listed.getOrDefault(key, today));
                    seen.put(key, first);
                    return new UnexplainedStatus(
                            key.consumer(), key.provider(), key.resourceClass(), one.amount(), first);
                })
                .sorted(Comparator.comparing(UnexplainedStatus::firstSeen))
                .toList();
        byNode.put(node, seen);
        return new Sighted(
                rows.stream().mapToInt(UnexplainedStatus::amount).sum(),
                rows.stream().limit(LISTED).toList());
    }

    void retain(Predicate<String> exists) {
        byNode.keySet().removeIf(exists.negate());
    }

    int size() {
        return byNode.size();
    }

    void forget(String node) {
        byNode.remove(node);
    }
}
