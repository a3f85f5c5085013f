package io.pciplacement.operator.allocation;

import static io.pciplacement.operator.allocation.AllocationFixture.CONSUMER;
import static io.pciplacement.operator.allocation.AllocationFixture.EARLIER;
import static io.pciplacement.operator.allocation.AllocationFixture.FIRST;
import static io.pciplacement.operator.allocation.AllocationFixture.MIGRATION;
import static io.pciplacement.operator.allocation.AllocationFixture.SECOND;
import static io.pciplacement.operator.allocation.AllocationFixture.allocation;
import static io.pciplacement.operator.allocation.AllocationFixture.claim;
import static io.pciplacement.operator.allocation.AllocationFixture.delta;
import static io.pciplacement.operator.allocation.AllocationFixture.entry;
import static io.pciplacement.operator.allocation.AllocationFixture.moving;
import static io.pciplacement.operator.allocation.AllocationFixture.row;
import static io.pciplacement.operator.allocation.AllocationFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocatedDevice;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationState;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.attachment.AttachmentState;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.Devices;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The result of a sync as the status of a PciAllocation. */
class PciAllocationStatusFactoryTest {

    private static final String NOW = "2026-01-02T10:00:00Z";
    private static final AllocationProblem REJECTED = new AllocationProblem.UnknownHost("gpu-08");
    private static final AllocationProblem WAITING = new AllocationProblem.ConsumerHasNoAllocation(CONSUMER);
    private static final AllocationProblem NOT_STARTED = new AllocationProblem.MoveNotStarted(CONSUMER, MIGRATION);
    private static final AllocationSyncResult DEFERRED = new AllocationSyncResult.Deferred();
    private static final AllocationSyncResult UNAVAILABLE = new AllocationSyncResult.PlacementUnavailable(
            new PlacementState.Unavailable("PlacementUnreachable", "Connection refused."), true);

    private static AllocationSyncResult inSync(AllocationDelta... deltas) {
        return evaluated(new AllocationDecision.InSync(List.of(deltas), Optional.empty()));
    }

    private static AllocationSyncResult written(AllocationDelta... deltas) {
        return evaluated(new AllocationDecision.Update(Map.of(), List.of(deltas), Optional.empty()));
    }

    private static AllocationSyncResult blocked(AllocationProblem problem) {
        return evaluated(new AllocationDecision.Blocked(problem));
    }

    private static AllocationSyncResult evaluated(AllocationDecision decision) {
        return new AllocationSyncResult.Evaluated(decision, Set.of(), false, Optional.empty());
    }

    private static PciAllocationStatusFactory factory(
            PciAllocation object, AllocationSyncResult result, AllocationRecord.Entry... record) {
        return factory(object, result, new AttachmentState.Unknown(), record);
    }

    private static PciAllocationStatusFactory factory(
            PciAllocation object,
            AllocationSyncResult result,
            AttachmentState attachmentState,
            AllocationRecord.Entry... record) {
        return new PciAllocationStatusFactory(
                object,
                new AllocationProcessor.Result(
                        PciAllocationMapper.toDesiredAllocation(object),
                        result,
                        List.of(new AllocatedDevice("gpu-07", "0000:81:00.0", null)),
                        3L,
                        new AllocationRecord(List.of(record))),
                attachmentState,
                Instant.parse("2026-01-02T10:00:00.7Z"));
    }

    private static PciAllocationStatus createStatus(
            PciAllocation object, AllocationSyncResult result, AllocationRecord.Entry... record) {
        return factory(object, result, record).createStatus();
    }

    private static PciAllocation external(@Nullable PciAllocationStatus status) {
        return allocation(ManagedBy.EXTERNAL, status);
    }

