package io.pciplacement.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Move;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.GrantedDevice;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.State;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Summary;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.Amount;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.Verdict;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a PciAllocation's status says of an outcome. */
final class AllocationReport {

    private final PciAllocation object;
    private final @Nullable PciAllocationStatus before;
    private final AllocationOutcome outcome;
    private final List<GrantedDevice> devices;
    private final @Nullable Long grantedGeneration;
    private final AllocationRecord record;
    private final Instant now;
    private final Conditions conditions;

    AllocationReport(PciAllocation object, AllocationWork.Result result, Instant now) {
        this.object = object;
        this.before = object.getStatus();
        this.outcome = result.outcome();
        this.devices = result.devices();
        this.grantedGeneration = result.grantedGeneration();
        this.record = result.record();
        this.now = now;
        this.conditions = new Conditions(
                before == null ? null : before.conditions(),
                object.getMetadata().getGeneration(),
                now);
    }

    /** Whether something was put right that had been otherwise, as opposed to made for the first time. */
    boolean healed() {
        boolean claimed = object.getSpec().requests() != null;
        boolean ours = claimed || AllocationReader.managed(object);
        boolean settledBefore = known(PciAllocationStatus::phase) == settledPhase()
                && Objects.equals(
                        known(PciAllocationStatus::observedGeneration),
                        object.getMetadata().getGeneration());
        return outcome instanceof Judged judged && judged.written() && (!ours || settledBefore);
    }

    /** The phase once all is as it should be. */
    private Phase settledPhase() {
        Move move = object.getSpec().move();
        return switch (move == null ? null : move.phase()) {
            case null -> Phase.Allocated;
            case Moving -> Phase.Moving;
            case Confirm -> Phase.Confirmed;
            case Revert -> Phase.Reverted;
        };
    }

