package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.Resolution;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.root.RootProviderProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is said and done of a host whose object is deleted and shall take its unused providers along: it waits for
 * Placement, but not for ever, and who holds something keeps nobody waiting.
 */
record HostDeletion(HostPciInventory host, HostSyncResult outcome, Instant giveUpAt, Instant now) {

    static HostDeletion of(HostPciInventory host, HostSyncResult outcome, Duration patience, Instant now) {
        Instant deleted = Instant.parse(host.getMetadata().getDeletionTimestamp());
        return new HostDeletion(host, outcome, deleted.plus(patience), now);
    }

    /** What the object says while it waits; empty where it need not. */
    Optional<HostPciInventoryStatus> waiting() {
        return now.isBefore(giveUpAt) ? unfinished().map(this::status) : Optional.empty();
    }

    /** What stays in Placement, and why; empty where nothing does. */
    Optional<String> retained() {
        if (outcome instanceof HostSyncResult.Synced decided) {
            String names = decided.providers().stream()
                    .map(result -> result.decision().name())
                    .collect(Collectors.joining(", "));
            return names.isEmpty()
                    ? Optional.empty()
                    : Optional.of("in Placement stay, in use or not to be removed: " + names);
        }
        if (outcome instanceof HostSyncResult.RootMissing(RootProviderProblem problem, Resolution r)
                && !(problem instanceof RootProviderProblem.Missing)) {
            return Optional.of(problem.message());
        }
        return unfinished()
                .map(why ->
                        "the resource providers of %s stay in Placement: %s".formatted(host.rootProviderName(), why));
    }

    /** Why not all is done that may be done. */
    private Optional<String> unfinished() {
        return switch (outcome) {
            case HostSyncResult.PlacementUnavailable(PlacementState.Unavailable link, boolean r) ->
                Optional.of(link.message());
            case HostSyncResult.Deferred n -> Optional.of("the operator has not yet heard of Placement");
            case HostSyncResult.Synced decided ->
                decided.retry() ? Optional.of("somebody else writes to them at the same time") : Optional.empty();
            case HostSyncResult.RootMissing n -> Optional.empty();
            case HostSyncResult.RootConflict t -> Optional.empty();
            case HostSyncResult.Incomplete i -> Optional.empty();
        };
    }

    private HostPciInventoryStatus status(String why) {
        HostPciInventoryStatus before = Objects.requireNonNullElse(host.getStatus(), HostPciInventoryStatus.EMPTY);
        ConditionsBuilder conditions =
                new ConditionsBuilder(before.conditions(), host.getMetadata().getGeneration(), now);
        conditions.addDetails(before.conditions());
        conditions.isFalse(
                ConditionType.READY,
                ConditionReason.BEING_DELETED,
                "The object is being deleted, and its unused resource providers with it (spec.onDelete: RemoveUnused). Waiting until %s, then they stay in Placement: %s"
                        .formatted(giveUpAt.truncatedTo(ChronoUnit.SECONDS), why));
        return before.operatorFieldsOnly(conditions.list());
    }
}