    @Test
    void attachedIsSetIfItIsKnown() {
        AllocationSyncResult inSync = evaluated(new AllocationDecision.InSync(List.of(), Optional.empty()));
        DeviceRef other = new DeviceRef("gpu-08", Devices.at("0000:82:00.0"));
        assertThat(Conditions.find(
                        factory(external(null), inSync, new AttachmentState.Unknown())
                                .createStatus()
                                .conditions(),
                        "Attached"))
                .isEmpty();
        Map<AttachmentState, String> outcomes = Map.of(
                new AttachmentState.Attached(), "True DevicesAttached",
                new AttachmentState.NotAttached(), "False NotAttached",
                new AttachmentState.Elsewhere(List.of(other)), "False AttachedElsewhere");
        outcomes.forEach((state, expected) -> {
            PciAllocationStatus status = factory(external(null), inSync, state).createStatus();
            assertThat(outcome(status, "Attached")).isEqualTo(expected);
            assertThat(outcome(status, "Ready")).as("not affected").isEqualTo("True InSync");
        });
        assertThat(Conditions.find(
                                factory(external(null), inSync, new AttachmentState.Elsewhere(List.of(other)))
                                        .createStatus()
                                        .conditions(),
                                "Attached")
                        .orElseThrow()
                        .getMessage())
                .isEqualTo("libvirt has attached other devices to the server: gpu-08/0000:82:00.0.");
    }

    private static String outcome(PciAllocationStatus status, String type) {
        Condition condition = Conditions.find(status.conditions(), type).orElseThrow();
        return condition.getStatus() + " " + condition.getReason();
    }

    private static String message(PciAllocationStatus status) {
        return Conditions.find(status.conditions(), "InPlacement").orElseThrow().getMessage();
    }

    static Stream<Arguments> results() {
        AllocationDelta delta = delta(FIRST, 1, 1);
        AllocationSyncResult pending =
                evaluated(new AllocationDecision.InSync(List.of(delta), Optional.of(NOT_STARTED)));
        AllocationSyncResult pendingWrite =
                evaluated(new AllocationDecision.Update(Map.of(), List.of(delta), Optional.of(NOT_STARTED)));
        return Stream.of(
                arguments(inSync(delta), Phase.ALLOCATED, "True Valid", "True InSync", "True InSync"),
                arguments(written(delta), Phase.ALLOCATED, "True Valid", "True InSync", "True InSync"),
                arguments(pending, Phase.ALLOCATED, "True Valid", "False MoveNotStarted", "False MoveNotStarted"),
                arguments(pendingWrite, Phase.ALLOCATED, "True Valid", "False MoveNotStarted", "False MoveNotStarted"),
                arguments(
                        blocked(REJECTED),
                        Phase.BLOCKED,
                        "False UnknownHost",
                        "Unknown UnknownHost",
                        "False UnknownHost"),
                arguments(
                        blocked(WAITING),
                        Phase.PENDING,
                        "True Valid",
                        "False ConsumerHasNoAllocation",
                        "False ConsumerHasNoAllocation"),
                arguments(
                        UNAVAILABLE,
                        Phase.PENDING,
                        "Unknown Pending",
                        "False PlacementUnreachable",
                        "False PlacementUnreachable"),
                arguments(DEFERRED, Phase.PENDING, "Unknown Pending", "Unknown Pending", "Unknown Pending"),
                arguments(
                        new AllocationSyncResult.Released(Set.of()),
                        Phase.PENDING,
                        "Unknown Pending",
                        "Unknown Pending",
                        "Unknown Pending"));
    }

    @ParameterizedTest
    @MethodSource("results")
    void phaseAndConditionsFollowFromTheResult(
            AllocationSyncResult result, Phase phase, String accepted, String inPlacement, String ready) {
        PciAllocationStatus status = createStatus(external(null), result);
        assertThat(status.phase()).isEqualTo(phase);
        assertThat(outcome(status, "Accepted")).isEqualTo(accepted);
        assertThat(outcome(status, "InPlacement")).isEqualTo(inPlacement);
        assertThat(outcome(status, "Ready")).isEqualTo(ready);
    }

    static Stream<Arguments> moves() {
        AllocationProblem notFinished = new AllocationProblem.MoveNotFinished(CONSUMER, MIGRATION);
        AllocationProblem inProgress = new AllocationProblem.MoveInProgress(CONSUMER, MIGRATION);
        return Stream.of(
                arguments(moving(MovePhase.MOVING, null), inSync(), Phase.MOVING),
                arguments(moving(MovePhase.CONFIRM, null), inSync(), Phase.CONFIRMED),
                arguments(moving(MovePhase.REVERT, null), written(), Phase.REVERTED),
                arguments(moving(MovePhase.CONFIRM, null), blocked(notFinished), Phase.MOVING),
                arguments(moving(MovePhase.MOVING, null), blocked(inProgress), Phase.MOVING),
                arguments(moving(MovePhase.MOVING, null), blocked(NOT_STARTED), Phase.PENDING),
                arguments(external(null), blocked(inProgress), Phase.PENDING));
    }

