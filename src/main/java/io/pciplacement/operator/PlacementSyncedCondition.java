package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.HostRequest;
import io.pciplacement.planning.ReservedByAdministrator;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The condition PlacementSynced of a host: whether Placement has what the device specs want, or why not.
 *
 * @param rows the rows of the host's status
 */
record PlacementSyncedCondition(HostPciInventory host, HostOutcome outcome, List<ProviderStatus> rows) {

    private static final String TYPE = "PlacementSynced";
    private static final String RESERVED = ReservedByAdministrator.class.getSimpleName();

    void report(Conditions conditions) {
        switch (outcome) {
            case HostOutcome.NotYet n ->
                conditions.isFalse(TYPE, Reason.Pending, "The operator has not yet heard of Placement.");
            case HostOutcome.NoPlacement n -> {
                if (HostReport.enabled(host)) {
                    conditions.isFalse(TYPE, n.link().reason(), n.link().message() + " Retried by itself.");
                } else {
                    conditions.isUnknown(TYPE, n.link().reason(), n.link().message() + " Retried by itself.");
                }
            }
            case HostOutcome.NoRoot noRoot ->
                conditions.isFalse(
                        TYPE, noRoot.problem().reason(), noRoot.problem().message() + " Retried by itself.");
            case HostOutcome.Incomplete incomplete -> incomplete(conditions, incomplete.missing());
            case HostOutcome.RootTaken taken ->
                conditions.isFalse(
                        TYPE,
                        Reason.RootProviderTaken,
                        "HostPciInventory %s stands on the same resource provider '%s' and is older, so nothing is written for this host. Give each host its own spec.rootProvider.name."
                                .formatted(taken.otherNode(), taken.rootName()));
            case HostOutcome.Decided decided -> decided(conditions, decided);
        }
    }

    private void incomplete(Conditions conditions, HostRequest.Missing missing) {
        String node = host.getMetadata().getName();
        switch (missing) {
            case NODE ->
                conditions.isFalse(
                        TYPE,
                        Reason.NodeNotFound,
                        "Node %s does not exist, or is not among the nodes that the operator is for, so it is not known which device specs are for this host. Placement is left as it is. If the host is gone for good, set spec.onDelete: RemoveUnused and delete this object."
                                .formatted(node));
            case DEVICE_LIST -> {
                String message =
                        "No agent has published a device list of %s for this object. Placement is left as it is. Check that the agent's pod runs on the node."
                                .formatted(node);
                if (HostReport.enabled(host)) {
                    conditions.isFalse(TYPE, Reason.AgentNeverReported, message);
                } else {
                    conditions.isUnknown(TYPE, Reason.AgentNeverReported, message);
                }
            }
        }
    }

    private void decided(Conditions conditions, HostOutcome.Decided decided) {
        if (!HostReport.enabled(host)) {
            // An object that was deleted and made anew has forgotten it; Placement has not.
            boolean reported = decided.providers().stream()
                    .anyMatch(result -> result.decision().exists());
            if (reported || (host.getStatus() != null && host.getStatus().reportingEnabledAt() != null)) {
                conditions.isFalse(
                        TYPE,
                        Reason.CannotDisableReporting,
                        "This host's devices are in Placement already, and reporting cannot be disabled again: set spec.reporting: Enabled. Nothing is written meanwhile.");
            } else {
                conditions.isTrue(
                        TYPE,
                        Reason.ReportingDisabled,
                        "Nothing is written to Placement; status.providers shows what would be. Set spec.reporting: Enabled to write it."
                                + (decided.rootProblem() == null
                                        ? ""
                                        : " Before that: "
                                                + decided.rootProblem().message()));
            }
            return;
        }
        if (HostReport.paused(host)) {
            conditions.isFalse(TYPE, Reason.Paused, "spec.paused is set: Placement is left as it is.");
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
                                Objects.requireNonNullElse(row.reason(), Reason.Pending.name()),
                                Objects.requireNonNullElse(row.message(), row.name())),
                        () -> conditions.isTrue(TYPE, Reason.InSync, "Placement has what the device specs want."));
    }

    /** Whether nothing is left to do for a row here: conditions of their own show contradictions and cleaning. */
    private static boolean atRest(ProviderStatus row) {
        return switch (row.state()) {
            case InSync, Conflicting, Retired -> true;
            case Orphaned -> HostReport.awaitsCleaning(row) || RESERVED.equals(row.reason());
            case Planned, Pending, Held, Contested -> false;
        };
    }

    /** What goes away by itself is told last. */
    private static boolean byItself(ProviderStatus row) {
        return row.state() == ProviderState.Held && !HostReport.STALLED.contains(String.valueOf(row.reason()));
    }
}
