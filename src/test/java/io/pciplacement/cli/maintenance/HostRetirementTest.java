package io.pciplacement.cli.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.maintenance.HostRetirement.RetirementOptions;
import io.pciplacement.cli.maintenance.HostRetirement.RetirementResult;
import io.pciplacement.cli.maintenance.HostRetirement.RetirementStep;
import io.pciplacement.cli.maintenance.HostRetirement.StepState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps that retire a host, with an operator that processes each change during a pause. */
class HostRetirementTest {

    private static final String REPORTED = """
            spec: {reporting: Enabled}
            status: {observedGeneration: 1}
            """;

    private final FakeHostStore store = new FakeHostStore(REPORTED);
    private final List<String> messages = new ArrayList<>();

    private HostRetirement retirement(boolean keepNode) {
        return new HostRetirement(
                store,
                store.poller(),
                "gpu-07",
                new RetirementOptions(Duration.ofSeconds(30), keepNode),
                messages::add);
    }

    private RetirementResult retire() {
        return retirement(false).retireHost();
    }

    /** A status of the operator about the present generation. */
    private void reportDrained(boolean drained, String remaining) {
        long generation = store.host().getMetadata().getGeneration();
        store.changeHost("""
                status:
                  observedGeneration: %d
                  maintenance: {drain: {consumers: %d, remaining: [%s]}}
                  conditions:
                  - {type: Drained, status: "%s", reason: R, message: "Condition.", observedGeneration: %d, lastTransitionTime: "2026-01-01T00:00:00Z"}
                """.formatted(
                        generation, remaining.isEmpty() ? 0 : 1, remaining, drained ? "True" : "False", generation));
    }

    private void reportDrained() {
        reportDrained(true, "");
    }

    private static String withReason(String spec, String reason) {
        return """
                spec: {%s}
                status:
                  observedGeneration: 1
                  conditions:
                  - {type: PlacementSynced, status: "False", reason: %s, message: "M.", observedGeneration: 1, lastTransitionTime: "2026-01-01T00:00:00Z"}
                """.formatted(spec, reason);
    }

    @Test
    void hostIsDrainedThenDeleted() {
        store.duringNextPause(() -> reportDrained(false, "{consumerUuid: c1, serverName: web}"));
        store.duringNextPause(this::reportDrained);
        store.duringNextPause(this::reportDrained);
        store.duringNextPause(store::removeHost);
        store.setRetentionEvents(List.of("gpu-07_0000:81:00.0 stays"));
        assertThat(retire())
                .isEqualTo(new RetirementResult("gpu-07", true, List.of("gpu-07_0000:81:00.0 stays"), false));
        assertThat(store.writes()).containsExactly("{\"drain\":true}", "{\"onDelete\":\"RemoveUnused\"}", "delete");
        assertThat(messages)
                .containsExactly(
                        "gpu-07: spec.drain is set; the devices are withheld from new consumers",
                        "gpu-07: waiting: 1 consumer has devices: c1 (web)",
                        "gpu-07: deletion requested (spec.onDelete: RemoveUnused)");
    }

    @Test
    void interruptedRunIsResumed() {
        store.changeHost("spec: {reporting: Enabled, drain: true, onDelete: RemoveUnused}");
        reportDrained();
        store.duringNextPause(store::removeHost);
        retire();
        assertThat(store.writes()).containsExactly("delete");
    }

    @Test
    void runIsResumedDuringTheDeletion() {
        store.deleteHost(store.host());
        store.duringNextPause(store::removeHost);
        assertThat(retire().deleted()).isTrue();
        assertThat(store.writes()).containsExactly("delete");
    }

    @Test
    void objectThatWasCreatedAgainIsNotDeletedAgain() {
        store.deleteHost(store.host());
        store.duringNextPause(() -> store.replaceHost("metadata: {uid: u2}"));
        assertThat(retire().recreated()).isTrue();
        assertThat(store.writes()).containsExactly("delete");
    }

    @Test
    void conditionOfAnEarlierDrainDoesNotCount() {
        reportDrained();
        assertThatThrownBy(this::retire)
                .isInstanceOf(CliException.class)
                .hasMessageContaining("is not drained after 30s: the operator has not processed spec.drain yet");
        assertThat(messages).contains("gpu-07: waiting: the operator has not processed spec.drain yet");
        assertThat(store.writes()).containsExactly("{\"drain\":true}");
    }

    @Test
    void hostStaysDrainedAfterTheTimeout() {
        store.duringNextPause(() -> reportDrained(false, "{consumerUuid: c1}"));
        assertThatThrownBy(this::retire)
                .hasMessage(
                        "host gpu-07 is not drained after 30s: 1 consumer has devices: c1. It stays drained; move or delete the consumers and run the command again");
        assertThat(store.host().isDrained()).isTrue();
        assertThat(store.host().getMetadata().getDeletionTimestamp()).isNull();
    }