    @ParameterizedTest
    @MethodSource("moves")
    void phaseOfAMoveIsThatOfPlacement(PciAllocation object, AllocationSyncResult result, Phase expected) {
        assertThat(createStatus(object, result).phase()).isEqualTo(expected);
    }

    @Test
    void previousStateIsKeptWithoutANewResult() {
        Condition accepted = new ConditionBuilder()
                .withType("Accepted")
                .withStatus("True")
                .withReason("Valid")
                .withMessage("message")
                .withLastTransitionTime(EARLIER)
                .build();
        PciAllocationStatus before = status(3L, Phase.MOVING, row(FIRST, 1, AllocationState.IN_SYNC, null))
                .withConditions(List.of(accepted));
        for (AllocationSyncResult result : List.of(UNAVAILABLE, DEFERRED)) {
            PciAllocationStatus status = createStatus(external(before), result);
            assertThat(status.phase()).isEqualTo(Phase.MOVING);
            assertThat(status.observedGeneration()).isEqualTo(3);
            assertThat(outcome(status, "Accepted")).isEqualTo("True Valid");
            assertThat(status.allocations()).isEqualTo(before.allocations());
            assertThat(status.lastSyncTime()).isEqualTo(EARLIER);
        }
        assertThat(createStatus(external(before), blocked(WAITING)).observedGeneration())
                .isEqualTo(4);
    }

    static Stream<Arguments> writes() {
        PciAllocationStatus settled = status(4L, Phase.ALLOCATED);
        PciAllocationStatus older = status(3L, Phase.ALLOCATED);
        PciAllocationStatus pending = status(4L, Phase.PENDING);
        return Stream.of(
                arguments(external(null), true),
                arguments(external(pending), true),
                arguments(allocation(ManagedBy.OPERATOR, null), false),
                arguments(allocation(ManagedBy.OPERATOR, pending), false),
                arguments(allocation(ManagedBy.OPERATOR, older), false),
                arguments(allocation(ManagedBy.OPERATOR, settled), true),
                arguments(claim(ManagedBy.EXTERNAL, null), false),
                arguments(claim(ManagedBy.EXTERNAL, settled), true));
    }

    /** The first write for an object that the operator manages creates the allocation. */
    @ParameterizedTest
    @MethodSource("writes")
    void writeCountsAsHealedUnlessItIsTheFirst(PciAllocation object, boolean healed) {
        assertThat(factory(object, written(delta(FIRST, 1, 0))).isHealed()).isEqualTo(healed);
        assertThat(factory(object, inSync(delta(FIRST, 1, 1))).isHealed()).isFalse();
        assertThat(factory(object, blocked(WAITING)).isHealed()).isFalse();
        assertThat(factory(object, UNAVAILABLE).isHealed()).isFalse();
    }

    @Test
    void healsAreCounted() {
        PciAllocationStatus healed = createStatus(external(status(4L, Phase.ALLOCATED)), written(delta(FIRST, 1, 0)));
        assertThat(healed.healCount()).isEqualTo(8);
        assertThat(healed.lastHealTime()).isEqualTo(NOW);
        PciAllocationStatus unchanged = createStatus(external(status(4L, Phase.ALLOCATED)), inSync(delta(FIRST, 1, 1)));
        assertThat(unchanged.healCount()).isEqualTo(7);
        assertThat(unchanged.lastHealTime()).isEqualTo(EARLIER);
        assertThat(createStatus(external(null), inSync()).healCount()).isZero();
    }

    @Test
    void syncTimeChangesOnlyWithASettledStatus() {
        AllocationSyncResult result = inSync(delta(FIRST, 1, 1));
        PciAllocationStatus first = createStatus(external(null), result);
        assertThat(first.lastSyncTime()).isEqualTo(NOW);
        PciAllocationStatus same = withSyncTime(first, EARLIER);
        assertThat(createStatus(external(same), result)).isEqualTo(same);
        assertThat(createStatus(external(same), blocked(WAITING)).lastSyncTime())
                .isEqualTo(EARLIER);
    }

