package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.text.CountFormat;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Condition PlacementSynced of a host: whether Placement matches the device specs.
 *
 * @param rows rows of {@code status.providers}
 */
record PlacementSyncedCondition(HostPciInventory host, HostSyncResult syncResult, List<ProviderStatus> rows) {

    private static final String TYPE = ConditionType.PLACEMENT_SYNCED;
    private static final String RESERVED = FindingReason.RESERVED_BY_ADMINISTRATOR.value();

    void addTo(ConditionsBuilder conditions) {
        switch (syncResult) {
            case HostSyncResult.Deferred n ->
                conditions.setFalse(TYPE, ConditionReason.PENDING, "The operator has not connected to Placement yet.");
            case HostSyncResult.PlacementUnavailable n -> {
                if (host.isReported()) {
                    conditions.setFalse(TYPE, n.state().reason(), n.state().message() + " Retried automatically.");
                } else {
                    conditions.setUnknown(TYPE, n.state().reason(), n.state().message() + " Retried automatically.");
                }
            }
            case HostSyncResult.RootMissing rootMissing ->
                conditions.setFalse(
                        TYPE,
                        rootMissing.problem().reason(),
                        rootMissing.problem().message() + " Retried automatically.");
            case HostSyncResult.Incomplete incomplete -> addIncomplete(conditions, incomplete.missing());
            case HostSyncResult.RootConflict conflict ->
                conditions.setFalse(
                        TYPE,
                        ConditionReason.ROOT_PROVIDER_TAKEN,
                        "HostPciInventory %s already uses root provider '%s' and is older; this host is not synced. Set a unique spec.rootProvider.name for each host."
                                .formatted(conflict.otherNode(), conflict.rootName()));
            case HostSyncResult.Synced synced -> addSynced(conditions, synced);
        }
    }

    private void addIncomplete(ConditionsBuilder conditions, HostSyncRequest.Missing missing) {
        String node = host.getMetadata().getName();
        switch (missing) {
            case NODE ->
                conditions.setFalse(
                        TYPE,
                        ConditionReason.NODE_NOT_FOUND,
                        "Node %s does not exist, or the operator's node selector does not match it, so the device specs of this host cannot be determined. Placement is not changed. If the host is decommissioned, set spec.onDelete: RemoveUnused and delete this object."
                                .formatted(node));
            case DEVICE_LIST -> {
                String message =
                        "No agent has published a device list of %s for this object. Placement is not changed. Check that the agent's pod runs on the node."
                                .formatted(node);
                if (host.isReported()) {
                    conditions.setFalse(TYPE, ConditionReason.AGENT_NEVER_REPORTED, message);
                } else {
                    conditions.setUnknown(TYPE, ConditionReason.AGENT_NEVER_REPORTED, message);
                }
            }
        }
    }

    private void addSynced(ConditionsBuilder conditions, HostSyncResult.Synced synced) {
        if (!host.isReported()) {
            boolean enabledBefore = host.getStatus() != null && host.getStatus().reportingEnabledAt() != null;
            // A recreated object does not have reportingEnabledAt; Placement still has the operator's providers.
            if (hasReportedProviders(synced) || (enabledBefore && !isNothingReported(synced))) {
                conditions.setFalse(
                        TYPE,
                        ConditionReason.CANNOT_DISABLE_REPORTING,
                        "This host's devices are already in Placement, and reporting cannot be disabled again. Set spec.reporting: Enabled, or Nova if its nova-compute reports them. Until then nothing is written. docs/tasks/retire-a-host.md describes how to remove them.");
            } else {
                conditions.setTrue(
                        TYPE,
                        ConditionReason.REPORTING_DISABLED,
                        "Nothing is written to Placement; status.providers shows the planned providers. Set spec.reporting: Enabled to write them."
                                + (synced.rootProblem() == null
                                        ? ""
                                        : " Resolve this first: "
                                                + synced.rootProblem().message()));
            }
            return;
        }
        if (host.isPaused()) {
            conditions.setFalse(TYPE, ConditionReason.PAUSED, "spec.paused is set: Placement is not changed.");
            return;
        }
        Optional<ProviderStatus> worst = rows.stream()
                .filter(row -> !isSettled(row))
                .min(Comparator.comparing(PlacementSyncedCondition::resolvesByItself));
        Optional<ProviderStatus> foreign =
                rows.stream().filter(row -> "ForeignOwner".equals(row.reason())).findFirst();
        foreign.or(() -> worst)
                .ifPresentOrElse(
                        row -> conditions.setFalse(
                                TYPE,
                                Objects.requireNonNullElse(row.reason(), ConditionReason.PENDING.value()),
                                Objects.requireNonNullElse(row.message(), row.name()) + othersText(row)),
                        () -> conditions.setTrue(TYPE, ConditionReason.IN_SYNC, "Placement matches the device specs."));
    }

    /**
     * Whether Placement has nothing of the operator for the host: no provider, or only retired ones, which have no
     * inventory. False as well if that is not known, because the host's root provider is another one than before.
     */
    static boolean isNothingReported(HostSyncResult.Synced synced) {
        boolean rootKnown = synced.rootProblem() == null || synced.rootProblem() instanceof RootProviderProblem.Missing;
        return rootKnown && !hasReportedProviders(synced);
    }

    private static boolean hasReportedProviders(HostSyncResult.Synced synced) {
        return synced.providers().stream()
                .map(HostSyncResult.ProviderResult::decision)
                .filter(ProviderDecision::existsInPlacement)
                .filter(decision -> decision.state() != ProviderDecision.State.RETIRED
                        || !decision.operations().isEmpty())
                .anyMatch(decision -> decision.uuid().equals(ProviderUuid.ofChild(synced.root(), decision.name())));
    }

    private String othersText(ProviderStatus shown) {
        long others = rows.stream()
                        .filter(row -> row.state() == ProviderState.AWAITING_NOVA)
                        .count()
                - 1;
        return shown.state() == ProviderState.AWAITING_NOVA && others > 0
                ? " %s."
                        .formatted(CountFormat.format(
                                others, "more provider of this host differs", "more providers of this host differ"))
                : "";
    }

    /** Whether the row needs no further action here; conflicts and cleaning have conditions of their own. */
    private static boolean isSettled(ProviderStatus row) {
        return switch (row.state()) {
            case IN_SYNC, QUARANTINED, CONFLICTING, RETIRED -> true;
            case ORPHANED -> HostStatusReader.awaitsCleaning(row) || RESERVED.equals(row.reason());
            case PLANNED, PENDING, HELD, CONTESTED, AWAITING_NOVA -> false;
        };
    }

    /** Whether the state resolves without action; such rows are reported last. */
    private static boolean resolvesByItself(ProviderStatus row) {
        return row.state() == ProviderState.HELD
                && !HostPciInventoryStatusFactory.STALLED.contains(String.valueOf(row.reason()));
    }
}
