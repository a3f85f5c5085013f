package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.Resolution;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Deletion of a host with {@code onDelete: RemoveUnused}. It waits for Placement until a deadline, and does not wait
 * for consumers to release devices.
 */
record HostDeletion(HostPciInventory host, HostSyncResult syncResult, Instant deadline, Instant now) {

    static HostDeletion of(HostPciInventory host, HostSyncResult syncResult, Duration timeout, Instant now) {
        Instant deletedAt = Instant.parse(host.getMetadata().getDeletionTimestamp());
        return new HostDeletion(host, syncResult, deletedAt.plus(timeout), now);
    }

    /** Status while the deletion waits; empty if it need not wait. */
    Optional<HostPciInventoryStatus> pendingStatus() {
        return now.isBefore(deadline) ? pendingReason().map(this::createStatus) : Optional.empty();
    }

    /** Message about the providers that stay in Placement; empty if none does. */
    Optional<String> retainedMessage() {
        if (syncResult instanceof HostSyncResult.Synced synced) {
            String names = synced.providers().stream()
                    .map(result -> result.decision().name())
                    .collect(Collectors.joining(", "));
            return names.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            "these resource providers stay in Placement because they are in use or must not be removed: "
                                    + names);
        }
        if (syncResult instanceof HostSyncResult.RootMissing(RootProviderProblem problem, Resolution r)
                && !(problem instanceof RootProviderProblem.Missing)) {
            return Optional.of(problem.message());
        }
        return pendingReason()
                .map(reason -> "the resource providers of %s stay in Placement: %s"
                        .formatted(host.rootProviderName(), reason));
    }

    /** Reason why the removal is not complete; empty if it is. */
    private Optional<String> pendingReason() {
        return switch (syncResult) {
            case HostSyncResult.PlacementUnavailable(PlacementState.Unavailable link, boolean r) ->
                Optional.of(link.message());
            case HostSyncResult.Deferred n -> Optional.of("the operator has not connected to Placement yet");
            case HostSyncResult.Synced synced ->
                synced.retry() ? Optional.of("another client writes to them at the same time") : Optional.empty();
            case HostSyncResult.RootMissing n -> Optional.empty();
            case HostSyncResult.RootConflict t -> Optional.empty();
            case HostSyncResult.Incomplete i -> Optional.empty();
        };
    }

    private HostPciInventoryStatus createStatus(String reason) {
        HostPciInventoryStatus before = Objects.requireNonNullElse(host.getStatus(), HostPciInventoryStatus.EMPTY);
        ConditionsBuilder conditions =
                new ConditionsBuilder(before.conditions(), host.getMetadata().getGeneration(), now);
        conditions.copyDetails(before.conditions());
        conditions.setFalse(
                ConditionType.READY,
                ConditionReason.BEING_DELETED,
                "The object and its unused resource providers are being deleted (spec.onDelete: RemoveUnused). Waiting until %s; after that the remaining providers stay in Placement: %s"
                        .formatted(deadline.truncatedTo(ChronoUnit.SECONDS), reason));
        return before.operatorFieldsOnly(conditions.build());
    }
}
