package io.pciplacement.operator.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.novaconfig.NovaConfigResult;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.sync.host.HostSyncResult;
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

/** Factory of the operator's part of a host's status from the result of a sync. */
public final class HostPciInventoryStatusFactory {

    /** Reasons that require action by a user. */
    static final Set<String> STALLED = Set.of(
            ConditionReason.UNAUTHORIZED.value(),
            ConditionReason.FORBIDDEN.value(),
            ConditionReason.INVALID_CLOUD_CONFIG.value(),
            ConditionReason.ROOT_PROVIDER_NOT_FOUND.value(),
            ConditionReason.ROOT_PROVIDER_TAKEN.value(),
            ConditionReason.ROOT_PROVIDER_REPLACED.value(),
            ConditionReason.ROOT_PROVIDER_NESTED.value(),
            FindingReason.REWRITTEN_BY_OTHER.value(),
            ConditionReason.CANNOT_DISABLE_REPORTING.value(),
            FindingReason.REJECTED_BY_PLACEMENT.value(),
            FindingReason.FOREIGN_OWNER.value(),
            FindingReason.ADOPTABLE.value(),
            FindingReason.DEVICE_REPLACED.value());

    /** Set only if it is False. */
    static final String ROOT_PROVIDER_FOUND = ConditionType.ROOT_PROVIDER_FOUND;

    private static final String AWAITING_CLEANING = FindingReason.AWAITING_CLEANING.value();

    private final HostPciInventory host;
    private final @Nullable HostPciInventoryStatus before;
    private final HostSyncResult syncResult;
    private final Heartbeat heartbeat;
    private final int devices;
    private final boolean hashReused;
    private final AllocationsHealedCondition allocations;
    private final NovaConfigResult novaConfig;
    private final MaintenanceStatusFactory maintenance;
    private final Instant now;
    private final ConditionsBuilder conditions;

    HostPciInventoryStatusFactory(
            HostPciInventory host,
            HostSyncResult syncResult,
            Heartbeat heartbeat,
            int devices,
            boolean hashReused,
            AllocationsHealedCondition allocations,
            NovaConfigResult novaConfig,
            MaintenanceStatusFactory maintenance,
            Instant now) {
        this.host = host;
        this.before = host.getStatus();
        this.syncResult = syncResult;
        this.heartbeat = heartbeat;
        this.devices = devices;
        this.hashReused = hashReused;
        this.allocations = allocations;
        this.novaConfig = novaConfig;
        this.maintenance = maintenance;
        this.now = now;
        this.conditions = new ConditionsBuilder(
                before == null ? null : before.conditions(), host.getMetadata().getGeneration(), now);
    }

    /** Creates the operator's part of the status. */
    HostPciInventoryStatus createStatus() {
        List<ProviderStatus> rows = providerRows();
        InventoryFreshCondition.setInventoryFresh(
                conditions, previousValue(HostPciInventoryStatus::agent), heartbeat, hashReused);
        setSpecsResolved();
        setRootProviderFound();
        new PlacementSyncedCondition(host, syncResult, rows).addTo(conditions);
        setNeedsCleaning(rows);
        maintenance.addTo(conditions);
        allocations.addTo(conditions);
        setNovaConfigPublished();
        setReady();
        boolean observed = !(syncResult instanceof HostSyncResult.PlacementUnavailable)
                && !(syncResult instanceof HostSyncResult.Deferred);
        boolean evaluated = syncResult instanceof HostSyncResult.Synced && host.isWriteAllowed();
        HostPciInventoryStatus draft = new HostPciInventoryStatus(
                null,
                null,
                null,
                observed
                        ? host.getMetadata().getGeneration()
                        : previousValue(HostPciInventoryStatus::observedGeneration),
                observed ? inventoryHash() : previousValue(HostPciInventoryStatus::observedInventoryHash),
                reportingEnabledAt(),
                evaluated && host.isReportingEnabled()
                        ? writtenRootUuid(rows)
                        : previousValue(HostPciInventoryStatus::rootProviderUuid),
                previousValue(HostPciInventoryStatus::lastSyncTime),
                HostSummaryFactory.createSummary(
                        host,
                        syncResult,
                        rows,
                        devices,
                        allocations.unaccounted().units(),
                        maintenance.quarantinedCount()),
                rows,
                allocations.unaccounted().oldest(),
                allocations.differences().toStatus(),
                syncResult instanceof HostSyncResult.Synced synced
                        ? HostStatusReader.toUncleanedStatus(synced.uncleaned())
                        : previousValue(HostPciInventoryStatus::uncleanedDevices),
                maintenance.createStatus(),
                novaConfig.status(),
                conditions.build());
        return evaluated && (!wroteNothing() || !isUnchanged(draft)) ? withSyncTime(draft) : draft;
    }

