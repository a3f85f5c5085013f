package io.pciplacement.operator.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.operator.host.AttachmentDifferenceTracker.Snapshot;
import io.pciplacement.operator.host.AttachmentDifferenceTracker.Verdict;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.planning.attachment.AttachmentDifference;
import io.pciplacement.planning.attachment.DifferenceType;
import io.pciplacement.testing.Devices;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A difference is reported when it has lasted for the grace period of two minutes. */
class AttachmentDifferenceTrackerTest {

    private static final Instant START = Instant.parse("2026-01-05T10:00:00.5Z");
    private static final String START_TEXT = "2026-01-05T10:00:00Z";
    private static final Duration GRACE = Duration.ofMinutes(2);

    private final AttachmentDifferenceTracker tracker = new AttachmentDifferenceTracker(GRACE);
    private Verdict verdict = Verdict.CONFIRMED;
    private int checks;

    private static AttachmentDifference stale(long consumer) {
        return new AttachmentDifference.AllocatedNotAttached(new UUID(0, consumer), "host_0000:81:00.0", 1);
    }

    private Snapshot update(
            @Nullable HostPciInventoryStatus status, Duration after, AttachmentDifference... differences) {
        return update(tracker, status, after, differences);
    }

    private Snapshot update(
            AttachmentDifferenceTracker updated,
            @Nullable HostPciInventoryStatus status,
            Duration after,
            AttachmentDifference... differences) {
        return updated.update(
                "host",
                List.of(differences),
                status,
                difference -> {
                    checks++;
                    return verdict;
                },
                START.plus(after));
    }

    private static HostPciInventoryStatus status(Snapshot snapshot) {
        return new HostPciInventoryStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                snapshot.toStatus(),
                null,
                null,
                null,
                null);
    }

    @Test
    void differenceIsReportedOnceItHasLasted() {
        assertThat(update(null, Duration.ZERO, stale(1))).isEqualTo(new Snapshot(0, List.of(), GRACE));
        assertThat(update(null, Duration.ofSeconds(90), stale(1)))
                .isEqualTo(new Snapshot(0, List.of(), Duration.ofSeconds(30)));
        Snapshot reported = update(null, GRACE, stale(1));
        assertThat(reported)
                .isEqualTo(new Snapshot(
                        1,
                        List.of(new AttachmentDifferenceStatus(
                                "AllocatedNotAttached",
                                new UUID(0, 1).toString(),
                                null,
                                "host_0000:81:00.0",
                                null,
                                1,
                                START_TEXT)),
                        null));
        update(null, Duration.ofHours(1), stale(1));
        assertThat(checks).as("it is checked once").isEqualTo(1);
        assertThat(tracker.countByType()).containsEntry(DifferenceType.ALLOCATED_NOT_ATTACHED, 1L);

        assertThat(update(null, Duration.ofHours(1))).isEqualTo(Snapshot.NONE);
        assertThat(update(null, Duration.ofHours(1), stale(1)).nextCheck())
                .as("it begins again")
                .isEqualTo(GRACE);
    }

    @Test
    void reportedDifferenceSurvivesARestart() {
        update(null, Duration.ZERO, stale(1));
        HostPciInventoryStatus status = status(update(null, GRACE, stale(1)));
        assertThat(Snapshot.fromStatus(status).oldest()).hasSize(1);
        AttachmentDifferenceTracker restarted = new AttachmentDifferenceTracker(GRACE);
        Snapshot after = update(restarted, status, Duration.ofHours(1), stale(1), stale(2));
        assertThat(after.oldest())
                .extracting(AttachmentDifferenceStatus::firstSeen)
                .containsExactly(START_TEXT);
        assertThat(after.nextCheck()).isEqualTo(GRACE);
    }

    @Test
    void migrationIsNotReported() {
        verdict = Verdict.MIGRATION;
        update(null, Duration.ZERO, stale(1));
        assertThat(tracker.migrations("host")).isEmpty();
        assertThat(update(null, GRACE, stale(1))).isEqualTo(Snapshot.NONE);
        assertThat(tracker.migrations("host")).containsExactly(new UUID(0, 1));
        update(null, Duration.ofHours(1), stale(1));
        assertThat(checks).isEqualTo(1);
        update(null, Duration.ofHours(1));
        assertThat(tracker.migrations("host")).isEmpty();
    }

    @Test
    void differenceFromOldDataIsCheckedAgainLater() {
        verdict = Verdict.OUTDATED;
        update(null, Duration.ZERO, stale(1));
        assertThat(update(null, GRACE, stale(1))).isEqualTo(new Snapshot(0, List.of(), GRACE));
        verdict = Verdict.CONFIRMED;
        assertThat(update(null, GRACE.multipliedBy(2), stale(1)).total()).isEqualTo(1);
    }

    @Test
    void everyTypeHasRows() {
        AttachedServer web = new AttachedServer(new UUID(0, 1), "web", "p", "u", true, new TreeMap<>());
        AttachedServer db = new AttachedServer(new UUID(0, 2), "db", "p", "u", false, new TreeMap<>());
        AttachmentDifference[] all = {
            stale(1),
            new AttachmentDifference.AttachedNotAllocated(web, "host_0000:82:00.0", new TreeSet<>(), 2),
            new AttachmentDifference.AttachedTwice(Devices.at("0000:83:00.0"), List.of(web, db)),
            new AttachmentDifference.AttachedNotTracked(db, Devices.at("0000:84:00.0"))
        };
        update(null, Duration.ZERO, all);
        assertThat(update(null, GRACE, all).oldest())
                .extracting(row -> "%s %s %s %s %s"
                        .formatted(row.type(), row.serverName(), row.provider(), row.address(), row.units()))
                .containsExactly(
                        "AllocatedNotAttached null host_0000:81:00.0 null 1",
                        "AttachedNotAllocated web host_0000:82:00.0 null 2",
                        "AttachedTwice web null 0000:83:00.0 null",
                        "AttachedTwice db null 0000:83:00.0 null",
                        "AttachedNotTracked db null 0000:84:00.0 null");
    }

    @Test
    void listIsBounded() {
        AttachmentDifference[] many = LongStream.range(0, 50)
                .mapToObj(AttachmentDifferenceTrackerTest::stale)
                .toArray(AttachmentDifference[]::new);
        update(null, Duration.ZERO, many);
        Snapshot snapshot = update(null, GRACE, many);
        assertThat(snapshot.total()).isEqualTo(50);
        assertThat(snapshot.oldest()).hasSize(20);
        tracker.retainHosts(host -> false);
        assertThat(tracker.countByType().values()).containsOnly(0L);
    }
}