    PciAllocationStatus status() {
        Phase phase = judge();
        ready();
        boolean acted = outcome instanceof Judged;
        long heals = Objects.requireNonNullElse(known(PciAllocationStatus::healCount), 0L);
        PciAllocationStatus draft = status(
                acted ? object.getMetadata().getGeneration() : known(PciAllocationStatus::observedGeneration),
                phase,
                known(PciAllocationStatus::lastSyncTime),
                healed() ? heals + 1 : heals,
                healed() ? time() : known(PciAllocationStatus::lastHealTime));
        boolean settled = outcome instanceof Judged judged && !(judged.verdict() instanceof Verdict.Left);
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
            case Judged judged ->
                switch (judged.verdict()) {
                    case Verdict.Right right -> allocated(right.amounts(), right.open());
                    case Verdict.Write write -> allocated(write.amounts(), write.open());
                    case Verdict.Left left -> left(left.problem());
                };
            case AllocationOutcome.NoPlacement away -> {
                keepAccepted();
                conditions.isFalse(
                        "InPlacement", away.link().reason(), away.link().message() + " Retried by itself.");
                yield Objects.requireNonNullElse(known(PciAllocationStatus::phase), Phase.Pending);
            }
            case AllocationOutcome.NotYet n -> waiting();
            case AllocationOutcome.Released r -> waiting();
        };
    }

    private Phase allocated(List<Amount> amounts, Optional<Problem> open) {
        conditions.isTrue("Accepted", Reason.Valid, "The devices are there, tracked, and nobody else's.");
        open.ifPresentOrElse(
                problem -> conditions.isFalse("InPlacement", problem.reason(), problem.message()),
                () -> conditions.isTrue(
                        "InPlacement",
                        Reason.InSync,
                        "Placement has what the devices say: %s.%s"
                                .formatted(sentence(amounts), notReleased(amounts))));
        return settledPhase();
    }

    /** What somebody else has written for the consumer stays when the object goes. */
    private String notReleased(List<Amount> amounts) {
        if (!AllocationReader.managed(object) || record.covers(amounts)) {
            return "";
        }
        List<Amount> others = amounts.stream()
                .filter(amount -> !record.covers(List.of(amount)))
                .toList();
        return " Not all of it was written for this object, and that stays when the object is deleted: %s."
                .formatted(sentence(others));
    }

    /** Amounts as a person reads them. */
    static String sentence(List<Amount> amounts) {
        return SafeText.line(
                String.join(
                        ", ",
                        amounts.stream()
                                .filter(amount -> amount.wanted() > 0)
                                .map(amount -> "%s has %d %s of %s"
                                        .formatted(
                                                amount.consumer(),
                                                amount.wanted(),
                                                amount.resourceClass(),
                                                amount.provider()))
                                .toList()),
                900);
    }

    private Phase left(Problem problem) {
        if (problem.refuses()) {
            conditions.isFalse("Accepted", problem.reason(), problem.message());
            conditions.isUnknown("InPlacement", problem.reason(), "Nothing is changed in Placement meanwhile.");
            return Phase.Blocked;
        }
        conditions.isTrue("Accepted", Reason.Valid, "What is asked for can be followed.");
        conditions.isFalse("InPlacement", problem.reason(), problem.message());
        boolean moving = problem instanceof Problem.MoveNotFinished
                || (problem instanceof Problem.MoveInProgress
                        && object.getSpec().move() != null);
        return moving ? Phase.Moving : Phase.Pending;
    }

    private Phase waiting() {
        keepAccepted();
        conditions.isUnknown("InPlacement", Reason.Pending, "Placement, or a host of the devices, is not known yet.");
        return Objects.requireNonNullElse(known(PciAllocationStatus::phase), Phase.Pending);
    }

    private void keepAccepted() {
        Optional<Condition> accepted = Conditions.find(known(PciAllocationStatus::conditions), "Accepted");
        accepted.ifPresentOrElse(
                c -> conditions.add("Accepted", c.getStatus(), c.getReason(), c.getMessage()),
                () -> conditions.isUnknown("Accepted", Reason.Pending, "Not judged yet."));
    }

    private void ready() {
        Condition accepted = conditions.find("Accepted").orElseThrow();
        Condition worst = accepted.getStatus().equals("False")
                ? accepted
                : conditions.find("InPlacement").orElseThrow();
        conditions.add("Ready", worst.getStatus(), worst.getReason(), worst.getMessage());
    }

    private List<AllocationStatus> rows() {
        return switch (outcome) {
            case Judged judged ->
                switch (judged.verdict()) {
                    case Verdict.Right right -> rows(right.amounts());
                    case Verdict.Write write -> rows(write.amounts());
                    case Verdict.Left left -> recorded().rows(left.problem().refuses() ? State.Blocked : State.Missing);
                };
            case AllocationOutcome.NoPlacement n -> recorded().rows(null);
            case AllocationOutcome.NotYet n -> recorded().rows(null);
            case AllocationOutcome.Released r -> recorded().rows(null);
        };
    }

    private RecordedAmounts recorded() {
        return RecordedAmounts.of(object, record);
    }

    private List<AllocationStatus> rows(List<Amount> amounts) {
        return amounts.stream()
                .filter(amount -> amount.wanted() > 0)
                .map(amount -> new AllocationStatus(
                        amount.consumer().toString(),
                        amount.provider(),
                        amount.uuid().toString(),
                        amount.resourceClass().name(),
                        amount.wanted(),
                        state(amount),
                        AllocationReader.managed(object)
                                ? Integer.valueOf(
                                        record.written(amount.consumer(), amount.uuid(), amount.resourceClass()))
                                : null))
                .toList();
    }

    /** What was healed says so until its amount changes; a state that lasts one look would be a write for nothing. */
    private State state(Amount amount) {
        if (!amount.consumer().toString().equals(object.getSpec().consumer().uuid())) {
            return State.HeldByMigration;
        }
        if (!amount.right()) {
            return healed() ? State.Healed : State.InSync;
        }
        boolean healedBefore = knownRows().stream()
                .anyMatch(row -> row.state() == State.Healed
                        && row.provider().equals(amount.provider())
                        && row.amount() == amount.wanted());
        return healedBefore ? State.Healed : State.InSync;
    }

    private List<AllocationStatus> knownRows() {
        return Objects.requireNonNullElse(known(PciAllocationStatus::allocations), List.of());
    }
}
