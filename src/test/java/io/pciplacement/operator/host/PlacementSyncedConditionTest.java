package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.NOW;
import static io.pciplacement.operator.host.HostStatusFixture.ROOT;
import static io.pciplacement.operator.host.HostStatusFixture.absentDecision;
import static io.pciplacement.operator.host.HostStatusFixture.creatingDecision;
import static io.pciplacement.operator.host.HostStatusFixture.decision;
import static io.pciplacement.operator.host.HostStatusFixture.done;
import static io.pciplacement.operator.host.HostStatusFixture.host;
import static io.pciplacement.operator.host.HostStatusFixture.message;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static io.pciplacement.operator.host.HostStatusFixture.planned;
import static io.pciplacement.operator.host.HostStatusFixture.row;
import static io.pciplacement.operator.host.HostStatusFixture.synced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.planning.Resolution;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.sync.host.HostSyncResult.WriteCounts;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The result of a host's sync as the condition PlacementSynced. */
class PlacementSyncedConditionTest {

    private static final String TYPE = "PlacementSynced";
    private static final String NAME = "gpu-07_0000:81:00.0";
    private static final HostPciInventory ENABLED = host(ReportingMode.ENABLED, false, null);
    private static final HostPciInventory DISABLED = host(ReportingMode.DISABLED, false, null);

