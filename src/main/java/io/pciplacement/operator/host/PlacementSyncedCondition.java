package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.sync.HostSyncRequest;
import io.pciplacement.sync.HostSyncResult;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The condition PlacementSynced of a host: whether Placement has what the device specs want, or why not.
 *
 * @param rows the rows of the host's status
 */
record PlacementSyncedCondition(HostPciInventory host, HostSyncResult outcome, List<ProviderStatus> rows) {

    private static final String TYPE = ConditionType.PLACEMENT_SYNCED;
    private static final String RESERVED = FindingReason.RESERVED_BY_ADMINISTRATOR.value();

    void report(ConditionsBuilder conditions) {
        switch (outcome) {
            case HostSyncResult.Deferred n ->
                conditions.isFalse(TYPE, ConditionReason.PENDING, "The operator has not yet heard of Placement.");
            case HostSyncResult.PlacementUnavailable n -> {
                if (host.isReportingEnabled()) {
                    conditions.isFalse(TYPE, n.state().reason(), n.state().message() + " Retried by itself.");
                } else {
                    conditions.isUnknown(TYPE, n.state().reason(), n.state().message() + " Retried by itself.");
                }
            }
            case HostSyncResult.RootMissing noRoot ->
                conditions.isFalse(
                        TYPE, noRoot.problem().reason(), noRoot.problem().message() + " Retried by itself.");
            case HostSyncResult.Incomplete incomplete -> incomplete(conditions, incomplete.missing());
            case HostSyncResult.RootConflict taken ->
                conditions.isFalse(
                        TYPE,
                        ConditionReason.ROOT_PROVIDER_TAKEN,
                        "HostPciInventory %s stands on the same resource provider '%s' and is older, so nothing is written for this host. Give each host its own spec.rootProvider.name."
                                .formatted(taken.otherNode(), taken.rootName()));
            case HostSyncResult.Synced decided -> decided(conditions, decided);
        }
    }

    private void incomplete(ConditionsBuilder conditions, HostSyncRequest.Missing missing) {
        String node = host.getMetadata().getName();
        switch (missing) {
            case NODE ->
                conditions.isFalse(
                        TYPE,
                        ConditionReason.NODE_NOT_FOUND,
                        "Node %s does not exist, or is not among the nodes that the operator is for, so it is not known which device specs are for this host. Placement is left as it is. If the host is gone for good, set spec.onDelete: RemoveUnused and delete this object."
                                .formatted(node));
            case DEVICE_LIST -> {
                String message =
                        "No agent has published a device list of %s for this object. Placement is left as it is. Check that the agent's pod runs on the node."
                                .formatted(node);
                if (host.isReportingEnabled()) {
                    conditions.isFalse(TYPE, ConditionReason.AGENT_NEVER_REPORTED, message);
                } else {
                    conditions.isUnknown(TYPE, ConditionReason.AGENT_NEVER_REPORTED, message);
                }
            }
        }
    }

    private void decided(ConditionsBuilder conditions, HostSyncResult.Synced decided) {
        if (!host.isReportingEnabled()) {
            // An object that was deleted and made anew has forgotten it; Placement has not.
            boolean reported = decided.providers().stream()
                    .anyMatch(result -> result.decision().exists());
            if (reported || (host.getStatus() != null && host.getStatus().reportingEnabledAt() != null)) {
                conditions.isFalse(
                        TYPE,
                        ConditionReason.CANNOT_DISABLE_REPORTING,
                        "This host's devices are in Placement already, and reporting cannot be disabled again: set spec.reporting: Enabled. Nothing is written meanwhile.");
            } else {
                conditions.isTrue(
                        TYPE,
                        ConditionReason.REPORTING_DISABLED,
                        "Nothing is written to Placement; status.providers shows what would be. Set spec.reporting: Enabled to write it."
                                + (decided.rootProblem() == null
                                        ? ""
                                        : " Before that: "
                                                + decided.rootProblem().message()));
            }
            return;
        }
        if (host.isPaused()) {
            conditions.isFalse(TYPE, ConditionReason.PAUSED, "spec.paused is set: Placement is left as it is.");
            return;
        }
        Optional<ProviderStatus> worst =
                rows.stream().filter(row -> !atRest(row)).min(Comparator.comparing(PlacementSyncedCondition::byItself));
        Optional<ProviderStatus> foreign =
                rows.stream().filter(row -> "ForeignOwner".equals(row.reason())).findFirst();
        foreign.or(() -> worst)
                .ifPresentOrElse(
                        row -> conditions.isFalse(
                                TYPE,
                                Objects.requireNonNullElse(row.reason(), ConditionReason.PENDING.value()),
                                Objects.requireNonNullElse(row.message(), row.name())),
                        () -> conditions.isTrue(
                                TYPE, ConditionReason.IN_SYNC, "Placement has what the device specs want."));
    }

    /** Whether nothing is left to do for a row here: conditions of their own show contradictions and cleaning. */
    private static boolean atRest(ProviderStatus row) {
        return switch (row.state()) {
            case IN_SYNC, CONFLICTING, RETIRED -> true;
            case ORPHANED -> HostStatusReader.awaitsCleaning(row) || RESERVED.equals(row.reason());
            case PLANNED, PENDING, HELD, CONTESTED -> false;
        };
    }

    /** What goes away by itself is told last. */
    private static boolean byItself(ProviderStatus row) {
        return row.state() == ProviderState.HELD
                && !HostPciInventoryStatusFactory.STALLED.contains(String.valueOf(row.reason()));
    }
}
