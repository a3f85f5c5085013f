package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.sync.HostOutcome.Progress;
import io.pciplacement.operator.sync.HostOutcome.ProviderResult;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Finding;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.text.SafeText;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One line of a host's status: a provider, how it stands, and why. */
final class ProviderRow {

    private static final int MAX_MESSAGE = 512;
    private static final int MAX_TRAITS = 64;

    private ProviderRow() {}

    /** The row of a provider; empty for one that is gone. */
    static Optional<ProviderStatus> of(ProviderResult result, boolean paused) {
        ProviderDecision decision = result.decision();
        return switch (result.progress()) {
            case Progress.Stuck stuck -> {
                ProviderState state =
                        decision.state() == State.REMOVED ? ProviderState.Orphaned : ProviderState.Pending;
                yield Optional.of(row(decision, state, stuck.reason(), stuck.message()));
            }
            case Progress.Planned p -> Optional.of(planned(decision, paused));
            case Progress.Done d ->
                decision.state() == State.REMOVED
                        ? Optional.empty()
                        : Optional.of(
                                HostMemory.withGeneration(withFindings(decision, settled(decision.state())), result));
        };
    }

    private static ProviderStatus planned(ProviderDecision decision, boolean paused) {
        boolean change =
                decision.state() == State.WANTED && !decision.operations().isEmpty();
        ProviderState state = change ? ProviderState.Planned : settled(decision.state());
        if (!paused) {
            return withFindings(decision, state);
        }
        return decision.operations().isEmpty()
                ? withFindings(decision, settled(decision.state()))
                : row(
                        decision,
                        ProviderState.Pending,
                        Reason.Paused.name(),
                        "spec.paused is set: this is not written yet");
    }

    private static ProviderState settled(State state) {
        return switch (state) {
            case WANTED -> ProviderState.InSync;
            case PROPOSED -> ProviderState.Planned;
            case HELD -> ProviderState.Held;
            case CONFLICTING -> ProviderState.Conflicting;
            case ORPHANED, REMOVED -> ProviderState.Orphaned;
            case RETIRED -> ProviderState.Retired;
            case CONTESTED -> ProviderState.Contested;
        };
    }

    private static ProviderStatus withFindings(ProviderDecision decision, ProviderState state) {
        List<Finding> findings = decision.findings();
        return findings.isEmpty()
                ? row(decision, state, null, null)
                : row(
                        decision,
                        state,
                        findings.getFirst().reason(),
                        findings.stream().map(Finding::message).collect(Collectors.joining(" ")));
    }

    private static ProviderStatus row(
            ProviderDecision decision, ProviderState state, @Nullable String reason, @Nullable String message) {
        boolean present =
                !decision.inventories().isEmpty() || !decision.traits().isEmpty();
        return new ProviderStatus(
                decision.name(),
                present ? decision.uuid().toString() : null,
                decision.inventories().keySet().stream()
                        .map(ResourceClass::name)
                        .findFirst()
                        .orElse(null),
                present
                        ? decision.traits().stream()
                                .map(Trait::name)
                                .limit(MAX_TRAITS)
                                .toList()
                        : null,
                decision.spec(),
                decision.deviceType(),
                present
                        ? decision.inventories().values().stream()
                                .mapToInt(Inventory::total)
                                .sum()
                        : null,
                present
                        ? decision.inventories().values().stream()
                                .mapToInt(Inventory::reserved)
                                .sum()
                        : null,
                present ? decision.used() : null,
                null,
                HostMemory.identity(decision.card()),
                state,
                reason,
                message == null ? null : SafeText.line(message, MAX_MESSAGE));
    }
}
