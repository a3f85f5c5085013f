package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.RootProblem;
import io.pciplacement.planning.Resolution;
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
record HostRemoval(HostPciInventory host, HostOutcome outcome, Instant giveUpAt, Instant now) {

    static HostRemoval of(HostPciInventory host, HostOutcome outcome, Duration patience, Instant now) {
        Instant deleted = Instant.parse(host.getMetadata().getDeletionTimestamp());
        return new HostRemoval(host, outcome, deleted.plus(patience), now);
    }

    /** What the object says while it waits; empty where it need not. */
    Optional<HostPciInventoryStatus> waiting() {
        return now.isBefore(giveUpAt) ? unfinished().map(this::status) : Optional.empty();
    }

    /** What stays in Placement, and why; empty where nothing does. */
    Optional<String> retained() {
        if (outcome instanceof HostOutcome.Decided decided) {
            String names = decided.providers().stream()
                    .map(result -> result.decision().name())
                    .collect(Collectors.joining(", "));
            return names.isEmpty()
                    ? Optional.empty()
                    : Optional.of("in Placement stay, in use or not to be removed: " + names);
        }
        if (outcome instanceof HostOutcome.NoRoot(RootProblem problem, Resolution r)
                && !(problem instanceof RootProblem.Missing)) {
            return Optional.of(problem.message());
        }
        return unfinished()
                .map(why ->
                        "the resource providers of %s stay in Placement: %s".formatted(host.rootProviderName(), why));
    }

    /** Why not all is done that may be done. */
    private Optional<String> unfinished() {
        return switch (outcome) {
            case HostOutcome.NoPlacement(Link.Down link, boolean r) -> Optional.of(link.message());
            case HostOutcome.NotYet n -> Optional.of("the operator has not yet heard of Placement");
            case HostOutcome.Decided decided ->
                decided.retry() ? Optional.of("somebody else writes to them at the same time") : Optional.empty();
            case HostOutcome.NoRoot n -> Optional.empty();
            case HostOutcome.RootTaken t -> Optional.empty();
            case HostOutcome.Incomplete i -> Optional.empty();
        };
    }

    private HostPciInventoryStatus status(String why) {
        HostPciInventoryStatus before = Objects.requireNonNullElse(host.getStatus(), HostPciInventoryStatus.EMPTY);
        Conditions conditions =
                new Conditions(before.conditions(), host.getMetadata().getGeneration(), now);
        conditions.addDetails(before.conditions());
        conditions.isFalse(
                "Ready",
                Reason.BeingDeleted,
                "The object is being deleted, and its unused resource providers with it (spec.onDelete: RemoveUnused). Waiting until %s, then they stay in Placement: %s"
                        .formatted(giveUpAt.truncatedTo(ChronoUnit.SECONDS), why));
        return HostReport.withConditions(before, conditions.list());
    }
}
