package io.pciplacement.operator.allocation;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
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
import io.pciplacement.sync.AllocationSyncResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a PciAllocation's status says of an outcome. */
public final class PciAllocationStatusFactory {

    private final PciAllocation object;
    private final @Nullable PciAllocationStatus before;
    private final AllocationSyncResult outcome;
    private final List<PciAllocationStatus.AllocatedDevice> devices;
    private final @Nullable Long grantedGeneration;
    private final AllocationRecord record;
    private final Instant now;
    private final ConditionsBuilder conditions;

    PciAllocationStatusFactory(PciAllocation object, AllocationProcessor.Result result, Instant now) {
        this.object = object;
        this.before = object.getStatus();
        this.outcome = result.outcome();
        this.devices = result.devices();
        this.grantedGeneration = result.grantedGeneration();
        this.record = result.record();
        this.now = now;
        this.conditions = new ConditionsBuilder(
                before == null ? null : before.conditions(),
                object.getMetadata().getGeneration(),
                now);
    }

    /** Whether something was put right that had been otherwise, as opposed to made for the first time. */
    boolean healed() {
        boolean claimed = object.getSpec().requests() != null;
        boolean ours = claimed || PciAllocationMapper.isOperatorManaged(object);
        boolean settledBefore = known(PciAllocationStatus::phase) == settledPhase()
                && Objects.equals(
                        known(PciAllocationStatus::observedGeneration),
                        object.getMetadata().getGeneration());
        return outcome instanceof AllocationSyncResult.Evaluated judged
                && judged.wasWritten()
                && (!ours || settledBefore);
    }

    /** The phase once all is as it should be. */
    private Phase settledPhase() {
        Move move = object.getSpec().move();
        return switch (move == null ? null : move.phase()) {
            case null -> Phase.ALLOCATED;
            case MOVING -> Phase.MOVING;
            case CONFIRM -> Phase.CONFIRMED;
            case REVERT -> Phase.REVERTED;
        };
    }

    PciAllocationStatus status() {
        Phase phase = judge();
        ready();
        boolean acted = outcome instanceof AllocationSyncResult.Evaluated;
        long heals = Objects.requireNonNullElse(known(PciAllocationStatus::healCount), 0L);
        PciAllocationStatus draft = status(
                acted ? object.getMetadata().getGeneration() : known(PciAllocationStatus::observedGeneration),
                phase,
                known(PciAllocationStatus::lastSyncTime),
                healed() ? heals + 1 : heals,
                healed() ? time() : known(PciAllocationStatus::lastHealTime));
        boolean settled = outcome instanceof AllocationSyncResult.Evaluated judged
                && !(judged.decision() instanceof AllocationDecision.Blocked);
        return settled && !draft.equals(before)
                ? status(draft.observedGeneration(), phase, time(), draft.healCount(), draft.lastHealTime())
                : draft;
    }

    private PciAllocationStatus status(
            @Nullable Long generation,
            Phase phase,
            @Nullable String syncTime,
            @Nullable Long heals,
            @Nullable String healTime) {
        return new PciAllocationStatus(
                generation,
                phase,
                syncTime,
                heals,
                healTime,
                new Summary(devices.size()),
                devices,
                grantedGeneration,
                rows(),
                conditions.list());
    }

    private String time() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** A field of a status, which may be absent. */
    private interface Field<T> {
        @Nullable T of(PciAllocationStatus status);
    }

    private <T> @Nullable T known(Field<T> field) {
        return before == null ? null : field.of(before);
    }

    private Phase judge() {
        return switch (outcome) {
            case AllocationSyncResult.Evaluated judged ->
                switch (judged.decision()) {
                    case AllocationDecision.InSync right -> allocated(right.amounts(), right.open());
                    case AllocationDecision.Update write -> allocated(write.amounts(), write.open());
                    case AllocationDecision.Blocked left -> left(left.problem());
                };
            case AllocationSyncResult.PlacementUnavailable away -> {
                keepAccepted();
                conditions.isFalse(
                        ConditionType.IN_PLACEMENT,
                        away.state().reason(),
                        away.state().message() + " Retried by itself.");
                yield Objects.requireNonNullElse(known(PciAllocationStatus::phase), Phase.PENDING);
            }
            case AllocationSyncResult.Deferred n -> waiting();
            case AllocationSyncResult.Released r -> waiting();
        };
    }

    private Phase allocated(List<AllocationDelta> amounts, Optional<AllocationProblem> open) {
        conditions.isTrue(
                ConditionType.ACCEPTED, ConditionReason.VALID, "The devices are there, tracked, and nobody else's.");
        open.ifPresentOrElse(
                problem -> conditions.isFalse(ConditionType.IN_PLACEMENT, problem.reason(), problem.message()),
                () -> conditions.isTrue(
                        ConditionType.IN_PLACEMENT,
                        ConditionReason.IN_SYNC,
                        "Placement has what the devices say: %s.%s"
                                .formatted(AllocationText.of(amounts), notReleased(amounts))));
        return settledPhase();
    }