    private static List<Condition> conditions(HostPciInventory host, HostSyncResult result, ProviderStatus... rows) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, NOW);
        new PlacementSyncedCondition(host, result, List.of(rows)).addTo(conditions);
        return conditions.build();
    }

    static Stream<Arguments> results() {
        HostSyncResult unavailable = new HostSyncResult.PlacementUnavailable(
                new PlacementState.Unavailable("PlacementUnreachable", "Connection refused."), true);
        HostSyncResult missing =
                new HostSyncResult.RootMissing(new RootProviderProblem.Missing("gpu-07"), Resolution.NONE);
        HostSyncResult nested =
                new HostSyncResult.RootMissing(new RootProviderProblem.Nested("gpu-07", ROOT, ROOT), Resolution.NONE);
        HostSyncResult noNode = new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE);
        HostSyncResult noList = new HostSyncResult.Incomplete(HostSyncRequest.Missing.DEVICE_LIST);
        HostSyncResult conflict = new HostSyncResult.RootConflict("gpu-07", "gpu-06");
        HostPciInventory paused = host(ReportingMode.ENABLED, true, null);
        HostPciInventory pausedAndDisabled = host(ReportingMode.DISABLED, true, null);
        return Stream.of(
                arguments(ENABLED, new HostSyncResult.Deferred(), "False Pending"),
                arguments(DISABLED, new HostSyncResult.Deferred(), "False Pending"),
                arguments(ENABLED, unavailable, "False PlacementUnreachable"),
                arguments(DISABLED, unavailable, "Unknown PlacementUnreachable"),
                arguments(ENABLED, missing, "False RootProviderNotFound"),
                arguments(ENABLED, nested, "False RootProviderNested"),
                arguments(ENABLED, noNode, "False NodeNotFound"),
                arguments(DISABLED, noNode, "False NodeNotFound"),
                arguments(ENABLED, noList, "False AgentNeverReported"),
                arguments(DISABLED, noList, "Unknown AgentNeverReported"),
                arguments(ENABLED, conflict, "False RootProviderTaken"),
                arguments(ENABLED, synced(), "True InSync"),
                arguments(paused, synced(), "False Paused"),
                arguments(DISABLED, synced(), "True ReportingDisabled"),
                arguments(pausedAndDisabled, synced(), "True ReportingDisabled"));
    }

    @ParameterizedTest
    @MethodSource("results")
    void statusAndReasonFollowFromTheResult(HostPciInventory host, HostSyncResult result, String expected) {
        assertThat(outcome(conditions(host, result), TYPE)).isEqualTo(expected);
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                arguments(ProviderState.IN_SYNC, null, "True InSync"),
                arguments(ProviderState.CONFLICTING, "PriorityTie", "True InSync"),
                arguments(ProviderState.RETIRED, "ProviderRetired", "True InSync"),
                arguments(ProviderState.ORPHANED, "AwaitingCleaning", "True InSync"),
                arguments(ProviderState.ORPHANED, "ReservedByAdministrator", "True InSync"),
                arguments(ProviderState.ORPHANED, "InventoryInUse", "False InventoryInUse"),
                arguments(ProviderState.PENDING, "GenerationConflict", "False GenerationConflict"),
                arguments(ProviderState.PENDING, null, "False Pending"),
                arguments(ProviderState.PLANNED, "Adoptable", "False Adoptable"),
                arguments(ProviderState.HELD, "Held", "False Held"),
                arguments(ProviderState.HELD, "AwaitingCleaning", "False AwaitingCleaning"),
                arguments(ProviderState.CONTESTED, "RewrittenByOther", "False RewrittenByOther"));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void rowsThatAreNotSettledAreReported(ProviderState state, @Nullable String reason, String expected) {
        ProviderStatus settled = row("gpu-07_0000:01:00.0", ProviderState.IN_SYNC, null, null);
        assertThat(outcome(conditions(ENABLED, synced(), settled, row(NAME, state, reason, "message")), TYPE))
                .isEqualTo(expected);
    }

    @Test
    void rowsThatResolveByThemselvesAreReportedLast() {
        ProviderStatus held = row("gpu-07_0000:01:00.0", ProviderState.HELD, "Held", "Used.");
        ProviderStatus replaced = row("gpu-07_0000:02:00.0", ProviderState.HELD, "DeviceReplaced", "Replaced.");
        ProviderStatus pending = row("gpu-07_0000:03:00.0", ProviderState.PENDING, "GenerationConflict", "Conflict.");
        ProviderStatus foreign = row("gpu-07_0000:04:00.0", ProviderState.PENDING, "ForeignOwner", "Foreign.");
        assertThat(message(conditions(ENABLED, synced(), held), TYPE)).isEqualTo("Used.");
        assertThat(message(conditions(ENABLED, synced(), held, pending), TYPE)).isEqualTo("Conflict.");
        assertThat(message(conditions(ENABLED, synced(), held, replaced, pending), TYPE))
                .isEqualTo("Replaced.");
        assertThat(message(conditions(ENABLED, synced(), held, replaced, pending, foreign), TYPE))
                .isEqualTo("Foreign.");
    }

    @Test
    void rowWithoutMessageIsReportedByItsName() {
        ProviderStatus pending = row(NAME, ProviderState.PENDING, null, null);
        assertThat(message(conditions(ENABLED, synced(), pending), TYPE)).isEqualTo(NAME);
    }

    static Stream<Arguments> providersOfADisabledHost() {
        return Stream.of(
                arguments(planned(decision(NAME, State.WANTED)), "False CannotDisableReporting"),
                arguments(planned(decision(NAME, State.HELD)), "False CannotDisableReporting"),
                arguments(planned(decision(NAME, State.RETIRED)), "True ReportingDisabled"),
                arguments(planned(retiringDecision()), "False CannotDisableReporting"),
                arguments(planned(absentDecision(NAME, State.CONFLICTING)), "True ReportingDisabled"),
                arguments(planned(creatingDecision(NAME)), "True ReportingDisabled"),
                arguments(done(decision(NAME, State.PROPOSED)), "True ReportingDisabled"));
    }

    /** A provider that still has the inventory which the operator would remove. */
    private static ProviderDecision retiringDecision() {
        ProviderDecision retired = decision(NAME, State.RETIRED);
        return new ProviderDecision(
                retired.name(),
                retired.uuid(),
                retired.state(),
                retired.spec(),
                retired.devices(),
                retired.deviceType(),
                retired.inventories(),
                retired.traits(),
                retired.used(),
                retired.findings(),
                List.of(new ProviderOperation.Delete(retired.uuid())),
                null,
                null);
    }

    /** A recreated object does not show that its devices are in Placement already. */
    @ParameterizedTest
    @MethodSource("providersOfADisabledHost")
    void reportingCannotBeDisabledOnceProvidersExist(ProviderResult result, String expected) {
        assertThat(outcome(conditions(DISABLED, synced(result)), TYPE)).isEqualTo(expected);
    }

    /** nova-compute has created the provider from an exported configuration; the operator has written nothing. */
    @Test
    void reportingIsDisabledIfNovaCreatedTheProviders() {
        ProviderDecision own = decision(NAME, State.WANTED);
        ProviderDecision novas = new ProviderDecision(
                own.name(),
                UUID.randomUUID(),
                own.state(),
                own.spec(),
                own.devices(),
                own.deviceType(),
                own.inventories(),
                own.traits(),
                own.used(),
                own.findings(),
                own.operations(),
                null,
                null);
        assertThat(outcome(conditions(DISABLED, synced(planned(novas))), TYPE)).isEqualTo("True ReportingDisabled");
    }

    @Test
    void hostAwaitsNovaUntilAllProvidersMatch() {
        HostPciInventory host = host(ReportingMode.NOVA, false, HostPciInventoryStatus.EMPTY);
        assertThat(outcome(conditions(host, synced(done(decision(NAME, State.WANTED)))), TYPE))
                .isEqualTo("True InSync");
        ProviderStatus awaiting = row(NAME, ProviderState.AWAITING_NOVA, "AwaitingNova", "+CUSTOM_FAST.");
        ProviderStatus second = row("gpu-07_0000:82:00.0", ProviderState.AWAITING_NOVA, "AwaitingNova", "-CUSTOM_OLD.");
        List<Condition> conditions = conditions(host, synced(), awaiting, second);
        assertThat(outcome(conditions, TYPE)).isEqualTo("False AwaitingNova");
        assertThat(message(conditions, TYPE)).isEqualTo("+CUSTOM_FAST. 1 more provider of this host differs.");
        assertThat(message(conditions(host, synced(), awaiting), TYPE)).isEqualTo("+CUSTOM_FAST.");
    }

    private static HostPciInventory disabledAgain() {
        HostPciInventoryStatus status = new HostPciInventoryStatus(
                null,
                null,
                null,
                null,
                null,
                "2026-01-01T00:00:00Z",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
        return host(ReportingMode.DISABLED, false, status);
    }

    private static HostSyncResult.Synced planWithoutRoot(RootProviderProblem problem) {
        return new HostSyncResult.Synced(
                ROOT, problem, Resolution.NONE, List.of(), Map.of(), new TreeMap<>(), new WriteCounts(0, 0, 0), false);
    }

    @Test
    void reportingIsDisabledAgainIfNothingIsLeft() {
        assertThat(outcome(conditions(disabledAgain(), synced()), TYPE)).isEqualTo("True ReportingDisabled");
        assertThat(outcome(
                        conditions(disabledAgain(), planWithoutRoot(new RootProviderProblem.Missing("gpu-07"))), TYPE))
                .isEqualTo("True ReportingDisabled");
    }

    /** A sync that had begun before may have created providers after the change was accepted. */
    @Test
    void reportingCannotBeDisabledWhileProvidersAreCreated() {
        assertThat(outcome(conditions(disabledAgain(), synced(planned(decision(NAME, State.WANTED)))), TYPE))
                .isEqualTo("False CannotDisableReporting");
    }

    /** The providers below the previous root are not known. */
    @Test
    void reportingCannotBeDisabledBelowAnotherRootProvider() {
        RootProviderProblem renamed = new RootProviderProblem.Renamed("gpu-07", ROOT, "gpu-08");
        assertThat(outcome(conditions(disabledAgain(), planWithoutRoot(renamed)), TYPE))
                .isEqualTo("False CannotDisableReporting");
        assertThat(outcome(conditions(DISABLED, planWithoutRoot(renamed)), TYPE))
                .isEqualTo("True ReportingDisabled");
    }

    @Test
    void disabledHostNamesTheMissingRootProvider() {
        HostSyncResult withoutRoot = planWithoutRoot(new RootProviderProblem.Missing("gpu-07"));
        assertThat(message(conditions(DISABLED, withoutRoot), TYPE))
                .contains("Resolve this first: Placement has no resource provider named 'gpu-07'");
        assertThat(message(conditions(DISABLED, synced()), TYPE)).doesNotContain("Resolve");
    }

    @Test
    void messagesNameTheObjectsInvolved() {
        assertThat(message(conditions(ENABLED, new HostSyncResult.RootConflict("root", "gpu-06")), TYPE))
                .startsWith("HostPciInventory gpu-06 already uses root provider 'root'");
        assertThat(message(conditions(ENABLED, new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE)), TYPE))
                .startsWith("Node gpu-07 does not exist");
    }
}
