package io.pciplacement.operator.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a host's status says of an outcome. Only what the operator owns; the agent's part is left out. */
public final class HostPciInventoryStatusFactory {

    /** Reasons that do not go away by themselves: a person must act. */
    static final Set<String> STALLED = Set.of(
            ConditionReason.UNAUTHORIZED.value(),
            ConditionReason.FORBIDDEN.value(),
            ConditionReason.MISCONFIGURED.value(),
            ConditionReason.ROOT_PROVIDER_NOT_FOUND.value(),
            ConditionReason.ROOT_PROVIDER_TAKEN.value(),
            ConditionReason.ROOT_PROVIDER_REPLACED.value(),
            ConditionReason.ROOT_PROVIDER_NESTED.value(),
            FindingReason.REWRITTEN_BY_OTHER.value(),
            ConditionReason.CANNOT_DISABLE_REPORTING.value(),
            FindingReason.REFUSED_BY_PLACEMENT.value(),
            FindingReason.FOREIGN_OWNER.value(),
            FindingReason.ADOPTABLE.value(),
            FindingReason.DEVICE_REPLACED.value());

    /** There only if it is False. */
    static final String ROOT_PROVIDER_FOUND = ConditionType.ROOT_PROVIDER_FOUND;

    private static final String AWAITING_CLEANING = FindingReason.AWAITING_CLEANING.value();

    private final HostPciInventory host;
    private final @Nullable HostPciInventoryStatus before;
    private final HostSyncResult outcome;
    private final Heartbeat heartbeat;
    private final int devices;
    private final boolean hashReused;
    private final AllocationsHealedCondition allocations;
    private final Instant now;
    private final ConditionsBuilder conditions;

    HostPciInventoryStatusFactory(
            HostPciInventory host,
            HostSyncResult outcome,
            Heartbeat heartbeat,
            int devices,
            boolean hashReused,
            AllocationsHealedCondition allocations,
            Instant now) {
        this.host = host;
        this.before = host.getStatus();
        this.outcome = outcome;
        this.heartbeat = heartbeat;
        this.devices = devices;
        this.hashReused = hashReused;
        this.allocations = allocations;
        this.now = now;
        this.conditions = new ConditionsBuilder(
                before == null ? null : before.conditions(), host.getMetadata().getGeneration(), now);
    }

    /** The operator's whole part of the status. */
    HostPciInventoryStatus status() {
        List<ProviderStatus> rows = rows();
        InventoryFreshCondition.inventoryFresh(conditions, known(HostPciInventoryStatus::agent), heartbeat, hashReused);
        specsResolved();
        rootProviderFound();
        new PlacementSyncedCondition(host, outcome, rows).report(conditions);
        needsCleaning(rows);
        allocations.report(conditions);
        ready();
        boolean acted = !(outcome instanceof HostSyncResult.PlacementUnavailable)
                && !(outcome instanceof HostSyncResult.Deferred);
        boolean written = outcome instanceof HostSyncResult.Synced && host.isReportingEnabled() && !host.isPaused();
        HostPciInventoryStatus draft = new HostPciInventoryStatus(
                null,
                null,
                acted ? host.getMetadata().getGeneration() : known(HostPciInventoryStatus::observedGeneration),
                acted ? inventoryHash() : known(HostPciInventoryStatus::observedInventoryHash),
                enabledAt(),
                written ? rootWrittenBelow(rows) : known(HostPciInventoryStatus::rootProviderUuid),
                known(HostPciInventoryStatus::lastSyncTime),
                summary(rows),
                rows,
                allocations.unexplained().oldest(),
                outcome instanceof HostSyncResult.Synced decided
                        ? HostStatusReader.toUncleanedStatus(decided.uncleaned())
                        : known(HostPciInventoryStatus::uncleanedDevices),
                conditions.list());
        return written && (!wroteNothing() || !sameAsBefore(draft)) ? syncedNow(draft) : draft;
    }

    /** From then on the host's providers are named after it. */
    private @Nullable String rootWrittenBelow(List<ProviderStatus> rows) {
        boolean any = rows.stream().anyMatch(row -> row.uuid() != null);
        return any && outcome instanceof HostSyncResult.Synced decided
                ? decided.root().toString()
                : known(HostPciInventoryStatus::rootProviderUuid);
    }

    private boolean wroteNothing() {
        return outcome instanceof HostSyncResult.Synced decided
                && decided.writeCounts().isEmpty();
    }

