package io.pciplacement.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.Reporting;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.ClusterView.Heartbeat;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.RootProblem;
import io.pciplacement.planning.Finding;
import io.pciplacement.planning.RewrittenByOther;
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
final class HostReport {

    /** Reasons that do not go away by themselves: a person must act. */
    static final Set<String> STALLED = Set.of(
            Reason.Unauthorized.name(),
            Reason.Forbidden.name(),
            Reason.Misconfigured.name(),
            Reason.RootProviderNotFound.name(),
            Reason.RootProviderTaken.name(),
            Reason.RootProviderReplaced.name(),
            Reason.RootProviderNested.name(),
            RewrittenByOther.class.getSimpleName(),
            Reason.CannotDisableReporting.name(),
            Finding.RefusedByPlacement.class.getSimpleName(),
            Finding.ForeignOwner.class.getSimpleName(),
            Finding.Adoptable.class.getSimpleName(),
            Finding.DeviceReplaced.class.getSimpleName());

    /** There only if it is False. */
    static final String ROOT_PROVIDER_FOUND = "RootProviderFound";

    private static final String AWAITING_CLEANING = Finding.AwaitingCleaning.class.getSimpleName();

    private final HostPciInventory host;
    private final @Nullable HostPciInventoryStatus before;
    private final HostOutcome outcome;
    private final Heartbeat heartbeat;
    private final int devices;
    private final boolean hashReused;
    private final HostAllocations allocations;
    private final Instant now;
    private final Conditions conditions;

    HostReport(
            HostPciInventory host,
            HostOutcome outcome,
            Heartbeat heartbeat,
            int devices,
            boolean hashReused,
            HostAllocations allocations,
            Instant now) {
        this.host = host;
        this.before = host.getStatus();
        this.outcome = outcome;
        this.heartbeat = heartbeat;
        this.devices = devices;
        this.hashReused = hashReused;
        this.allocations = allocations;
        this.now = now;
        this.conditions = new Conditions(
                before == null ? null : before.conditions(), host.getMetadata().getGeneration(), now);
    }

    static boolean enabled(HostPciInventory host) {
        HostPciInventorySpec spec = host.getSpec();
        return spec != null && spec.reporting() == Reporting.Enabled;
    }

    static boolean paused(HostPciInventory host) {
        HostPciInventorySpec spec = host.getSpec();
        return spec != null && Boolean.TRUE.equals(spec.paused());
    }

