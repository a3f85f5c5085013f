package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.EARLIER;
import static io.pciplacement.operator.host.HostStatusFixture.FIRST;
import static io.pciplacement.operator.host.HostStatusFixture.NOW_TEXT;
import static io.pciplacement.operator.host.HostStatusFixture.ROOT;
import static io.pciplacement.operator.host.HostStatusFixture.SECOND;
import static io.pciplacement.operator.host.HostStatusFixture.UNAVAILABLE;
import static io.pciplacement.operator.host.HostStatusFixture.VF;
import static io.pciplacement.operator.host.HostStatusFixture.absentDecision;
import static io.pciplacement.operator.host.HostStatusFixture.createStatus;
import static io.pciplacement.operator.host.HostStatusFixture.creatingDecision;
import static io.pciplacement.operator.host.HostStatusFixture.decision;
import static io.pciplacement.operator.host.HostStatusFixture.done;
import static io.pciplacement.operator.host.HostStatusFixture.enabledHost;
import static io.pciplacement.operator.host.HostStatusFixture.failed;
import static io.pciplacement.operator.host.HostStatusFixture.host;
import static io.pciplacement.operator.host.HostStatusFixture.planned;
import static io.pciplacement.operator.host.HostStatusFixture.previousStatus;
import static io.pciplacement.operator.host.HostStatusFixture.row;
import static io.pciplacement.operator.host.HostStatusFixture.statusFactory;
import static io.pciplacement.operator.host.HostStatusFixture.synced;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.placement.Inventory;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.WriteCounts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The summary of a host's status, its times, and the root provider that it records. */
class HostStatusSummaryTest {

    private static final HostSyncResult CREATED =
            synced(new WriteCounts(1, 0, 0), false, done(decision(FIRST, State.WANTED)));

    private static HostPciInventory disabledHost(@Nullable HostPciInventoryStatus status) {
        return host(ReportingMode.DISABLED, false, status);
    }

    private static HostPciInventory pausedHost(@Nullable HostPciInventoryStatus status) {
        return host(ReportingMode.ENABLED, true, status);
    }

    /** The status of the host after this result, complete with the agent's part. */
    private static HostPciInventoryStatus statusAfter(HostSyncResult result) {
        HostPciInventoryStatus before = previousStatus();
        return createStatus(enabledHost(before), result).withAgentFieldsFrom(before);
    }

    @Test
    void summaryCountsUnitsOfProvidersInPlacement() {
        HostSyncResult result = synced(
                done(decision(FIRST, State.WANTED)),
                done(decision(SECOND, State.HELD)),
                done(absentDecision("gpu-07_0000:83:00.0", State.CONFLICTING)),
                planned(creatingDecision("gpu-07_0000:84:00.0")),
                failed(absentDecision("gpu-07_0000:85:00.0", State.WANTED)),
                done(decision("gpu-07_0000:86:00.0", State.ORPHANED)));
        assertThat(createStatus(enabledHost(null), result).summary())
                .isEqualTo(new Summary(6, 8, 4, 12, 3, 6, 3, 2, 4, 5, null, null));
    }

    @Test
    void summaryCountsProvidersThatAwaitNova() {
        HostPciInventory host = host(ReportingMode.NOVA, false, null);
        HostSyncResult result =
                synced(done(decision(FIRST, State.AWAITING_NOVA)), done(decision(SECOND, State.WANTED)));
        Summary summary = createStatus(host, result).summary();
        assertThat(summary.awaitingNova()).isEqualTo(1);
        assertThat(summary.tracked()).as("devices in the desired state").isEqualTo(4);
        host.setStatus(HostPciInventoryStatus.EMPTY.withAgentFieldsFrom(previousStatus()));
        assertThat(createStatus(host, synced()).summary().awaitingNova()).isZero();
    }

    @Test
    void freeUnitsAreNeverNegative() {
        HostSyncResult overcommitted =
                synced(done(decision(FIRST, State.WANTED, Map.of(VF, Inventory.of(2, 2)), 1, List.of(), List.of())));
        assertThat(createStatus(enabledHost(null), overcommitted).summary().free())
                .isZero();
    }

    @Test
    void summaryKeepsCountsOfDevicesWithoutANewResult() {
        HostPciInventoryStatus before = previousStatus(row(FIRST, ProviderState.HELD, "Held", "Used."));
        assertThat(createStatus(enabledHost(before), UNAVAILABLE).summary())
                .isEqualTo(new Summary(6, 9, 1, 4, 1, 2, 1, 2, 8, 5, null, null));
        assertThat(createStatus(enabledHost(null), UNAVAILABLE).summary())
                .isEqualTo(new Summary(6, 0, 0, 0, 0, 0, 0, 0, 0, 5, null, null));
    }

