package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.HostSyncResult.Progress;
import io.pciplacement.sync.HostSyncResult.ProviderResult;
import io.pciplacement.text.SafeText;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One line of a host's status: a provider, how it stands, and why. */
final class ProviderStatusFactory {

    private static final int MAX_MESSAGE = 512;
    private static final int MAX_TRAITS = 64;

    private ProviderStatusFactory() {}

    /** The row of a provider; empty for one that is gone. */
    static Optional<ProviderStatus> of(ProviderResult result, boolean paused) {
        ProviderDecision decision = result.decision();
        return switch (result.progress()) {
            case Progress.Failed stuck -> {
                ProviderState state =
                        decision.state() == State.REMOVED ? ProviderState.ORPHANED : ProviderState.PENDING;
                yield Optional.of(row(decision, state, stuck.reason(), stuck.message()));
            }
            case Progress.Planned p -> Optional.of(planned(decision, paused));
            case Progress.Done d ->
                decision.state() == State.REMOVED
                        ? Optional.empty()
                        : Optional.of(HostStatusReader.withGeneration(
                                withFindings(decision, settled(decision.state())), result));
        };
    }

    private static ProviderStatus planned(ProviderDecision decision, boolean paused) {
        boolean change =
                decision.state() == State.WANTED && !decision.operations().isEmpty();
        ProviderState state = change ? ProviderState.PLANNED : settled(decision.state());
        if (!paused) {
            return withFindings(decision, state);
        }
        return decision.operations().isEmpty()
                ? withFindings(decision, settled(decision.state()))
                : row(
                        decision,
                        ProviderState.PENDING,
                        ConditionReason.PAUSED.value(),
                        "spec.paused is set: this is not written yet");
    }

    private static ProviderState settled(State state) {
        return switch (state) {
            case WANTED -> ProviderState.IN_SYNC;
            case PROPOSED -> ProviderState.PLANNED;
            case HELD -> ProviderState.HELD;
            case CONFLICTING -> ProviderState.CONFLICTING;
            case ORPHANED, REMOVED -> ProviderState.ORPHANED;
            case RETIRED -> ProviderState.RETIRED;
            case CONTESTED -> ProviderState.CONTESTED;
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
                HostStatusReader.toIdentityStatus(decision.card()),
                state,
                reason,
                message == null ? null : SafeText.line(message, MAX_MESSAGE));
    }
}
