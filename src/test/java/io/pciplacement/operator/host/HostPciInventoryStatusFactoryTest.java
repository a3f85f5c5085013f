package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.FIRST;
import static io.pciplacement.operator.host.HostStatusFixture.ROOT;
import static io.pciplacement.operator.host.HostStatusFixture.ROOT_MISSING;
import static io.pciplacement.operator.host.HostStatusFixture.SECOND;
import static io.pciplacement.operator.host.HostStatusFixture.UNAVAILABLE;
import static io.pciplacement.operator.host.HostStatusFixture.agentStatusOnly;
import static io.pciplacement.operator.host.HostStatusFixture.createStatus;
import static io.pciplacement.operator.host.HostStatusFixture.decision;
import static io.pciplacement.operator.host.HostStatusFixture.done;
import static io.pciplacement.operator.host.HostStatusFixture.enabledHost;
import static io.pciplacement.operator.host.HostStatusFixture.failed;
import static io.pciplacement.operator.host.HostStatusFixture.host;
import static io.pciplacement.operator.host.HostStatusFixture.message;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static io.pciplacement.operator.host.HostStatusFixture.planned;
import static io.pciplacement.operator.host.HostStatusFixture.previousStatus;
import static io.pciplacement.operator.host.HostStatusFixture.row;
import static io.pciplacement.operator.host.HostStatusFixture.statusFactory;
import static io.pciplacement.operator.host.HostStatusFixture.synced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.WriteCounts;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The result of a host's sync as the operator's part of its status. */
class HostPciInventoryStatusFactoryTest {

    private static Resolution resolutionWith(Finding... findings) {
        PciAddress address = Devices.at("0000:81:00.0");
        return new Resolution(
                new TreeMap<>(Map.of(address, new DesiredProvider.Conflicting(address, List.of(), List.of(findings)))),
                Map.of());
    }

    private static HostSyncResult.Synced syncedWith(Resolution resolution) {
        return new HostSyncResult.Synced(
                ROOT, null, resolution, List.of(), Map.of(), new TreeMap<>(), new WriteCounts(0, 0, 0), false);
    }

    private static Finding invalidSpec(String name) {
        return new Finding.InvalidSpec(name, "traits", "invalid");
    }