    /** The root provider below which providers were written; their names contain its name from then on. */
    private @Nullable String writtenRootUuid(List<ProviderStatus> rows) {
        boolean any = rows.stream().anyMatch(row -> row.uuid() != null);
        return any && syncResult instanceof HostSyncResult.Synced synced
                ? synced.root().toString()
                : previousValue(HostPciInventoryStatus::rootProviderUuid);
    }

    private boolean wroteNothing() {
        return syncResult instanceof HostSyncResult.Synced synced
                && synced.writeCounts().isEmpty();
    }

    /** Whether the object already has this status. */
    boolean isUnchanged(HostPciInventoryStatus status) {
        return matchesStatus(host, status);
    }

    /** Whether the operator's part of an object's status equals this one. */
    static boolean matchesStatus(HostPciInventory host, HostPciInventoryStatus status) {
        return host.getStatus() != null && operatorPart(host.getStatus()).equals(status);
    }

    private static HostPciInventoryStatus operatorPart(HostPciInventoryStatus status) {
        return status.operatorFieldsOnly(Objects.requireNonNullElse(status.conditions(), List.of()));
    }

    private HostPciInventoryStatus withSyncTime(HostPciInventoryStatus draft) {
        return new HostPciInventoryStatus(
                null,
                null,
                null,
                draft.observedGeneration(),
                draft.observedInventoryHash(),
                draft.reportingEnabledAt(),
                draft.rootProviderUuid(),
                timestamp(),
                draft.summary(),
                draft.providers(),
                draft.unaccountedAllocations(),
                draft.attachmentDifferences(),
                draft.uncleanedDevices(),
                draft.maintenance(),
                draft.novaConfig(),
                draft.conditions());
    }

    private String timestamp() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private @Nullable String reportingEnabledAt() {
        if (host.isManagedByNova()) {
            // The provider tree was handed over to nova-compute.
            return null;
        }
        if (!host.isReportingEnabled()
                && syncResult instanceof HostSyncResult.Synced synced
                && PlacementSyncedCondition.isNothingReported(synced)) {
            // As for a host that was never enabled.
            return null;
        }
        String previous = previousValue(HostPciInventoryStatus::reportingEnabledAt);
        return previous == null && host.isReportingEnabled() ? timestamp() : previous;
    }

    /** Accessor of a field of a status, which may be absent. */
    private interface Field<T> {
        @Nullable T readFrom(HostPciInventoryStatus status);
    }

    private <T> @Nullable T previousValue(Field<T> field) {
        return before == null ? null : field.readFrom(before);
    }

    private @Nullable String inventoryHash() {
        AgentStatus agent = previousValue(HostPciInventoryStatus::agent);
        return agent == null ? null : agent.inventoryHash();
    }

    private List<ProviderStatus> providerRows() {
        return switch (syncResult) {
            case HostSyncResult.Synced synced -> {
                Map<String, ProviderStatus> previous = previousRows().stream()
                        .collect(Collectors.toMap(ProviderStatus::name, Function.identity(), (one, other) -> one));
                yield synced.providers().stream()
                        .map(result -> ProviderStatusFactory.createRow(result, host.isPaused()))
                        .flatMap(Optional::stream)
                        .map(row -> HostStatusReader.withKnownGeneration(row, previous.get(row.name())))
                        .toList();
            }
            // The previous rows are the best available information about the providers.
            case HostSyncResult.PlacementUnavailable n -> previousRows();
            case HostSyncResult.Deferred n -> previousRows();
            case HostSyncResult.RootMissing n -> relocatedRows(n.problem());
            case HostSyncResult.RootConflict n -> previousRows();
            case HostSyncResult.Incomplete i -> previousRows();
        };
    }

    private void setNovaConfigPublished() {
        String type = ConditionType.NOVA_CONFIG_PUBLISHED;
        switch (novaConfig.outcome()) {
            case NovaConfigResult.Outcome.NotApplicable n -> {}
            case NovaConfigResult.Outcome.Retained n -> retainCondition(type);
            case NovaConfigResult.Outcome.Published n ->
                conditions.setTrue(
                        type,
                        ConditionReason.PUBLISHED,
                        "The ConfigMap in status.novaConfig has the configuration that nova-compute must use.");
            case NovaConfigResult.Outcome.Failed failed -> conditions.setFalse(type, failed.reason(), failed.message());
        }
    }

    private void setNeedsCleaning(List<ProviderStatus> rows) {
        List<String> names = rows.stream()
                .filter(HostStatusReader::awaitsCleaning)
                .map(ProviderStatus::name)
                .toList();
        if (!names.isEmpty()) {
            conditions.setTrue(
                    ConditionType.NEEDS_CLEANING,
                    AWAITING_CLEANING,
                    SafeText.singleLine(
                            "Used, and reserved until they are cleaned: %s. The messages in status.providers describe how to release them."
                                    .formatted(String.join(", ", names)),
                            900));
        }
    }

