package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncResult.Progress;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.text.SafeText;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Factory of the rows of {@code status.providers}. */
final class ProviderStatusFactory {

    private static final int MAX_MESSAGE = 512;
    private static final int MAX_TRAITS = 64;

    private ProviderStatusFactory() {}

    /** Creates the row of a provider; empty for a removed provider. */
    static Optional<ProviderStatus> createRow(ProviderResult result, boolean paused) {
        ProviderDecision decision = result.decision();
        return switch (result.progress()) {
            case Progress.Failed failed -> {
                ProviderState state =
                        decision.state() == State.REMOVED ? ProviderState.ORPHANED : ProviderState.PENDING;
                yield Optional.of(buildRow(decision, state, failed.reason(), failed.message()));
            }
            case Progress.Planned p -> Optional.of(plannedRow(decision, paused));
            case Progress.Done d ->
                decision.state() == State.REMOVED
                        ? Optional.empty()
                        : Optional.of(HostStatusReader.withGeneration(
                                withFindings(decision, settledState(decision.state())), result));
        };
    }

    private static ProviderStatus plannedRow(ProviderDecision decision, boolean paused) {
        boolean change = (decision.state() == State.WANTED || decision.state() == State.QUARANTINED)
                && !decision.operations().isEmpty();
        ProviderState state = change ? ProviderState.PLANNED : settledState(decision.state());
        if (!paused) {
            return withFindings(decision, state);
        }
        return decision.operations().isEmpty()
                ? withFindings(decision, settledState(decision.state()))
                : buildRow(
                        decision,
                        ProviderState.PENDING,
                        ConditionReason.PAUSED.value(),
                        "spec.paused is set: this change is not written yet");
    }

    private static ProviderState settledState(State state) {
        return switch (state) {
            case WANTED -> ProviderState.IN_SYNC;
            case PROPOSED -> ProviderState.PLANNED;
            case HELD -> ProviderState.HELD;
            case CONFLICTING -> ProviderState.CONFLICTING;
            case ORPHANED, REMOVED -> ProviderState.ORPHANED;
            case RETIRED -> ProviderState.RETIRED;
            case AWAITING_NOVA -> ProviderState.AWAITING_NOVA;
            case CONTESTED -> ProviderState.CONTESTED;
            case QUARANTINED -> ProviderState.QUARANTINED;
        };
    }

    private static ProviderStatus withFindings(ProviderDecision decision, ProviderState state) {
        List<Finding> findings = decision.findings();
        return findings.isEmpty()
                ? buildRow(decision, state, null, null)
                : buildRow(
                        decision,
                        state,
                        findings.getFirst().reason(),
                        findings.stream().map(Finding::message).collect(Collectors.joining(" ")));
    }

    private static ProviderStatus buildRow(
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
                present ? decision.totalUnits() : null,
                present ? decision.reservedUnits() : null,
                present ? decision.used() : null,
                null,
                null,
                HostStatusReader.toIdentityStatus(decision.identity()),
                state,
                reason,
                message == null ? null : SafeText.singleLine(message, MAX_MESSAGE));
    }
}