    /** The operator's whole part of the status. */
    HostPciInventoryStatus status() {
        List<ProviderStatus> rows = rows();
        AgentReport.inventoryFresh(conditions, known(HostPciInventoryStatus::agent), heartbeat, hashReused);
        specsResolved();
        rootProviderFound();
        new PlacementSyncedCondition(host, outcome, rows).report(conditions);
        needsCleaning(rows);
        allocations.report(conditions);
        ready();
        boolean acted = !(outcome instanceof HostOutcome.NoPlacement) && !(outcome instanceof HostOutcome.NotYet);
        boolean written = outcome instanceof HostOutcome.Decided && enabled(host) && !paused(host);
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
                outcome instanceof HostOutcome.Decided decided
                        ? HostMemory.uncleaned(decided.uncleaned())
                        : known(HostPciInventoryStatus::uncleanedDevices),
                conditions.list());
        return written && (!wroteNothing() || !sameAsBefore(draft)) ? syncedNow(draft) : draft;
    }

    /** From then on the host's providers are named after it. */
    private @Nullable String rootWrittenBelow(List<ProviderStatus> rows) {
        boolean any = rows.stream().anyMatch(row -> row.uuid() != null);
        return any && outcome instanceof HostOutcome.Decided decided
                ? decided.root().toString()
                : known(HostPciInventoryStatus::rootProviderUuid);
    }

    private boolean wroteNothing() {
        return outcome instanceof HostOutcome.Decided decided
                && decided.written().nothing();
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
        return withConditions(status, Objects.requireNonNullElse(status.conditions(), List.of()));
    }

    /** The operator's part of a status, with other conditions. */
    static HostPciInventoryStatus withConditions(HostPciInventoryStatus status, List<Condition> conditions) {
        return new HostPciInventoryStatus(
                null,
                null,
                status.observedGeneration(),
                status.observedInventoryHash(),
                status.reportingEnabledAt(),
                status.rootProviderUuid(),
                status.lastSyncTime(),
                status.summary(),
                Objects.requireNonNullElse(status.providers(), List.of()),
                Objects.requireNonNullElse(status.unexplained(), List.of()),
                status.uncleanedDevices(),
                conditions);
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
                draft.unexplained(),
                draft.uncleanedDevices(),
                draft.conditions());
    }

    private String time() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private @Nullable String enabledAt() {
        String known = known(HostPciInventoryStatus::reportingEnabledAt);
        return known == null && enabled(host) ? time() : known;
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
            case HostOutcome.Decided decided -> {
                Map<String, ProviderStatus> known = knownRows().stream()
                        .collect(Collectors.toMap(ProviderStatus::name, Function.identity(), (one, other) -> one));
                yield decided.providers().stream()
                        .map(result -> ProviderRow.of(result, paused(host)))
                        .flatMap(Optional::stream)
                        .map(row -> HostMemory.withKnownGeneration(row, known.get(row.name())))
                        .toList();
            }
            // What was last known is still the best that can be said of the providers.
            case HostOutcome.NoPlacement n -> knownRows();
            case HostOutcome.NotYet n -> knownRows();
            case HostOutcome.NoRoot n -> rowsElsewhere(n.problem());
            case HostOutcome.RootTaken n -> knownRows();
            case HostOutcome.Incomplete i -> knownRows();
        };
    }

    /** Whether a row is of a device for one use that was used and is kept back. */
    static boolean awaitsCleaning(ProviderStatus row) {
        return AWAITING_CLEANING.equals(row.reason());
    }

    private void needsCleaning(List<ProviderStatus> rows) {
        List<String> names = rows.stream()
                .filter(HostReport::awaitsCleaning)
                .map(ProviderStatus::name)
                .toList();
        if (!names.isEmpty()) {
            conditions.isTrue(
                    "NeedsCleaning",
                    AWAITING_CLEANING,
                    SafeText.line(
                            "Used, and reserved until somebody has cleaned them: %s. The rows of status.providers tell how to give them back."
                                    .formatted(String.join(", ", names)),
                            900));
        }
    }

    /** What was last known, and where the providers are now. */
    private List<ProviderStatus> rowsElsewhere(RootProblem problem) {
        String where = problem.ofProviders();
        return where.isEmpty()
                ? knownRows()
                : knownRows().stream()
                        .map(row -> row.uuid() == null
                                ? row
                                : row.in(ProviderState.Pending, problem.reason().name(), where))
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
        if (outcome instanceof HostOutcome.Decided decided) {
            for (HostOutcome.ProviderResult result : decided.providers()) {
                switch (result.decision().state()) {
                    case WANTED, HELD ->
                        tracked += result.progress() instanceof HostOutcome.Progress.Done
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
            boolean present = row.total() != null && row.state() != ProviderState.Planned;
            providers += present || row.state() == ProviderState.Planned ? 1 : 0;
            if (present) {
                total += Objects.requireNonNullElse(row.total(), 0);
                reserved += Objects.requireNonNullElse(row.reserved(), 0);
                used += Objects.requireNonNullElse(row.used(), 0);
                held += row.state() == ProviderState.Held ? Objects.requireNonNullElse(row.used(), 0) : 0;
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
            case HostOutcome.Decided decided ->
                specsResolved(decided.resolution().findings());
            case HostOutcome.NoRoot noRoot -> specsResolved(noRoot.resolution().findings());
            case HostOutcome.NoPlacement n -> keep("SpecsResolved");
            case HostOutcome.NotYet n -> keep("SpecsResolved");
            case HostOutcome.RootTaken n -> keep("SpecsResolved");
            case HostOutcome.Incomplete i -> keep("SpecsResolved");
        }
    }

    /** A host that is only planned is not wrong for the want of a root provider; who enables it must know. */
    private void rootProviderFound() {
        RootProblem problem = switch (outcome) {
            case HostOutcome.Decided decided -> decided.rootProblem();
            case HostOutcome.NoRoot noRoot -> noRoot.problem();
            case HostOutcome.NoPlacement n -> null;
            case HostOutcome.NotYet n -> null;
            case HostOutcome.RootTaken n -> null;
            case HostOutcome.Incomplete i -> null;
        };
        if (problem != null) {
            conditions.isFalse(ROOT_PROVIDER_FOUND, problem.reason(), problem.message());
        } else if (!(outcome instanceof HostOutcome.Decided)) {
            keep(ROOT_PROVIDER_FOUND);
        }
    }

    private void specsResolved(Stream<Finding> all) {
        List<Finding> findings = all.distinct().sorted(Finding.GRAVEST_FIRST).toList();
        if (findings.isEmpty()) {
            conditions.isTrue("SpecsResolved", Reason.Resolved, "The device specs agree on every device of this host.");
        } else {
            conditions.isFalse("SpecsResolved", findings.getFirst().reason(), messages(findings));
        }
    }

    static String messages(List<Finding> findings) {
        int shown = 5;
        String text = findings.stream().limit(shown).map(Finding::message).collect(Collectors.joining(" "));
        return findings.size() > shown ? text + " And %d more.".formatted(findings.size() - shown) : text;
    }

    private void keep(String type) {
        Conditions.find(before == null ? null : before.conditions(), type)
                .ifPresent(c -> conditions.add(type, c.getStatus(), c.getReason(), c.getMessage()));
    }

    /** The worst of the others, its reason copied. That nobody knows whether the agent lives is not yet bad. */
    private void ready() {
        Optional<Condition> wrong = List.of("PlacementSynced", "SpecsResolved", "InventoryFresh").stream()
                .flatMap(type -> conditions.find(type).stream())
                .filter(condition -> condition.getStatus().equals("False"))
                .findFirst();
        if (wrong.isPresent()) {
            Condition condition = wrong.get();
            conditions.isFalse("Ready", condition.getReason(), condition.getMessage());
            boolean specs = condition.getType().equals("SpecsResolved");
            if (specs || STALLED.contains(condition.getReason())) {
                conditions.isTrue("Stalled", condition.getReason(), condition.getMessage());
            }
        } else {
            Condition synced = conditions.find("PlacementSynced").orElseThrow();
            conditions.add("Ready", synced.getStatus(), synced.getReason(), synced.getMessage());
        }
    }
}
