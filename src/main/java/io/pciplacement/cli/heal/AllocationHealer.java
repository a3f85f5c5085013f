package io.pciplacement.cli.heal;

import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.AllocationSyncResult;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Heals PciAllocations one after the other. The updates for one consumer are its allocation and the inventory of each
 * one-time-use device that it uses, which is reserved so that no other consumer gets the device before it is cleaned.
 * Either all updates for a consumer are kept or none.
 */
public final class AllocationHealer {

    private final PlanningSession session;
    private final RollbackPlacementClient rollbackClient;
    private final boolean dryRun;
    private final Set<String> plannedNodes = new HashSet<>();

    /** Outcome for one PciAllocation. */
    public enum Outcome {
        IN_SYNC("in sync", ExitCode.SUCCESS),
        HEALED("healed", ExitCode.SUCCESS),
        WOULD_HEAL("would be healed", ExitCode.CHANGES_FOUND),
        SKIPPED("skipped", ExitCode.UNRESOLVED),
        FAILED("failed, nothing changed", ExitCode.ROLLED_BACK),
        ROLLED_BACK("failed, rolled back", ExitCode.ROLLED_BACK),
        ROLLBACK_FAILED("FAILED, NOT ROLLED BACK", ExitCode.ROLLBACK_FAILED);

        private final String text;
        public final ExitCode exitCode;

        Outcome(String text, ExitCode exitCode) {
            this.text = text;
            this.exitCode = exitCode;
        }

        @JsonValue
        @Override
        public String toString() {
            return text;
        }
    }

    /** Current and desired amount on one provider. */
    public record AmountRow(
            UUID consumer, String provider, UUID providerUuid, String resourceClass, int current, int desired) {}

    /** Result for one PciAllocation; reason and message are null unless there is a problem. */
    public record HealResult(
            String allocation,
            UUID consumer,
            Outcome result,
            @Nullable String reason,
            @Nullable String message,
            List<AmountRow> amounts) {

        public HealResult {
            amounts = List.copyOf(amounts);
        }

        /** Exit code; a result with a reason counts as unresolved even if something was written. */
        public ExitCode exitCode() {
            return reason == null ? result.exitCode : result.exitCode.mostSevere(ExitCode.UNRESOLVED);
        }
    }

    public AllocationHealer(PlanningSession session, RollbackPlacementClient rollbackClient, boolean dryRun) {
        this.session = session;
        this.rollbackClient = rollbackClient;
        this.dryRun = dryRun;
    }

    /** @throws CliException if Placement has become unavailable; nothing was changed for this PciAllocation then */
    public HealResult healAllocation(PciAllocation object) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        if (object.getSpec().requests() != null && desired.devices().isEmpty()) {
            return skippedResult(desired, "Pending", "no device has been allocated for its requests yet.");
        }
        rollbackClient.beginConsumer();
        desired.nodeNames().forEach(node -> planHost(node, false));
        try {
            AllocationSyncResult syncResult = session.standaloneSync().syncAllocation(object);
            if (syncResult instanceof AllocationSyncResult.Deferred) {
                desired.nodeNames().forEach(node -> planHost(node, true));
                syncResult = session.standaloneSync().syncAllocation(object);
            }
            return switch (syncResult) {
                case AllocationSyncResult.Evaluated evaluated -> applyDecision(desired, evaluated.decision());
                case AllocationSyncResult.PlacementUnavailable unavailable ->
                    rollBackAfterFailure(desired, unavailable.state().message());
                case AllocationSyncResult.Deferred n ->
                    skippedResult(desired, "Pending", "a host of its devices has not been synced yet.");
                case AllocationSyncResult.Released r ->
                    throw new IllegalStateException("unexpected release of " + desired);
            };
        } catch (AllocationRecordStore.NotPersistedException e) {
            return skippedResult(
                    desired,
                    "RecordRequired",
                    "Consumer %s also has resources that this PciAllocation has not written. Only the operator adds devices to it, because it records in status.allocations which of them to release later. Start the operator."
                            .formatted(desired.consumer().uuid()));
        } catch (PlacementException e) {
            return rollBackAfterFailure(desired, String.valueOf(e.getMessage()));
        }
    }

    private void planHost(String node, boolean refresh) {
        if (plannedNodes.add(node) || refresh) {
            session.cluster().hosts().stream()
                    .filter(host -> host.getMetadata().getName().equals(node))
                    .forEach(session::planHost);
        }
    }

    private HealResult applyDecision(DesiredAllocation desired, AllocationDecision decision) {
        return switch (decision) {
            case AllocationDecision.InSync inSync ->
                createResult(
                        desired,
                        reserveOneTimeUseDevices(inSync.deltas()) ? changedOutcome() : Outcome.IN_SYNC,
                        inSync.deltas(),
                        decision.findProblem());
            case AllocationDecision.Blocked blocked ->
                createResult(desired, Outcome.SKIPPED, List.of(), decision.findProblem());
            case AllocationDecision.Update update -> {
                reserveOneTimeUseDevices(update.deltas());
                yield createResult(desired, changedOutcome(), update.deltas(), decision.findProblem());
            }
        };
    }

    private Outcome changedOutcome() {
        return dryRun ? Outcome.WOULD_HEAL : Outcome.HEALED;
    }

    /** Reserves the one-time-use devices among the desired providers; returns whether any had to be reserved. */
    private boolean reserveOneTimeUseDevices(List<AllocationDelta> deltas) {
        return session.standaloneSync()
                .reserveFully(deltas.stream()
                        .filter(delta -> delta.desired() > 0)
                        .map(AllocationDelta::providerUuid)
                        .collect(Collectors.toSet()));
    }

    /** Rolls back the preceding updates for this consumer after a failure. */
    private HealResult rollBackAfterFailure(DesiredAllocation desired, String cause) {
        HealResult result;
        try {
            boolean rolledBack = rollbackClient.rollBack();
            result = resultWithReason(
                    desired,
                    rolledBack ? Outcome.ROLLED_BACK : Outcome.FAILED,
                    "UpdateFailed",
                    cause + (rolledBack ? " The preceding updates of this consumer were rolled back." : ""));
        } catch (PlacementException e) {
            return resultWithReason(
                    desired,
                    Outcome.ROLLBACK_FAILED,
                    "RollbackFailed",
                    "%s The preceding updates of this consumer could not be rolled back: %s Compare the allocation of consumer %s in Placement with its PciAllocation, and run pci heal again when Placement is available."
                            .formatted(cause, e.getMessage(), desired.consumer().uuid()));
        }
        return result;
    }

    private static HealResult createResult(
            DesiredAllocation desired,
            Outcome result,
            List<AllocationDelta> deltas,
            Optional<AllocationProblem> problem) {
        return new HealResult(
                desired.name(),
                desired.consumer().uuid(),
                result,
                problem.map(AllocationProblem::reason).orElse(null),
                problem.map(AllocationProblem::message).orElse(null),
                deltas.stream()
                        .map(delta -> new AmountRow(
                                delta.consumer(),
                                delta.provider(),
                                delta.providerUuid(),
                                delta.resourceClass().name(),
                                delta.actual(),
                                delta.desired()))
                        .toList());
    }

    private static HealResult skippedResult(DesiredAllocation desired, String reason, String message) {
        return resultWithReason(desired, Outcome.SKIPPED, reason, message);
    }

    private static HealResult resultWithReason(
            DesiredAllocation desired, Outcome result, String reason, String message) {
        return new HealResult(desired.name(), desired.consumer().uuid(), result, reason, message, List.of());
    }
}
