package io.pciplacement.operator.allocation;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Move;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Summary;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.status.AllocationText;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.attachment.AttachmentState;
import io.pciplacement.sync.AllocationSyncResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Factory of the status of a PciAllocation from the result of its sync. */
public final class PciAllocationStatusFactory {

    private final PciAllocation object;
    private final @Nullable PciAllocationStatus before;
    private final AllocationSyncResult syncResult;
    private final List<PciAllocationStatus.AllocatedDevice> devices;
    private final @Nullable Long grantedGeneration;
    private final AllocationRecord record;
    private final AttachmentState attachmentState;
    private final Instant now;
    private final ConditionsBuilder conditions;

    PciAllocationStatusFactory(
            PciAllocation object, AllocationProcessor.Result result, AttachmentState attachmentState, Instant now) {
        this.attachmentState = attachmentState;
        this.object = object;
        this.before = object.getStatus();
        this.syncResult = result.syncResult();
        this.devices = result.devices();
        this.grantedGeneration = result.grantedGeneration();
        this.record = result.record();
        this.now = now;
        this.conditions = new ConditionsBuilder(
                before == null ? null : before.conditions(),
                object.getMetadata().getGeneration(),
                now);
    }

    /** Whether an allocation was healed, as opposed to created. */
    boolean isHealed() {
        boolean claimed = object.getSpec().requests() != null;
        boolean managed = claimed || PciAllocationMapper.isOperatorManaged(object);
        boolean settledBefore = previousValue(PciAllocationStatus::phase) == settledPhase()
                && Objects.equals(
                        previousValue(PciAllocationStatus::observedGeneration),
                        object.getMetadata().getGeneration());
        return syncResult instanceof AllocationSyncResult.Evaluated evaluated
                && evaluated.wasWritten()
                && (!managed || settledBefore);
    }

    /** The phase when Placement is in sync. */
    private Phase settledPhase() {
        Move move = object.getSpec().move();
        return switch (move == null ? null : move.phase()) {
            case null -> Phase.ALLOCATED;
            case MOVING -> Phase.MOVING;
            case CONFIRM -> Phase.CONFIRMED;
            case REVERT -> Phase.REVERTED;
        };
    }

    PciAllocationStatus createStatus() {
        Phase phase = evaluatePhase();
        setReady();
        setAttached();
        boolean observed = syncResult instanceof AllocationSyncResult.Evaluated;
        long healCount = Objects.requireNonNullElse(previousValue(PciAllocationStatus::healCount), 0L);
        PciAllocationStatus draft = statusWith(
                observed
                        ? object.getMetadata().getGeneration()
                        : previousValue(PciAllocationStatus::observedGeneration),
                phase,
                previousValue(PciAllocationStatus::lastSyncTime),
                isHealed() ? healCount + 1 : healCount,
                isHealed() ? timestamp() : previousValue(PciAllocationStatus::lastHealTime));
        boolean settled = syncResult instanceof AllocationSyncResult.Evaluated evaluated
                && !(evaluated.decision() instanceof AllocationDecision.Blocked);
        return settled && !draft.equals(before)
                ? statusWith(draft.observedGeneration(), phase, timestamp(), draft.healCount(), draft.lastHealTime())
                : draft;
    }

    private PciAllocationStatus statusWith(
            @Nullable Long generation,
            Phase phase,
            @Nullable String syncTime,
            @Nullable Long healCount,
            @Nullable String healTime) {
        return new PciAllocationStatus(
                generation,
                phase,
                syncTime,
                healCount,
                healTime,
                new Summary(devices.size()),
                devices,
                grantedGeneration,
                allocationRows(),
                conditions.build());
    }

    private String timestamp() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Accessor of a field of a status, which may be absent. */
    private interface Field<T> {
        @Nullable T readFrom(PciAllocationStatus status);
    }

    private <T> @Nullable T previousValue(Field<T> field) {
        return before == null ? null : field.readFrom(before);
    }