    /** Whether the object says all this already, so that nothing need be written. */
    boolean sameAsBefore(HostPciInventoryStatus status) {
        return says(host, status);
    }

    /** Whether an object's status has the operator's part of this one. */
    static boolean says(HostPciInventory host, HostPciInventoryStatus status) {
        return host.getStatus() != null && operatorPart(host.getStatus()).equals(status);
    }

    private static HostPciInventoryStatus operatorPart(HostPciInventoryStatus status) {
        return status.operatorPart(Objects.requireNonNullElse(status.conditions(), List.of()));
    }

    private HostPciInventoryStatus syncedNow(HostPciInventoryStatus draft) {
        return new HostPciInventoryStatus(
                null,
                null,
                draft.observedGeneration(),
                draft.observedInventoryHash(),
                draft.reportingEnabledAt(),
                draft.rootProviderUuid(),
                time(),
                draft.summary(),
                draft.providers(),
                draft.unaccountedAllocations(),
                draft.uncleanedDevices(),
                draft.conditions());
    }

    private String time() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private @Nullable String enabledAt() {
        String known = known(HostPciInventoryStatus::reportingEnabledAt);
        return known == null && host.isReportingEnabled() ? time() : known;
    }

    /** A field of a status, which may be absent. */
    private interface Field<T> {
        @Nullable T of(HostPciInventoryStatus status);
    }

    private <T> @Nullable T known(Field<T> field) {
        return before == null ? null : field.of(before);
    }

    private @Nullable String inventoryHash() {
        AgentStatus agent = known(HostPciInventoryStatus::agent);
        return agent == null ? null : agent.inventoryHash();
    }

    private List<ProviderStatus> rows() {
        return switch (outcome) {
            case HostSyncResult.Synced decided -> {
                Map<String, ProviderStatus> known = knownRows().stream()
                        .collect(Collectors.toMap(ProviderStatus::name, Function.identity(), (one, other) -> one));
                yield decided.providers().stream()
                        .map(result -> ProviderStatusFactory.of(result, host.isPaused()))
                        .flatMap(Optional::stream)
                        .map(row -> HostStatusReader.withKnownGeneration(row, known.get(row.name())))
                        .toList();
            }
            // What was last known is still the best that can be said of the providers.
            case HostSyncResult.PlacementUnavailable n -> knownRows();
            case HostSyncResult.Deferred n -> knownRows();
            case HostSyncResult.RootMissing n -> rowsElsewhere(n.problem());
            case HostSyncResult.RootConflict n -> knownRows();
            case HostSyncResult.Incomplete i -> knownRows();
        };
    }

    private void needsCleaning(List<ProviderStatus> rows) {
        List<String> names = rows.stream()
                .filter(HostStatusReader::awaitsCleaning)
                .map(ProviderStatus::name)
                .toList();
        if (!names.isEmpty()) {
            conditions.isTrue(
                    ConditionType.NEEDS_CLEANING,
                    AWAITING_CLEANING,
                    SafeText.line(
                            "Used, and reserved until somebody has cleaned them: %s. The rows of status.providers tell how to give them back."
                                    .formatted(String.join(", ", names)),
                            900));
        }
    }

    /** What was last known, and where the providers are now. */
    private List<ProviderStatus> rowsElsewhere(RootProviderProblem problem) {
        String where = problem.providersMessage();
        return where.isEmpty()
                ? knownRows()
                : knownRows().stream()
                        .map(row -> row.uuid() == null
                                ? row
                                : row.in(ProviderState.PENDING, problem.reason().value(), where))
                        .toList();
    }

    private List<ProviderStatus> knownRows() {
        return Objects.requireNonNullElse(known(HostPciInventoryStatus::providers), List.of());
    }