    @Test
    void syncTimeChangesWithTheStatusOrAWrite() {
        assertThat(statusAfter(synced()).lastSyncTime()).isEqualTo(NOW_TEXT);
        HostPciInventoryStatus same = withSyncTime(statusAfter(synced()), EARLIER);
        assertThat(createStatus(enabledHost(same), synced()).lastSyncTime()).isEqualTo(EARLIER);
        HostSyncResult changed = synced(new WriteCounts(0, 1, 0), false);
        assertThat(createStatus(enabledHost(same), changed).lastSyncTime()).isEqualTo(NOW_TEXT);
    }

    private static HostPciInventoryStatus withSyncTime(HostPciInventoryStatus status, String time) {
        return new HostPciInventoryStatus(
                status.agent(),
                status.devices(),
                status.attachments(),
                status.observedGeneration(),
                status.observedInventoryHash(),
                status.reportingEnabledAt(),
                status.rootProviderUuid(),
                time,
                status.summary(),
                status.providers(),
                status.unaccountedAllocations(),
                null,
                status.uncleanedDevices(),
                null,
                status.novaConfig(),
                status.conditions());
    }

    @Test
    void syncTimeIsKeptIfNothingMayBeWritten() {
        assertThat(createStatus(enabledHost(previousStatus()), UNAVAILABLE).lastSyncTime())
                .isEqualTo(EARLIER);
        assertThat(createStatus(disabledHost(previousStatus()), CREATED).lastSyncTime())
                .isEqualTo(EARLIER);
        assertThat(createStatus(pausedHost(previousStatus()), CREATED).lastSyncTime())
                .isEqualTo(EARLIER);
        assertThat(createStatus(disabledHost(null), CREATED).lastSyncTime()).isNull();
    }

    @Test
    void statusIsComparedWithTheOperatorsPartOnly() {
        HostPciInventoryStatus current = statusAfter(synced());
        HostPciInventory host = enabledHost(current);
        HostPciInventoryStatus next = createStatus(host, synced());
        assertThat(statusFactory(host, synced()).isUnchanged(next)).isTrue();
        assertThat(statusFactory(host, synced()).isUnchanged(createStatus(host, UNAVAILABLE)))
                .isFalse();
        assertThat(HostPciInventoryStatusFactory.matchesStatus(enabledHost(null), next))
                .isFalse();
    }

    /** It shows that reporting cannot be disabled again as long as Placement has providers of the host. */
    @Test
    void firstTimeOfReportingIsKept() {
        assertThat(createStatus(enabledHost(null), synced()).reportingEnabledAt())
                .isEqualTo(NOW_TEXT);
        assertThat(createStatus(enabledHost(null), UNAVAILABLE).reportingEnabledAt())
                .isEqualTo(NOW_TEXT);
        assertThat(createStatus(disabledHost(null), synced()).reportingEnabledAt())
                .isNull();
        assertThat(createStatus(enabledHost(previousStatus()), synced()).reportingEnabledAt())
                .isEqualTo(EARLIER);
        assertThat(createStatus(disabledHost(previousStatus()), synced(planned(decision(FIRST, State.WANTED))))
                        .reportingEnabledAt())
                .isEqualTo(EARLIER);
        assertThat(createStatus(disabledHost(previousStatus()), UNAVAILABLE).reportingEnabledAt())
                .isEqualTo(EARLIER);
    }

    @Test
    void firstTimeOfReportingIsClearedIfReportingIsDisabledAgain() {
        assertThat(createStatus(disabledHost(previousStatus()), synced()).reportingEnabledAt())
                .isNull();
    }

    @Test
    void rootProviderIsRecordedOnceProvidersExistBelowIt() {
        assertThat(createStatus(enabledHost(null), CREATED).rootProviderUuid()).isEqualTo(ROOT.toString());
        assertThat(createStatus(enabledHost(null), synced()).rootProviderUuid()).isNull();
        assertThat(createStatus(enabledHost(null), synced(failed(absentDecision(FIRST, State.WANTED))))
                        .rootProviderUuid())
                .isNull();
        assertThat(createStatus(disabledHost(null), CREATED).rootProviderUuid()).isNull();
        assertThat(createStatus(pausedHost(null), CREATED).rootProviderUuid()).isNull();
        assertThat(createStatus(enabledHost(previousStatus()), synced()).rootProviderUuid())
                .isEqualTo(ROOT.toString());
        assertThat(createStatus(enabledHost(previousStatus()), UNAVAILABLE).rootProviderUuid())
                .isEqualTo(ROOT.toString());
    }

    @Test
    void unaccountedAllocationsAreListed() {
        assertThat(createStatus(enabledHost(null), synced()).unaccountedAllocations())
                .extracting(HostPciInventoryStatus.UnaccountedAllocationStatus::amount)
                .containsExactly(5);
    }
}
