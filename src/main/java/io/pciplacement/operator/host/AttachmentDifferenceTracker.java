package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.mapping.AttachmentDifferenceMapper;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.planning.attachment.AttachmentDifference;
import io.pciplacement.planning.attachment.DifferenceType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tracker of when each difference between attachments and allocations was first seen. Nova allocates before libvirt
 * attaches, and detaches before it releases, so a difference is reported only if it lasts. After a restart, the
 * reported ones are read from the hosts' statuses.
 */
@ApplicationScoped
public class AttachmentDifferenceTracker {

    private static final int MAX_LISTED = 20;

    private final Duration gracePeriod;
    private final Map<String, Map<Key, Entry>> byNode = new ConcurrentHashMap<>();

    private record Key(DifferenceType type, String consumer, String place) {}

    /**
     * State of a difference.
     *
     * @param verdict null until the difference has lasted for the grace period
     */
    private record Entry(Instant firstSeen, @Nullable Verdict verdict) {}

    /** Result of the check of a difference that lasts. */
    enum Verdict {
        /** It is reported. */
        CONFIRMED,
        /** The consumer is a migration, which has devices that are not attached to it. */
        MIGRATION,
        /** Placement has changed in the meantime, or cannot be read. */
        OUTDATED
    }

    @Inject
    AttachmentDifferenceTracker(OperatorSettings settings) {
        this(settings.discoveryGracePeriod());
    }

    /** Creates a tracker with a given grace period. */
    public AttachmentDifferenceTracker(Duration gracePeriod) {
        this.gracePeriod = gracePeriod;
    }

    /**
     * Reported differences of a host.
     *
     * @param total number of all reported differences
     * @param oldest the oldest ones
     * @param nextCheck when the next difference will have lasted for the grace period; null if none is pending
     */
    record Snapshot(
            int total,
            List<AttachmentDifferenceStatus> oldest,
            @Nullable Duration nextCheck) {

        static final Snapshot NONE = new Snapshot(0, List.of(), null);

        Snapshot {
            oldest = List.copyOf(oldest);
        }

        /** Restores the snapshot from the host's status. */
        static Snapshot fromStatus(@Nullable HostPciInventoryStatus status) {
            List<AttachmentDifferenceStatus> rows = status == null ? null : status.attachmentDifferences();
            return rows == null ? NONE : new Snapshot(rows.size(), rows, null);
        }

        /** The field of the status; null if there are no differences. */
        @Nullable List<AttachmentDifferenceStatus> toStatus() {
            return oldest.isEmpty() ? null : oldest;
        }
    }

    /**
     * Replaces the differences of a host; returns those that are reported.
     *
     * @param check checks a difference that has lasted for the grace period
     */
    Snapshot update(
            String node,
            List<AttachmentDifference> differences,
            @Nullable HostPciInventoryStatus status,
            Function<AttachmentDifferenceStatus, Verdict> check,
            Instant now) {
        Map<Key, Entry> before = byNode.getOrDefault(node, Map.of());
        Map<Key, Instant> reportedBefore = reportedBefore(status);
        Map<Key, Entry> current = new HashMap<>();
        List<AttachmentDifferenceStatus> reported = new ArrayList<>();
        Duration nextCheck = null;
        for (AttachmentDifferenceStatus row : AttachmentDifferenceMapper.toRows(differences)) {
            Key key = toKey(row);
            Entry entry = before.get(key);
            if (entry == null) {
                Instant since = reportedBefore.get(key);
                entry = new Entry(since == null ? now : since, null);
            }
            if (entry.verdict() == null && !now.isBefore(entry.firstSeen().plus(gracePeriod))) {
                Verdict verdict = check.apply(row);
                entry = verdict == Verdict.OUTDATED ? new Entry(now, null) : new Entry(entry.firstSeen(), verdict);
            }
            current.put(key, entry);
            if (entry.verdict() == Verdict.CONFIRMED) {
                reported.add(withFirstSeen(row, entry.firstSeen()));
            } else if (entry.verdict() == null) {
                Duration remaining = Duration.between(now, entry.firstSeen().plus(gracePeriod));
                nextCheck = nextCheck == null || remaining.compareTo(nextCheck) < 0 ? remaining : nextCheck;
            }
        }
        byNode.put(node, current);
        reported.sort(Comparator.comparing(AttachmentDifferenceStatus::firstSeen));
        return new Snapshot(reported.size(), reported.stream().limit(MAX_LISTED).toList(), nextCheck);
    }

    private static Map<Key, Instant> reportedBefore(@Nullable HostPciInventoryStatus status) {
        Map<Key, Instant> reported = new HashMap<>();
        Snapshot.fromStatus(status)
                .oldest()
                .forEach(row -> parseTime(row.firstSeen())
                        .ifPresent(since -> findType(row.type()).ifPresent(type -> reported.put(toKey(row), since))));
        return reported;
    }

    private static Optional<Instant> parseTime(String time) {
        try {
            return Optional.of(Instant.parse(time));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<DifferenceType> findType(String value) {
        for (DifferenceType type : DifferenceType.values()) {
            if (type.value().equals(value)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    private static Key toKey(AttachmentDifferenceStatus row) {
        return new Key(
                findType(row.type()).orElseThrow(),
                row.consumerUuid(),
                Objects.requireNonNullElse(row.provider(), Objects.requireNonNullElse(row.address(), "")));
    }

    private static AttachmentDifferenceStatus withFirstSeen(AttachmentDifferenceStatus row, Instant firstSeen) {
        return new AttachmentDifferenceStatus(
                row.type(),
                row.consumerUuid(),
                row.serverName(),
                row.provider(),
                row.address(),
                row.units(),
                firstSeen.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /** The consumers of a host that are known to be migrations. */
    Set<UUID> migrations(String node) {
        return byNode.getOrDefault(node, Map.of()).entrySet().stream()
                .filter(entry -> entry.getValue().verdict() == Verdict.MIGRATION)
                .map(entry -> UUID.fromString(entry.getKey().consumer()))
                .collect(Collectors.toSet());
    }

    /** Number of reported differences of all hosts by type. */
    public Map<DifferenceType, Long> countByType() {
        Map<DifferenceType, Long> counts = new EnumMap<>(DifferenceType.class);
        for (DifferenceType type : DifferenceType.values()) {
            counts.put(type, 0L);
        }
        byNode.values()
                .forEach(entries -> entries.forEach((key, entry) -> {
                    if (entry.verdict() == Verdict.CONFIRMED) {
                        counts.merge(key.type(), 1L, Long::sum);
                    }
                }));
        return counts;
    }

    public void retainHosts(Predicate<String> exists) {
        byNode.keySet().removeIf(exists.negate());
    }

    void forgetHost(String node) {
        byNode.remove(node);
    }
}