    private Phase evaluatePhase() {
        return switch (syncResult) {
            case AllocationSyncResult.Evaluated evaluated ->
                switch (evaluated.decision()) {
                    case AllocationDecision.InSync inSync -> reportAllocated(inSync.deltas(), inSync.pending());
                    case AllocationDecision.Update update -> reportAllocated(update.deltas(), update.pending());
                    case AllocationDecision.Blocked blocked -> reportBlocked(blocked.problem());
                };
            case AllocationSyncResult.PlacementUnavailable unavailable -> {
                retainAccepted();
                conditions.setFalse(
                        ConditionType.IN_PLACEMENT,
                        unavailable.state().reason(),
                        unavailable.state().message() + " Retried automatically.");
                yield Objects.requireNonNullElse(previousValue(PciAllocationStatus::phase), Phase.PENDING);
            }
            case AllocationSyncResult.Deferred n -> reportPending();
            case AllocationSyncResult.Released r -> reportPending();
        };
    }

    private Phase reportAllocated(List<AllocationDelta> amounts, Optional<AllocationProblem> pending) {
        conditions.setTrue(
                ConditionType.ACCEPTED,
                ConditionReason.VALID,
                "The devices exist, are tracked in Placement, and are not allocated to another consumer.");
        pending.ifPresentOrElse(
                problem -> conditions.setFalse(ConditionType.IN_PLACEMENT, problem.reason(), problem.message()),
                () -> conditions.setTrue(
                        ConditionType.IN_PLACEMENT,
                        ConditionReason.IN_SYNC,
                        amounts.isEmpty()
                                ? "No device of the server is tracked, so it needs no allocation in Placement."
                                : "The allocation in Placement matches the devices: %s.%s"
                                        .formatted(
                                                AllocationText.formatAmounts(amounts), retainedAmountsText(amounts))));
        return settledPhase();
    }

    /** Allocations of the consumer that another client wrote remain after the deletion of the object. */
    private String retainedAmountsText(List<AllocationDelta> amounts) {
        if (!PciAllocationMapper.isOperatorManaged(object) || record.coversAll(amounts)) {
            return "";
        }
        List<AllocationDelta> others = amounts.stream()
                .filter(amount -> !record.coversAll(List.of(amount)))
                .toList();
        return " Not all of it was written for this object; the following part stays when the object is deleted: %s."
                .formatted(AllocationText.formatAmounts(others));
    }

    private Phase reportBlocked(AllocationProblem problem) {
        if (problem.requiresUserAction()) {
            conditions.setFalse(ConditionType.ACCEPTED, problem.reason(), problem.message());
            conditions.setUnknown(
                    ConditionType.IN_PLACEMENT, problem.reason(), "Placement is not changed until this is resolved.");
            return Phase.BLOCKED;
        }
        conditions.setTrue(ConditionType.ACCEPTED, ConditionReason.VALID, "The request is valid.");
        conditions.setFalse(ConditionType.IN_PLACEMENT, problem.reason(), problem.message());
        boolean moving = problem instanceof AllocationProblem.MoveNotFinished
                || (problem instanceof AllocationProblem.MoveInProgress
                        && object.getSpec().move() != null);
        return moving ? Phase.MOVING : Phase.PENDING;
    }

    private Phase reportPending() {
        retainAccepted();
        conditions.setUnknown(
                ConditionType.IN_PLACEMENT,
                ConditionReason.PENDING,
                "Waiting for the first sync with Placement, or of a host of the devices.");
        return Objects.requireNonNullElse(previousValue(PciAllocationStatus::phase), Phase.PENDING);
    }

    private void retainAccepted() {
        Optional<Condition> accepted =
                Conditions.find(previousValue(PciAllocationStatus::conditions), ConditionType.ACCEPTED);
        accepted.ifPresentOrElse(
                c -> conditions.setCondition(ConditionType.ACCEPTED, c.getStatus(), c.getReason(), c.getMessage()),
                () -> conditions.setUnknown(ConditionType.ACCEPTED, ConditionReason.PENDING, "Not evaluated yet."));
    }