    private Summary summary(List<ProviderStatus> rows) {
        int tracked = 0;
        int providers = 0;
        int total = 0;
        int reserved = 0;
        int used = 0;
        int held = 0;
        int conflicting = 0;
        if (outcome instanceof HostSyncResult.Synced decided) {
            for (HostSyncResult.ProviderResult result : decided.providers()) {
                switch (result.decision().state()) {
                    case WANTED, HELD ->
                        tracked += result.progress() instanceof HostSyncResult.Progress.Done
                                ? result.decision().devices()
                                : 0;
                    case CONFLICTING -> conflicting += result.decision().devices();
                    case PROPOSED, ORPHANED, REMOVED, RETIRED, CONTESTED -> {}
                }
            }
        } else if (before != null && before.summary() != null) {
            tracked = before.summary().tracked();
            conflicting = before.summary().conflicting();
        }
        for (ProviderStatus row : rows) {
            boolean present = row.total() != null && row.state() != ProviderState.PLANNED;
            providers += present || row.state() == ProviderState.PLANNED ? 1 : 0;
            if (present) {
                total += Objects.requireNonNullElse(row.total(), 0);
                reserved += Objects.requireNonNullElse(row.reserved(), 0);
                used += Objects.requireNonNullElse(row.used(), 0);
                held += row.state() == ProviderState.HELD ? Objects.requireNonNullElse(row.used(), 0) : 0;
            }
        }
        int free = Math.max(0, total - reserved - used);
        return new Summary(
                devices,
                tracked,
                providers,
                total,
                reserved,
                used,
                free,
                held,
                conflicting,
                allocations.unexplained().units());
    }

    private void specsResolved() {
        switch (outcome) {
            case HostSyncResult.Synced decided ->
                specsResolved(decided.resolution().findings());
            case HostSyncResult.RootMissing noRoot ->
                specsResolved(noRoot.resolution().findings());
            case HostSyncResult.PlacementUnavailable n -> keep(ConditionType.SPECS_RESOLVED);
            case HostSyncResult.Deferred n -> keep(ConditionType.SPECS_RESOLVED);
            case HostSyncResult.RootConflict n -> keep(ConditionType.SPECS_RESOLVED);
            case HostSyncResult.Incomplete i -> keep(ConditionType.SPECS_RESOLVED);
        }
    }

    /** A host that is only planned is not wrong for the want of a root provider; who enables it must know. */
    private void rootProviderFound() {
        RootProviderProblem problem = switch (outcome) {
            case HostSyncResult.Synced decided -> decided.rootProblem();
            case HostSyncResult.RootMissing noRoot -> noRoot.problem();
            case HostSyncResult.PlacementUnavailable n -> null;
            case HostSyncResult.Deferred n -> null;
            case HostSyncResult.RootConflict n -> null;
            case HostSyncResult.Incomplete i -> null;
        };
        if (problem != null) {
            conditions.isFalse(ROOT_PROVIDER_FOUND, problem.reason(), problem.message());
        } else if (!(outcome instanceof HostSyncResult.Synced)) {
            keep(ROOT_PROVIDER_FOUND);
        }
    }

    private void specsResolved(Stream<Finding> all) {
        List<Finding> findings = all.distinct().sorted(Finding.GRAVEST_FIRST).toList();
        if (findings.isEmpty()) {
            conditions.isTrue(
                    ConditionType.SPECS_RESOLVED,
                    ConditionReason.RESOLVED,
                    "The device specs agree on every device of this host.");
        } else {
            conditions.isFalse(ConditionType.SPECS_RESOLVED, findings.getFirst().reason(), messages(findings));
        }
    }

    public static String messages(List<Finding> findings) {
        int shown = 5;
        String text = findings.stream().limit(shown).map(Finding::message).collect(Collectors.joining(" "));
        return findings.size() > shown ? text + " And %d more.".formatted(findings.size() - shown) : text;
    }

    private void keep(String type) {
        ConditionsBuilder.find(before == null ? null : before.conditions(), type)
                .ifPresent(c -> conditions.add(type, c.getStatus(), c.getReason(), c.getMessage()));
    }

    /** The worst of the others, its reason copied. That nobody knows whether the agent lives is not yet bad. */
    private void ready() {
        Optional<Condition> wrong = List.of(
                        ConditionType.PLACEMENT_SYNCED, ConditionType.SPECS_RESOLVED, ConditionType.INVENTORY_FRESH)
                .stream()
                .flatMap(type -> conditions.find(type).stream())
                .filter(condition -> condition.getStatus().equals("False"))
                .findFirst();
        if (wrong.isPresent()) {
            Condition condition = wrong.get();
            conditions.isFalse(ConditionType.READY, condition.getReason(), condition.getMessage());
            boolean specs = condition.getType().equals(ConditionType.SPECS_RESOLVED);
            if (specs || STALLED.contains(condition.getReason())) {
                conditions.isTrue(ConditionType.STALLED, condition.getReason(), condition.getMessage());
            }
        } else {
            Condition synced = conditions.find(ConditionType.PLACEMENT_SYNCED).orElseThrow();
            conditions.add(ConditionType.READY, synced.getStatus(), synced.getReason(), synced.getMessage());
        }
    }
}
