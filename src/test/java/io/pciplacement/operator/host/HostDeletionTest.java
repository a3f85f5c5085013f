package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.NOW;
import static io.pciplacement.operator.host.HostStatusFixture.ROOT;
import static io.pciplacement.operator.host.HostStatusFixture.condition;
import static io.pciplacement.operator.host.HostStatusFixture.decision;
import static io.pciplacement.operator.host.HostStatusFixture.done;
import static io.pciplacement.operator.host.HostStatusFixture.host;
import static io.pciplacement.operator.host.HostStatusFixture.message;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static io.pciplacement.operator.host.HostStatusFixture.row;
import static io.pciplacement.operator.host.HostStatusFixture.synced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.Resolution;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.WriteCounts;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How long the deletion of a host waits for Placement, and what it reports. */
class HostDeletionTest {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Instant DELETED = Instant.parse("2026-01-02T10:00:00Z");
    private static final HostSyncResult UNAVAILABLE = new HostSyncResult.PlacementUnavailable(
            new PlacementState.Unavailable("PlacementUnreachable", "Connection refused."), true);
    private static final HostSyncResult CONFLICT = synced(new WriteCounts(0, 0, 0), true);

    private static HostPciInventory deletedHost(@Nullable HostPciInventoryStatus status) {
        HostPciInventory host = host(ReportingMode.ENABLED, false, status);
        host.getMetadata().setDeletionTimestamp(DELETED.toString());
        return host;
    }

    private static HostDeletion deletion(HostSyncResult result, Instant now) {
        return HostDeletion.of(deletedHost(null), result, TIMEOUT, now);
    }

    static Stream<Arguments> results() {
        HostSyncResult missing =
                new HostSyncResult.RootMissing(new RootProviderProblem.Missing("gpu-07"), Resolution.NONE);
        RootProviderProblem nested = new RootProviderProblem.Nested("gpu-07", ROOT, ROOT);
        String unreachable = "the resource providers of gpu-07 stay in Placement: Connection refused.";
        return Stream.of(
                arguments(UNAVAILABLE, true, unreachable),
                arguments(
                        new HostSyncResult.Deferred(),
                        true,
                        "the resource providers of gpu-07 stay in Placement: the operator has not connected to Placement yet"),
                arguments(CONFLICT, true, null),
                arguments(synced(), false, null),
                arguments(
                        synced(
                                done(decision("gpu-07_0000:81:00.0", State.HELD)),
                                done(decision("gpu-07_0000:82:00.0", State.ORPHANED))),
                        false,
                        "these resource providers stay in Placement because they are in use or must not be removed:"
                                + " gpu-07_0000:81:00.0, gpu-07_0000:82:00.0"),
                arguments(missing, false, null),
                arguments(new HostSyncResult.RootMissing(nested, Resolution.NONE), false, nested.message()),
                arguments(new HostSyncResult.RootConflict("gpu-07", "gpu-06"), false, null),
                arguments(new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE), false, null));
    }

    @ParameterizedTest
    @MethodSource("results")
    void waitsOnlyIfTheRemovalIsNotComplete(HostSyncResult result, boolean waits, @Nullable String retained) {
        HostDeletion deletion = deletion(result, DELETED);
        assertThat(deletion.pendingStatus().isPresent()).isEqualTo(waits);
        assertThat(deletion.retainedMessage().orElse(null)).isEqualTo(retained);
    }

    @Test
    void waitsUntilTheDeadline() {
        Instant deadline = DELETED.plus(TIMEOUT);
        assertThat(deletion(UNAVAILABLE, deadline.minusMillis(1)).pendingStatus())
                .isPresent();
        assertThat(deletion(UNAVAILABLE, deadline).pendingStatus()).isEmpty();
    }

    @Test
    void statusShowsTheDeadlineAndTheReason() {
        HostPciInventoryStatus status = deletion(CONFLICT, NOW).pendingStatus().orElseThrow();
        assertThat(outcome(status.conditions(), "Ready")).isEqualTo("False BeingDeleted");
        assertThat(message(status.conditions(), "Ready"))
                .contains("Waiting until 2026-01-02T10:10:00Z")
                .endsWith(": another client writes to them at the same time");
        assertThat(status.providers()).isEmpty();
    }

    @Test
    void statusKeepsTheOperatorsFieldsAndTheOtherConditions() {
        HostPciInventoryStatus before = new HostPciInventoryStatus(
                new AgentStatus("1", "boot", null, "sha256:1", false, null, null, null),
                List.of(),
                null,
                3L,
                "sha256:1",
                null,
                ROOT.toString(),
                null,
                null,
                List.of(row("gpu-07_0000:81:00.0", ProviderState.IN_SYNC, null, null)),
                null,
                null,
                null,
                null,
                null,
                List.of(
                        condition("PlacementSynced", "True", "InSync", "message"),
                        condition("Ready", "True", "InSync", "message"),
                        condition("Stalled", "True", "Forbidden", "message")));
        HostPciInventoryStatus status = HostDeletion.of(deletedHost(before), UNAVAILABLE, TIMEOUT, NOW)
                .pendingStatus()
                .orElseThrow();
        assertThat(status.agent()).isNull();
        assertThat(status.devices()).isNull();
        assertThat(status.rootProviderUuid()).isEqualTo(ROOT.toString());
        assertThat(status.providers()).isEqualTo(before.providers());
        assertThat(status.conditions())
                .extracting(condition -> condition.getType() + " " + condition.getReason())
                .containsExactly("PlacementSynced InSync", "Ready BeingDeleted");
    }
}