    @Test
    void hostWithItsNodeIsNotDeleted() {
        store.setNode(true);
        store.changeHost("spec: {reporting: Enabled, drain: true}");
        reportDrained();
        assertThatThrownBy(this::retire)
                .isInstanceOf(CliException.class)
                .hasMessageContaining("its Node exists")
                .hasMessageContaining("kubectl delete node gpu-07");
        assertThat(store.writes()).isEmpty();
    }

    @Test
    void hostIsDeletedWithItsNodeOnRequest() {
        store.setNode(true);
        store.changeHost("spec: {reporting: Enabled, drain: true, onDelete: RemoveUnused}");
        reportDrained();
        store.duringNextPause(store::removeHost);
        store.duringNextPause(() -> store.replaceHost("metadata: {uid: u2}"));
        assertThat(retirement(true).retireHost()).isEqualTo(new RetirementResult("gpu-07", true, List.of(), true));
    }

    @Test
    void hostThatAnotherClientReleasesIsNotDeleted() {
        store.changeHost("spec: {reporting: Enabled, drain: true, onDelete: RemoveUnused}");
        reportDrained();
        store.beforeNextWrite(
                () -> store.changeHost("spec: {reporting: Enabled, drain: false, onDelete: RemoveUnused}"));
        assertThatThrownBy(this::retire).hasMessageContaining("another client has set spec.drain");
        assertThat(store.writes()).isEmpty();
    }

    @Test
    void versionThatChangedIsReadAgainBeforeTheDeletion() {
        store.changeHost("spec: {reporting: Enabled, drain: true, onDelete: RemoveUnused}");
        reportDrained();
        store.beforeNextWrite(this::reportDrained);
        store.duringNextPause(store::removeHost);
        retire();
        assertThat(store.writes()).containsExactly("delete");
    }

    @Test
    void hostWithoutNodeIsNotDrained() {
        store.replaceHost(withReason("reporting: Enabled, onDelete: RemoveUnused", "NodeNotFound"));
        store.duringNextPause(store::removeHost);
        retire();
        assertThat(store.writes()).containsExactly("delete");
        assertThat(messages.getFirst()).contains("not drained: the Node does not exist");
    }

    @Test
    void hostThatWasDrainedBeforeItsNodeWasDeletedIsDrained() {
        store.replaceHost(withReason("reporting: Enabled, drain: true, onDelete: RemoveUnused", "NodeNotFound")
                + "  maintenance: {drain: {consumers: 0, remaining: []}}\n");
        store.duringNextPause(store::removeHost);
        retire();
        assertThat(messages).containsExactly("gpu-07: deletion requested (spec.onDelete: RemoveUnused)");
    }

    @Test
    void hostThatIsNotReportedIsNotDrained() {
        store.replaceHost(withReason("onDelete: RemoveUnused", "ReportingDisabled"));
        store.duringNextPause(store::removeHost);
        retire();
        assertThat(store.writes()).containsExactly("delete");
    }

    @Test
    void hostThatIsNotWrittenIsNotRetired() {
        store.replaceHost("spec: {reporting: Enabled, paused: true}");
        assertThatThrownBy(this::retire).hasMessageContaining("spec.paused of host gpu-07 is set");
        store.replaceHost(withReason("reporting: Disabled", "CannotDisableReporting"));
        assertThatThrownBy(this::retire).hasMessageContaining("set it to Enabled and run the command again");
        assertThat(store.writes()).isEmpty();
    }

    @Test
    void deletionThatTakesTooLongIsReported() {
        store.deleteHost(store.host());
        store.changeHost("""
                status:
                  conditions:
                  - {type: Ready, status: "False", reason: BeingDeleted, message: "Placement is away.", lastTransitionTime: "2026-01-01T00:00:00Z"}
                """);
        assertThatThrownBy(this::retire)
                .hasMessageContaining("is still being deleted after 30s: Placement is away. Run the command again");
    }

    @Test
    void eventsThatCannotBeReadAreUnknown() {
        store.deleteHost(store.host());
        store.duringNextPause(store::removeHost);
        store.setRetentionEvents(null);
        assertThat(retire().retained()).isNull();
    }

    private List<StepState> planStates(boolean keepNode) {
        return retirement(keepNode).planSteps().stream()
                .map(RetirementStep::state)
                .toList();
    }

    @Test
    void planShowsWhatIsLeft() {
        store.setNode(true);
        assertThat(planStates(false)).containsOnly(StepState.Pending);
        store.changeHost("spec: {reporting: Enabled, drain: true}");
        reportDrained();
        assertThat(planStates(false))
                .containsExactly(
                        StepState.Done, StepState.Done, StepState.Pending, StepState.Pending, StepState.Pending);
        store.setNode(false);
        assertThat(planStates(false).get(2)).isEqualTo(StepState.Done);
        assertThat(planStates(true).get(2)).isEqualTo(StepState.NotNecessary);
        store.replaceHost(withReason("onDelete: RemoveUnused", "ReportingDisabled"));
        assertThat(planStates(false))
                .containsExactly(
                        StepState.NotNecessary,
                        StepState.NotNecessary,
                        StepState.Done,
                        StepState.Done,
                        StepState.Pending);
        assertThat(store.writes()).isEmpty();
    }
}