    /** The previous rows with a message about the provider's current location. */
    private List<ProviderStatus> relocatedRows(RootProviderProblem problem) {
        String message = problem.providersMessage();
        return message.isEmpty()
                ? previousRows()
                : previousRows().stream()
                        .map(row -> row.uuid() == null
                                ? row
                                : row.withState(
                                        ProviderState.PENDING, problem.reason().value(), message))
                        .toList();
    }

    private List<ProviderStatus> previousRows() {
        return Objects.requireNonNullElse(previousValue(HostPciInventoryStatus::providers), List.of());
    }

    private void setSpecsResolved() {
        switch (syncResult) {
            case HostSyncResult.Synced synced ->
                setSpecsResolved(synced.resolution().allFindings());
            case HostSyncResult.RootMissing rootMissing ->
                setSpecsResolved(rootMissing.resolution().allFindings());
            case HostSyncResult.PlacementUnavailable n -> retainCondition(ConditionType.SPECS_RESOLVED);
            case HostSyncResult.Deferred n -> retainCondition(ConditionType.SPECS_RESOLVED);
            case HostSyncResult.RootConflict n -> retainCondition(ConditionType.SPECS_RESOLVED);
            case HostSyncResult.Incomplete i -> retainCondition(ConditionType.SPECS_RESOLVED);
        }
    }

    /**
     * A missing root provider does not make a host with reporting disabled unready, but is reported before it is
     * enabled.
     */
    private void setRootProviderFound() {
        RootProviderProblem problem = switch (syncResult) {
            case HostSyncResult.Synced synced -> synced.rootProblem();
            case HostSyncResult.RootMissing rootMissing -> rootMissing.problem();
            case HostSyncResult.PlacementUnavailable n -> null;
            case HostSyncResult.Deferred n -> null;
            case HostSyncResult.RootConflict n -> null;
            case HostSyncResult.Incomplete i -> null;
        };
        if (problem != null) {
            conditions.setFalse(ROOT_PROVIDER_FOUND, problem.reason(), problem.message());
        } else if (!(syncResult instanceof HostSyncResult.Synced)) {
            retainCondition(ROOT_PROVIDER_FOUND);
        }
    }

    private void setSpecsResolved(Stream<Finding> all) {
        List<Finding> findings =
                all.distinct().sorted(Finding.MOST_SEVERE_FIRST).toList();
        if (findings.isEmpty()) {
            conditions.setTrue(
                    ConditionType.SPECS_RESOLVED,
                    ConditionReason.RESOLVED,
                    "The device specs do not conflict on any device of this host.");
        } else {
            conditions.setFalse(
                    ConditionType.SPECS_RESOLVED, findings.getFirst().reason(), joinMessages(findings));
        }
    }

    public static String joinMessages(List<Finding> findings) {
        int limit = 5;
        String text = findings.stream().limit(limit).map(Finding::message).collect(Collectors.joining(" "));
        return findings.size() > limit ? text + " And %d more.".formatted(findings.size() - limit) : text;
    }

    private void retainCondition(String type) {
        Conditions.find(before == null ? null : before.conditions(), type)
                .ifPresent(c -> conditions.setCondition(type, c.getStatus(), c.getReason(), c.getMessage()));
    }

    /** Copies the worst of the other conditions. An unknown heartbeat of the agent does not make the host unready. */
    private void setReady() {
        Optional<Condition> worst = List.of(
                        ConditionType.PLACEMENT_SYNCED,
                        ConditionType.SPECS_RESOLVED,
                        ConditionType.INVENTORY_FRESH,
                        ConditionType.NOVA_CONFIG_PUBLISHED)
                .stream()
                .flatMap(type -> conditions.findCondition(type).stream())
                .filter(condition -> condition.getStatus().equals("False"))
                .findFirst();
        if (worst.isPresent()) {
            Condition condition = worst.get();
            conditions.setFalse(ConditionType.READY, condition.getReason(), condition.getMessage());
            boolean specConflict = condition.getType().equals(ConditionType.SPECS_RESOLVED);
            if (specConflict || STALLED.contains(condition.getReason())) {
                conditions.setTrue(ConditionType.STALLED, condition.getReason(), condition.getMessage());
            }
        } else {
            Condition synced =
                    conditions.findCondition(ConditionType.PLACEMENT_SYNCED).orElseThrow();
            conditions.setCondition(ConditionType.READY, synced.getStatus(), synced.getReason(), synced.getMessage());
        }
    }
}
