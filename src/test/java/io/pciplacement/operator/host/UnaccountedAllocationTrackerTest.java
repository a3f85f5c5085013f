package io.pciplacement.operator.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.allocation.UnaccountedAllocations;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Unaccounted allocations keep the time when they were first detected. */
class UnaccountedAllocationTrackerTest {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final Instant MONDAY = Instant.parse("2026-01-05T10:00:00.5Z");
    private static final Instant TUESDAY = Instant.parse("2026-01-06T10:00:00Z");

    private final UUID deleted = new UUID(0, 1);
    private final UUID explained = new UUID(0, 2);

    private static UnaccountedAllocation one(long consumer) {
        return new UnaccountedAllocation(new UUID(0, consumer), "host_0000:81:00.0", new UUID(1, 1), VF, 1);
    }

    @Test
    void listsOnlyConsumersWithoutPciAllocation() {
        assertThat(UnaccountedAllocations.findUnaccounted(
                        "p",
                        new UUID(1, 1),
                        Map.of(deleted, Map.of(VF, 2), explained, Map.of(VF, 1)),
                        explained::equals))
                .containsExactly(new UnaccountedAllocation(deleted, "p", new UUID(1, 1), VF, 2));
    }

    @Test
    void firstSeenTimeSurvivesARestart() {
        UnaccountedAllocationTracker tracker = new UnaccountedAllocationTracker();
        UnaccountedAllocationTracker.Snapshot first = tracker.update("host", List.of(one(1)), Set.of(), null, MONDAY);
        assertThat(first.oldest()).containsExactly(row(1, "2026-01-05T10:00:00Z"));
        assertThat(tracker.update("host", List.of(one(1), one(2)), Set.of(), null, TUESDAY)
                        .oldest())
                .containsExactly(row(1, "2026-01-05T10:00:00Z"), row(2, "2026-01-06T10:00:00Z"));
        HostPciInventoryStatus status = status(first);
        assertThat(UnaccountedAllocationTracker.Snapshot.fromStatus(status)).isEqualTo(first);
        assertThat(new UnaccountedAllocationTracker()
                        .update("host", List.of(one(1)), Set.of(), status, TUESDAY)
                        .oldest())
                .containsExactly(row(1, "2026-01-05T10:00:00Z"));
        assertThat(new UnaccountedAllocationTracker().update("host", List.of(), Set.of(), status, TUESDAY))
                .isEqualTo(new UnaccountedAllocationTracker.Snapshot(0, List.of()));
    }

    @Test
    void limitsTheListButNotTheCount() {
        List<UnaccountedAllocation> many = LongStream.range(0, 50)
                .mapToObj(UnaccountedAllocationTrackerTest::one)
                .toList();
        UnaccountedAllocationTracker.Snapshot snapshot =
                new UnaccountedAllocationTracker().update("host", many, Set.of(), null, MONDAY);
        assertThat(snapshot.units()).isEqualTo(50);
        assertThat(snapshot.oldest()).hasSize(20);
    }

    @Test
    void migrationIsListedAndNotCounted() {
        UnaccountedAllocationTracker.Snapshot snapshot = new UnaccountedAllocationTracker()
                .update("host", List.of(one(1), one(2)), Set.of(new UUID(0, 1)), null, MONDAY);
        assertThat(snapshot.units()).isEqualTo(1);
        assertThat(snapshot.oldest())
                .extracting(HostPciInventoryStatus.UnaccountedAllocationStatus::consumerType)
                .containsExactlyInAnyOrder("MIGRATION", null);
    }

    private static HostPciInventoryStatus.UnaccountedAllocationStatus row(long consumer, String since) {
        return new HostPciInventoryStatus.UnaccountedAllocationStatus(
                new UUID(0, consumer).toString(), "host_0000:81:00.0", "CUSTOM_VF", 1, since, null);
    }

    private static HostPciInventoryStatus status(UnaccountedAllocationTracker.Snapshot snapshot) {
        return new HostPciInventoryStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new Summary(0, 0, 0, 0, 0, 0, 0, 0, 0, snapshot.units(), null, null),
                null,
                snapshot.oldest(),
                null,
                null,
                null,
                null,
                null);
    }
}