    static Stream<Arguments> readyHosts() {
        Finding tie = new Finding.PriorityTie(Devices.at("0000:81:00.0"), 100, List.of(List.of("a"), List.of("b")));
        HostSyncResult forbidden = new HostSyncResult.PlacementUnavailable(
                new PlacementState.Unavailable("Forbidden", "The role is missing."), false);
        return Stream.of(
                arguments(synced(), "True InSync", null),
                arguments(syncedWith(resolutionWith(tie)), "False PriorityTie", "True PriorityTie"),
                arguments(UNAVAILABLE, "False PlacementUnreachable", null),
                arguments(forbidden, "False Forbidden", "True Forbidden"),
                arguments(ROOT_MISSING, "False RootProviderNotFound", "True RootProviderNotFound"),
                arguments(new HostSyncResult.Deferred(), "False Pending", null),
                arguments(
                        new HostSyncResult.RootConflict("gpu-07", "gpu-06"),
                        "False RootProviderTaken",
                        "True RootProviderTaken"),
                arguments(new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE), "False NodeNotFound", null),
                arguments(
                        synced(failed(decision(FIRST, State.WANTED))),
                        "False RejectedByPlacement",
                        "True RejectedByPlacement"));
    }

    @ParameterizedTest
    @MethodSource("readyHosts")
    void readyIsTheWorstConditionAndStalledRequiresAction(
            HostSyncResult result, String ready, @Nullable String stalled) {
        List<Condition> conditions =
                createStatus(enabledHost(agentStatusOnly()), result).conditions();
        assertThat(outcome(conditions, "Ready")).isEqualTo(ready);
        assertThat(outcome(conditions, "Stalled")).isEqualTo(stalled);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Unauthorized",
                "Forbidden",
                "InvalidCloudConfig",
                "RootProviderNotFound",
                "RootProviderTaken",
                "RootProviderReplaced",
                "RootProviderNested",
                "RewrittenByOther",
                "CannotDisableReporting",
                "RejectedByPlacement",
                "ForeignOwner",
                "Adoptable",
                "DeviceReplaced"
            })
    void theseReasonsRequireAction(String reason) {
        assertThat(stalled(reason)).isEqualTo("True " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"PlacementUnreachable", "GenerationConflict", "InventoryInUse", "Held", "ResourceClassLimit"})
    void otherReasonsAreRetriedWithoutAction(String reason) {
        assertThat(stalled(reason)).isNull();
    }

    private static @Nullable String stalled(String reason) {
        HostSyncResult result =
                new HostSyncResult.PlacementUnavailable(new PlacementState.Unavailable(reason, "It failed."), false);
        return outcome(createStatus(enabledHost(null), result).conditions(), "Stalled");
    }

    @Test
    void readyReportsPlacementBeforeTheSpecs() {
        HostPciInventory host = enabledHost(previousStatus());
        assertThat(outcome(createStatus(host, UNAVAILABLE).conditions(), "SpecsResolved"))
                .isEqualTo("False PriorityTie");
        assertThat(outcome(createStatus(host, UNAVAILABLE).conditions(), "Ready"))
                .isEqualTo("False PlacementUnreachable");
    }

    @Test
    void unknownHeartbeatDoesNotMakeTheHostUnready() {
        HostPciInventoryStatus unknown = createStatus(enabledHost(null), synced());
        assertThat(outcome(unknown.conditions(), "InventoryFresh")).isEqualTo("Unknown AgentNeverReported");
        assertThat(outcome(unknown.conditions(), "Ready")).isEqualTo("True InSync");
        HostPciInventoryStatus reused = statusFactory(enabledHost(agentStatusOnly()), synced(), Heartbeat.STALE, true)
                .createStatus();
        assertThat(outcome(reused.conditions(), "Ready")).isEqualTo("False InventoryHashReused");
    }

    @Test
    void readyHasTheStatusOfPlacementSyncedIfNothingIsFalse() {
        assertThat(outcome(
                        createStatus(host(ReportingMode.DISABLED, false, null), UNAVAILABLE)
                                .conditions(),
                        "Ready"))
                .isEqualTo("Unknown PlacementUnreachable");
    }

    static Stream<Arguments> observations() {
        return Stream.of(
                arguments(synced(), 4L, "sha256:2"),
                arguments(ROOT_MISSING, 4L, "sha256:2"),
                arguments(new HostSyncResult.RootConflict("gpu-07", "gpu-06"), 4L, "sha256:2"),
                arguments(new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE), 4L, "sha256:2"),
                arguments(UNAVAILABLE, 3L, "sha256:1"),
                arguments(new HostSyncResult.Deferred(), 3L, "sha256:1"));
    }

    /** While Placement is unavailable, the status still describes the previous generation and device list. */
    @ParameterizedTest
    @MethodSource("observations")
    void observedGenerationAndHashFollowFromTheResult(HostSyncResult result, long generation, String hash) {
        HostPciInventoryStatus status = createStatus(enabledHost(previousStatus()), result);
        assertThat(status.observedGeneration()).isEqualTo(generation);
        assertThat(status.observedInventoryHash()).isEqualTo(hash);
        assertThat(status.agent()).isNull();
        assertThat(status.devices()).isNull();
    }

    @Test
    void rowsAreKeptUntilThereIsANewResult() {
        ProviderStatus row = row(FIRST, ProviderState.IN_SYNC, null, null);
        for (HostSyncResult result : List.of(
                UNAVAILABLE,
                ROOT_MISSING,
                new HostSyncResult.Deferred(),
                new HostSyncResult.RootConflict("gpu-07", "gpu-06"),
                new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE))) {
            assertThat(createStatus(enabledHost(previousStatus(row)), result).providers())
                    .as("%s", result)
                    .containsExactly(row);
        }
        assertThat(createStatus(enabledHost(previousStatus(row)), synced(done(decision(SECOND, State.WANTED))))
                        .providers())
                .containsExactly(row(SECOND, ProviderState.IN_SYNC, null, null));
        assertThat(createStatus(enabledHost(null), UNAVAILABLE).providers()).isEmpty();
    }

    @Test
    void rowsOfRelocatedProvidersShowTheirLocation() {
        RootProviderProblem replaced = new RootProviderProblem.Replaced("gpu-07", ROOT, List.of("old (uuid)"));
        ProviderStatus existing = row(FIRST, ProviderState.IN_SYNC, null, null);
        ProviderStatus absent = new ProviderStatus(
                SECOND,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                ProviderState.PLANNED,
                null,
                null);
        assertThat(createStatus(
                                enabledHost(previousStatus(existing, absent)),
                                new HostSyncResult.RootMissing(replaced, Resolution.NONE))
                        .providers())
                .containsExactly(
                        row(FIRST, ProviderState.PENDING, "RootProviderReplaced", replaced.providersMessage()), absent);
    }

    /** Otherwise the provider would be read again after a restart of the operator. */
    @Test
    void rowKeepsTheKnownGenerationOfUnchangedContent() {
        HostPciInventory host = enabledHost(previousStatus(row(FIRST, ProviderState.IN_SYNC, null, null)));
        HostSyncResult unknownGeneration = synced(planned(decision(FIRST, State.WANTED)));
        assertThat(createStatus(host, unknownGeneration).providers().getFirst().generation())
                .isEqualTo(3);
        HostPciInventory otherContent = enabledHost(previousStatus(row(SECOND, ProviderState.IN_SYNC, null, null)));
        assertThat(createStatus(otherContent, unknownGeneration)
                        .providers()
                        .getFirst()
                        .generation())
                .isNull();
    }

    @Test
    void specsResolvedIsKeptUntilThereIsANewResult() {
        HostPciInventory host = enabledHost(previousStatus());
        String kept = "False PriorityTie";
        assertThat(specsResolved(host, UNAVAILABLE)).isEqualTo(kept);
        assertThat(specsResolved(host, new HostSyncResult.Deferred())).isEqualTo(kept);
        assertThat(specsResolved(host, new HostSyncResult.RootConflict("gpu-07", "gpu-06")))
                .isEqualTo(kept);
        assertThat(specsResolved(host, new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE)))
                .isEqualTo(kept);
        assertThat(specsResolved(host, ROOT_MISSING)).isEqualTo("True Resolved");
        assertThat(specsResolved(host, synced())).isEqualTo("True Resolved");
        assertThat(specsResolved(enabledHost(null), UNAVAILABLE)).isNull();
    }

    private static @Nullable String specsResolved(HostPciInventory host, HostSyncResult result) {
        return outcome(createStatus(host, result).conditions(), "SpecsResolved");
    }

    @Test
    void specsResolvedNamesFiveDistinctFindingsTheMostSevereFirst() {
        Finding foreign = new Finding.ForeignOwner(FIRST, ROOT);
        List<Finding> findings = new ArrayList<>(List.of(invalidSpec("a"), invalidSpec("a"), foreign));
        for (String name : List.of("b", "c", "d", "e", "f")) {
            findings.add(invalidSpec(name));
        }
        List<Condition> conditions = createStatus(
                        enabledHost(null), syncedWith(resolutionWith(findings.toArray(Finding[]::new))))
                .conditions();
        assertThat(outcome(conditions, "SpecsResolved")).isEqualTo("False ForeignOwner");
        assertThat(message(conditions, "SpecsResolved"))
                .startsWith(foreign.message() + " Spec a: traits: invalid. Spec b:")
                .endsWith("Spec d: traits: invalid. And 2 more.");
    }

    @Test
    void rootProviderFoundIsSetOnlyIfFalse() {
        HostPciInventory host = enabledHost(previousStatus());
        RootProviderProblem nested = new RootProviderProblem.Nested("gpu-07", ROOT, ROOT);
        assertThat(rootFound(host, synced())).isNull();
        assertThat(rootFound(host, UNAVAILABLE)).isEqualTo("False RootProviderNotFound");
        assertThat(rootFound(host, new HostSyncResult.RootMissing(nested, Resolution.NONE)))
                .isEqualTo("False RootProviderNested");
        assertThat(rootFound(
                        host,
                        new HostSyncResult.Synced(
                                ROOT,
                                nested,
                                Resolution.NONE,
                                List.of(),
                                Map.of(),
                                new TreeMap<>(),
                                new WriteCounts(0, 0, 0),
                                false)))
                .isEqualTo("False RootProviderNested");
    }

    private static @Nullable String rootFound(HostPciInventory host, HostSyncResult result) {
        return outcome(createStatus(host, result).conditions(), "RootProviderFound");
    }

    @Test
    void needsCleaningNamesTheProviders() {
        Finding cleaning = new Finding.AwaitingCleaning(FIRST, Devices.at("0000:81:00.0"));
        List<Condition> conditions = createStatus(
                        enabledHost(null),
                        synced(done(decision(FIRST, State.WANTED, cleaning)), done(decision(SECOND, State.WANTED))))
                .conditions();
        assertThat(outcome(conditions, "NeedsCleaning")).isEqualTo("True AwaitingCleaning");
        assertThat(message(conditions, "NeedsCleaning")).contains(": " + FIRST + ". ");
        assertThat(outcome(createStatus(enabledHost(null), synced()).conditions(), "NeedsCleaning"))
                .isNull();
    }

    @Test
    void uncleanedDevicesAreReplacedOnlyByANewResult() {
        HostPciInventory host = enabledHost(previousStatus());
        assertThat(createStatus(host, UNAVAILABLE).uncleanedDevices())
                .isEqualTo(previousStatus().uncleanedDevices());
        assertThat(createStatus(host, synced()).uncleanedDevices()).isNull();
        HostSyncResult uncleaned = new HostSyncResult.Synced(
                ROOT,
                null,
                Resolution.NONE,
                List.of(),
                Map.of(Devices.at("0000:82:00.0"), new UncleanedDevice("1", 2)),
                new TreeMap<>(),
                new WriteCounts(0, 0, 0),
                false);
        assertThat(createStatus(host, uncleaned).uncleanedDevices())
                .containsExactly(new HostPciInventoryStatus.UncleanedDevice("0000:82:00.0", "1", 2));
    }
}