    private void setReady() {
        Condition accepted = conditions.findCondition(ConditionType.ACCEPTED).orElseThrow();
        Condition worst = accepted.getStatus().equals("False")
                ? accepted
                : conditions.findCondition(ConditionType.IN_PLACEMENT).orElseThrow();
        conditions.setCondition(ConditionType.READY, worst.getStatus(), worst.getReason(), worst.getMessage());
    }

    private void setAttached() {
        String type = ConditionType.ATTACHED;
        switch (attachmentState) {
            case AttachmentState.Unknown _ -> {}
            case AttachmentState.Attached _ ->
                conditions.setTrue(
                        type, ConditionReason.DEVICES_ATTACHED, "libvirt has attached these devices to the server.");
            case AttachmentState.Elsewhere elsewhere ->
                conditions.setFalse(
                        type,
                        ConditionReason.ATTACHED_ELSEWHERE,
                        "libvirt has attached other devices to the server: %s."
                                .formatted(elsewhere.attached().stream()
                                        .map(DeviceRef::toString)
                                        .collect(Collectors.joining(", "))));
            case AttachmentState.NotAttached _ ->
                conditions.setFalse(
                        type,
                        ConditionReason.NOT_ATTACHED,
                        "On the hosts of these devices, libvirt has no server with a device and the UUID of the consumer.");
        }
    }

    private List<AllocationStatus> allocationRows() {
        return switch (syncResult) {
            case AllocationSyncResult.Evaluated evaluated ->
                switch (evaluated.decision()) {
                    case AllocationDecision.InSync inSync -> allocationRows(inSync.deltas());
                    case AllocationDecision.Update update -> allocationRows(update.deltas());
                    case AllocationDecision.Blocked blocked ->
                        recordedAmounts()
                                .toRows(
                                        blocked.problem().requiresUserAction()
                                                ? PciAllocationStatus.AllocationState.BLOCKED
                                                : PciAllocationStatus.AllocationState.MISSING);
                };
            case AllocationSyncResult.PlacementUnavailable n ->
                recordedAmounts().toRows(null);
            case AllocationSyncResult.Deferred n -> recordedAmounts().toRows(null);
            case AllocationSyncResult.Released r -> recordedAmounts().toRows(null);
        };
    }

    private RecordedAmounts recordedAmounts() {
        return RecordedAmounts.of(object, record);
    }

    private List<AllocationStatus> allocationRows(List<AllocationDelta> amounts) {
        return amounts.stream()
                .filter(amount -> amount.desired() > 0)
                .map(amount -> new AllocationStatus(
                        amount.consumer().toString(),
                        amount.provider(),
                        amount.providerUuid().toString(),
                        amount.resourceClass().name(),
                        amount.desired(),
                        allocationState(amount),
                        PciAllocationMapper.isOperatorManaged(object)
                                ? Integer.valueOf(record.writtenUnits(
                                        amount.consumer(), amount.providerUuid(), amount.resourceClass()))
                                : null))
                .toList();
    }

    /** The state Healed is kept until the amount changes, to avoid a status write at the next reconciliation. */
    private PciAllocationStatus.AllocationState allocationState(AllocationDelta amount) {
        if (!amount.consumer().toString().equals(object.getSpec().consumer().uuid())) {
            return PciAllocationStatus.AllocationState.HELD_BY_MIGRATION;
        }
        if (!amount.isInSync()) {
            return isHealed()
                    ? PciAllocationStatus.AllocationState.HEALED
                    : PciAllocationStatus.AllocationState.IN_SYNC;
        }
        boolean healedBefore = previousRows().stream()
                .anyMatch(row -> row.state() == PciAllocationStatus.AllocationState.HEALED
                        && row.provider().equals(amount.provider())
                        && row.amount() == amount.desired());
        return healedBefore ? PciAllocationStatus.AllocationState.HEALED : PciAllocationStatus.AllocationState.IN_SYNC;
    }

    private List<AllocationStatus> previousRows() {
        return Objects.requireNonNullElse(previousValue(PciAllocationStatus::allocations), List.of());
    }
}