    private static PciAllocationStatus withSyncTime(PciAllocationStatus status, String time) {
        return new PciAllocationStatus(
                status.observedGeneration(),
                status.phase(),
                time,
                status.healCount(),
                status.lastHealTime(),
                status.summary(),
                status.devices(),
                status.grantedGeneration(),
                status.allocations(),
                status.conditions());
    }

    @Test
    void rowsShowTheStateOfEachAmount() {
        AllocationSyncResult result = written(
                delta(FIRST, 1, 0), delta(SECOND, 1, 1), delta(MIGRATION, FIRST, 1, 1), delta("obsolete", 0, 1));
        assertThat(createStatus(external(null), result).allocations())
                .containsExactly(
                        row(FIRST, 1, AllocationState.HEALED, null),
                        row(SECOND, 1, AllocationState.IN_SYNC, null),
                        row(MIGRATION, FIRST, 1, AllocationState.HELD_BY_MIGRATION, null));
        assertThat(createStatus(allocation(ManagedBy.OPERATOR, null), result, entry(FIRST, 1, 1))
                        .allocations())
                .containsExactly(
                        row(FIRST, 1, AllocationState.IN_SYNC, 1),
                        row(SECOND, 1, AllocationState.IN_SYNC, 0),
                        row(MIGRATION, FIRST, 1, AllocationState.HELD_BY_MIGRATION, 0));
    }

    /** Otherwise the next reconciliation would write the status again. */
    @Test
    void healedIsKeptUntilTheAmountChanges() {
        PciAllocation object = external(status(4L, Phase.ALLOCATED, row(FIRST, 1, AllocationState.HEALED, null)));
        assertThat(createStatus(object, inSync(delta(FIRST, 1, 1))).allocations())
                .containsExactly(row(FIRST, 1, AllocationState.HEALED, null));
        assertThat(createStatus(object, inSync(delta(FIRST, 2, 2))).allocations())
                .containsExactly(row(FIRST, 2, AllocationState.IN_SYNC, null));
        assertThat(createStatus(object, inSync(delta(SECOND, 1, 1))).allocations())
                .containsExactly(row(SECOND, 1, AllocationState.IN_SYNC, null));
    }

    @Test
    void rowsOfABlockedObjectShowWhyTheyAreMissing() {
        PciAllocation object = external(status(4L, Phase.ALLOCATED, row(FIRST, 1, AllocationState.IN_SYNC, null)));
        assertThat(createStatus(object, blocked(REJECTED)).allocations())
                .containsExactly(row(FIRST, 1, AllocationState.BLOCKED, null));
        assertThat(createStatus(object, blocked(WAITING)).allocations())
                .containsExactly(row(FIRST, 1, AllocationState.MISSING, null));
    }

    @Test
    void messageNamesAmountsThatStayAfterTheDeletion() {
        AllocationSyncResult result = inSync(delta(FIRST, 2, 2), delta(SECOND, 1, 1));
        PciAllocation managed = allocation(ManagedBy.OPERATOR, null);
        assertThat(message(createStatus(managed, result, entry(FIRST, 2, 2), entry(SECOND, 1, 1))))
                .endsWith("CUSTOM_VF of %s, %s has 1 CUSTOM_VF of %s.".formatted(FIRST, CONSUMER, SECOND));
        assertThat(message(createStatus(managed, result, entry(FIRST, 2, 1), entry(SECOND, 1, 1))))
                .endsWith("stays when the object is deleted: %s has 2 CUSTOM_VF of %s.".formatted(CONSUMER, FIRST));
        assertThat(message(createStatus(external(null), result))).doesNotContain("stays");
    }

    @Test
    void statusContainsTheDevicesAndTheirGrant() {
        PciAllocationStatus status = createStatus(external(null), inSync());
        assertThat(status.summary().devices()).isEqualTo(1);
        assertThat(status.devices()).containsExactly(new AllocatedDevice("gpu-07", "0000:81:00.0", null));
        assertThat(status.grantedGeneration()).isEqualTo(3);
    }
}