    /** What somebody else has written for the consumer stays when the object goes. */
    private String notReleased(List<AllocationDelta> amounts) {
        if (!PciAllocationMapper.isOperatorManaged(object) || record.covers(amounts)) {
            return "";
        }
        List<AllocationDelta> others = amounts.stream()
                .filter(amount -> !record.covers(List.of(amount)))
                .toList();
        return " Not all of it was written for this object, and that stays when the object is deleted: %s."
                .formatted(AllocationText.of(others));
    }

    private Phase left(AllocationProblem problem) {
        if (problem.refuses()) {
            conditions.isFalse(ConditionType.ACCEPTED, problem.reason(), problem.message());
            conditions.isUnknown(
                    ConditionType.IN_PLACEMENT, problem.reason(), "Nothing is changed in Placement meanwhile.");
            return Phase.BLOCKED;
        }
        conditions.isTrue(ConditionType.ACCEPTED, ConditionReason.VALID, "What is asked for can be followed.");
        conditions.isFalse(ConditionType.IN_PLACEMENT, problem.reason(), problem.message());
        boolean moving = problem instanceof AllocationProblem.MoveNotFinished
                || (problem instanceof AllocationProblem.MoveInProgress
                        && object.getSpec().move() != null);
        return moving ? Phase.MOVING : Phase.PENDING;
    }

    private Phase waiting() {
        keepAccepted();
        conditions.isUnknown(
                ConditionType.IN_PLACEMENT,
                ConditionReason.PENDING,
                "Placement, or a host of the devices, is not known yet.");
        return Objects.requireNonNullElse(known(PciAllocationStatus::phase), Phase.PENDING);
    }

    private void keepAccepted() {
        Optional<Condition> accepted =
                ConditionsBuilder.find(known(PciAllocationStatus::conditions), ConditionType.ACCEPTED);
        accepted.ifPresentOrElse(
                c -> conditions.add(ConditionType.ACCEPTED, c.getStatus(), c.getReason(), c.getMessage()),
                () -> conditions.isUnknown(ConditionType.ACCEPTED, ConditionReason.PENDING, "Not judged yet."));
    }

    private void ready() {
        Condition accepted = conditions.find(ConditionType.ACCEPTED).orElseThrow();
        Condition worst = accepted.getStatus().equals("False")
                ? accepted
                : conditions.find(ConditionType.IN_PLACEMENT).orElseThrow();
        conditions.add(ConditionType.READY, worst.getStatus(), worst.getReason(), worst.getMessage());
    }

    private List<AllocationStatus> rows() {
        return switch (outcome) {
            case AllocationSyncResult.Evaluated judged ->
                switch (judged.decision()) {
                    case AllocationDecision.InSync right -> rows(right.amounts());
                    case AllocationDecision.Update write -> rows(write.amounts());
                    case AllocationDecision.Blocked left ->
                        recorded()
                                .rows(
                                        left.problem().refuses()
                                                ? PciAllocationStatus.AllocationState.BLOCKED
                                                : PciAllocationStatus.AllocationState.MISSING);
                };
            case AllocationSyncResult.PlacementUnavailable n -> recorded().rows(null);
            case AllocationSyncResult.Deferred n -> recorded().rows(null);
            case AllocationSyncResult.Released r -> recorded().rows(null);
        };
    }

    private RecordedAmounts recorded() {
        return RecordedAmounts.of(object, record);
    }

    private List<AllocationStatus> rows(List<AllocationDelta> amounts) {
        return amounts.stream()
                .filter(amount -> amount.wanted() > 0)
                .map(amount -> new AllocationStatus(
                        amount.consumer().toString(),
                        amount.provider(),
                        amount.uuid().toString(),
                        amount.resourceClass().name(),
                        amount.wanted(),
                        state(amount),
                        PciAllocationMapper.isOperatorManaged(object)
                                ? Integer.valueOf(
                                        record.written(amount.consumer(), amount.uuid(), amount.resourceClass()))
                                : null))
                .toList();
    }

    /** What was healed says so until its amount changes; a state that lasts one look would be a write for nothing. */
    private PciAllocationStatus.AllocationState state(AllocationDelta amount) {
        if (!amount.consumer().toString().equals(object.getSpec().consumer().uuid())) {
            return PciAllocationStatus.AllocationState.HELD_BY_MIGRATION;
        }
        if (!amount.right()) {
            return healed() ? PciAllocationStatus.AllocationState.HEALED : PciAllocationStatus.AllocationState.IN_SYNC;
        }
        boolean healedBefore = knownRows().stream()
                .anyMatch(row -> row.state() == PciAllocationStatus.AllocationState.HEALED
                        && row.provider().equals(amount.provider())
                        && row.amount() == amount.wanted());
        return healedBefore ? PciAllocationStatus.AllocationState.HEALED : PciAllocationStatus.AllocationState.IN_SYNC;
    }

    private List<AllocationStatus> knownRows() {
        return Objects.requireNonNullElse(known(PciAllocationStatus::allocations), List.of());
    }
}
