package io.pciplacement.planning.allocation;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.allocation.Move.Kind;
import io.pciplacement.planning.allocation.Move.Phase;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncedHosts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests of moves: a consumer of two VFs of one host moves to a PF and a plain device of another host. */
class MoveTest {

    private static final ResourceClass PCI = new ResourceClass("CUSTOM_PCI_8086_1533");
    private static final ResourceClass PF = new ResourceClass("CUSTOM_PCI_8086_1528");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final UUID COMPUTE = UUID.randomUUID();
    private static final UUID SERVER = UUID.randomUUID();
    private static final UUID MIGRATION = UUID.randomUUID();

    private static final List<DeviceRef> OLD = deviceAt("old", "0000:81:00.1", "0000:81:00.2");
    private static final List<DeviceRef> NEW = deviceAt("new", "0000:81:00.0", "0000:81:02.0");
    private static final List<DeviceRef> ON_OLD = deviceAt("old", "0000:81:00.3");

    private final Map<String, HostCapacity> hosts = Map.of(
            "old",
            host(
                    "old",
                    new Devices().pfWithVfs(0, 3).build(),
                    spec("vfs").address("0000:81:00.*", DeviceType.VF).named()),
            "new",
            host(
                    "new",
                    new Devices().plain(0).pfWithVfs(2, 1).build(),
                    spec("pci").product(Devices.PCI).named(),
                    spec("pf").address("0000:81:02.0", DeviceType.PF).named()));

    private final UUID vfs = SyncedHosts.provider("old", "0000:81:00.0");
    private final UUID pci = SyncedHosts.provider("new", "0000:81:00.0");
    private final UUID pf = SyncedHosts.provider("new", "0000:81:02.0");

    private static List<DeviceRef> deviceAt(String node, String... addresses) {
        return Stream.of(addresses)
                .map(address -> new DeviceRef(node, Devices.at(address)))
                .toList();
    }

    private static HostCapacity host(String node, HostDevices devices, NormalizedSpec... specs) {
        return SyncedHosts.host(node, COMPUTE, devices, List.of(specs), Map.of());
    }

    private static DesiredAllocation moving(boolean external, Kind kind, Phase phase, List<DeviceRef> to) {
        return new DesiredAllocation(
                "server",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "p", "u", external),
                to,
                new Move(kind, MIGRATION, phase, OLD));
    }

    private static Allocation allocation(Map<UUID, Map<ResourceClass, Integer>> resources) {
        return new Allocation(resources, "p", "u", 3, "INSTANCE");
    }

    private static Allocation noAllocation() {
        return new Allocation(Map.of(), "", "", null, "INSTANCE");
    }

    private static Allocation asMigration(Allocation has) {
        return new Allocation(has.resources(), has.projectId(), has.userId(), has.generation(), "MIGRATION");
    }

    private AllocationDecision evaluate(DesiredAllocation desired, Allocation server, Allocation migration) {
        return AllocationEvaluator.evaluate(
                desired,
                hosts,
                device -> Optional.empty(),
                Map.of(SERVER, server, MIGRATION, asMigration(migration)),
                uuid -> !uuid.equals(COMPUTE));
    }

    private static Map<UUID, Allocation> written(AllocationDecision decision) {
        return ((AllocationDecision.Update) decision).allocations();
    }

    @Test
    void sourceIsTransferredToMigrationInOneWrite() {
        Map<UUID, Allocation> written = written(evaluate(
                moving(false, Kind.COLD_MIGRATION, Phase.MOVING, NEW),
                allocation(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 2))),
                noAllocation()));
        assertThat(written.get(SERVER).resources())
                .isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 2), pci, Map.of(PCI, 1), pf, Map.of(PF, 1)));
        assertThat(written.get(MIGRATION))
                .isEqualTo(new Allocation(Map.of(vfs, Map.of(VF, 2)), "p", "u", null, "MIGRATION"));
    }

    /** Servers of Nova have no type either, so it could be another server. */
    @Test
    void nothingIsWrittenForMigrationWithoutType() {
        Allocation untyped = new Allocation(Map.of(COMPUTE, Map.of(VCPU, 2)), "p", "u", 3, Allocation.UNKNOWN_TYPE);
        for (Map<UUID, Map<ResourceClass, Integer>> server : List.of(
                Map.of(COMPUTE, Map.of(VCPU, 2)),
                Map.of(COMPUTE, Map.of(VCPU, 2), pci, Map.of(PCI, 1), pf, Map.of(PF, 1)))) {
            AllocationDecision decision = AllocationEvaluator.evaluate(
                    moving(true, Kind.COLD_MIGRATION, Phase.MOVING, NEW),
                    hosts,
                    device -> Optional.empty(),
                    Map.of(SERVER, allocation(server), MIGRATION, untyped),
                    uuid -> !uuid.equals(COMPUTE));
            assertThat(decision.findProblem()).isEmpty();
            if (decision instanceof AllocationDecision.Update update) {
                assertThat(update.allocations()).containsOnlyKeys(SERVER);
            } else {
                assertThat(server).containsKey(pci);
            }
        }
    }

    /** The server still uses the device that the source devices omit, so it must not become free. */
    @Test
    void moveDoesNotStartIfConsumerHasOtherDevicesThanSource() {
        Allocation server = allocation(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 3)));
        AllocationDecision decision =
                evaluate(moving(false, Kind.COLD_MIGRATION, Phase.MOVING, NEW), server, noAllocation());
        assertThat(decision).isInstanceOf(AllocationDecision.Blocked.class);
        assertThat(decision.findProblem()).containsInstanceOf(AllocationProblem.MoveSourceMismatch.class);
        assertThat(decision.findProblem().orElseThrow().message())
                .contains("3 CUSTOM_PCI_8086_1515 of old_0000:81:00.0", SERVER.toString(), MIGRATION.toString());
    }

    @Test
    void unitsOfOtherClientAreRemovedOnceMoveHasStarted() {
        Map<UUID, Allocation> written = written(evaluate(
                moving(false, Kind.COLD_MIGRATION, Phase.MOVING, NEW),
                allocation(Map.of(pci, Map.of(PCI, 1), pf, Map.of(PF, 1), vfs, Map.of(VF, 1))),
                allocation(Map.of(vfs, Map.of(VF, 2)))));
        assertThat(written.get(SERVER).resources()).isEqualTo(Map.of(pci, Map.of(PCI, 1), pf, Map.of(PF, 1)));
    }

    @Test
    void moveOfConsumerWithoutDevicesIsWritten() {
        Map<UUID, Allocation> written = written(evaluate(
                moving(false, Kind.COLD_MIGRATION, Phase.MOVING, NEW),
                allocation(Map.of(COMPUTE, Map.of(VCPU, 2))),
                noAllocation()));
        assertThat(written.get(MIGRATION).resources()).isEqualTo(Map.of(vfs, Map.of(VF, 2)));
    }

    @Test
    void moveInProgressIsNotChanged() {
        assertThat(evaluate(
                        moving(false, Kind.LIVE_MIGRATION, Phase.MOVING, NEW),
                        allocation(Map.of(pci, Map.of(PCI, 1), pf, Map.of(PF, 1))),
                        allocation(Map.of(vfs, Map.of(VF, 2)))))
                .isInstanceOf(AllocationDecision.InSync.class);
    }

    @Test
    void confirmReleasesSourceAndRevertReleasesDestination() {
        Allocation server = allocation(Map.of(COMPUTE, Map.of(VCPU, 2), pci, Map.of(PCI, 1), pf, Map.of(PF, 1)));
        Allocation migration = allocation(Map.of(COMPUTE, Map.of(VCPU, 1), vfs, Map.of(VF, 2)));
        Map<UUID, Allocation> confirmed =
                written(evaluate(moving(false, Kind.RESIZE, Phase.CONFIRM, NEW), server, migration));
        assertThat(confirmed).containsOnlyKeys(MIGRATION);
        assertThat(confirmed.get(MIGRATION).resources()).isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 1)));
        Map<UUID, Allocation> reverted =
                written(evaluate(moving(false, Kind.RESIZE, Phase.REVERT, NEW), server, migration));
        assertThat(reverted.get(SERVER).resources()).isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 2)));
        assertThat(reverted.get(MIGRATION).resources()).isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 1)));
        assertThat(evaluate(moving(false, Kind.RESIZE, Phase.CONFIRM, NEW), server, noAllocation()))
                .as("already up to date")
                .isInstanceOf(AllocationDecision.InSync.class);
    }

    @Test
    void managedResizeOnSameHostIsWritten() {
        Map<UUID, Allocation> written = written(evaluate(
                moving(false, Kind.RESIZE, Phase.MOVING, ON_OLD),
                allocation(Map.of(vfs, Map.of(VF, 2))),
                noAllocation()));
        assertThat(written.get(SERVER).resources()).isEqualTo(Map.of(vfs, Map.of(VF, 1)));
        assertThat(written.get(MIGRATION).resources()).isEqualTo(Map.of(vfs, Map.of(VF, 2)));
    }

    @Test
    void onlyMissingUnitsAreAddedInExternalMove() {
        AllocationDecision decision = evaluate(
                moving(true, Kind.LIVE_MIGRATION, Phase.MOVING, NEW),
                allocation(Map.of(COMPUTE, Map.of(VCPU, 2), pf, Map.of(PF, 1))),
                allocation(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 1))));
        assertThat(written(decision).get(SERVER).resources())
                .isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 2), pf, Map.of(PF, 1), pci, Map.of(PCI, 1)));
        assertThat(written(decision).get(MIGRATION).resources())
                .isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 2)));
        assertThat(decision.findProblem()).isEmpty();
    }

    @Test
    void externalMoveIsNotStartedByOperator() {
        assertThat(evaluate(
                                moving(true, Kind.COLD_MIGRATION, Phase.MOVING, NEW),
                                allocation(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 2))),
                                noAllocation())
                        .findProblem())
                .containsInstanceOf(AllocationProblem.MoveNotStarted.class);
    }

    @Test
    void sideWithoutAllocationIsReportedAndNotWritten() {
        AllocationDecision decision = evaluate(
                moving(true, Kind.COLD_MIGRATION, Phase.MOVING, NEW),
                allocation(Map.of(COMPUTE, Map.of(VCPU, 2))),
                noAllocation());
        assertThat(written(decision)).containsOnlyKeys(SERVER);
        assertThat(decision.findProblem()).contains(new AllocationProblem.ConsumerHasNoAllocation(MIGRATION));
        assertThat(evaluate(moving(true, Kind.COLD_MIGRATION, Phase.MOVING, NEW), noAllocation(), noAllocation()))
                .isInstanceOf(AllocationDecision.Blocked.class);
    }

    @Test
    void externalEvacuationKeepsBothEndsOnServer() {
        AllocationDecision decision = evaluate(
                moving(true, Kind.EVACUATION, Phase.MOVING, NEW),
                allocation(Map.of(vfs, Map.of(VF, 2))),
                noAllocation());
        assertThat(written(decision).get(SERVER).resources())
                .isEqualTo(Map.of(vfs, Map.of(VF, 2), pci, Map.of(PCI, 1), pf, Map.of(PF, 1)));
        assertThat(decision.findProblem()).isEmpty();
    }

    @Test
    void externalMoveIsNotFinishedByOperator() {
        Allocation server = allocation(Map.of(pci, Map.of(PCI, 1), pf, Map.of(PF, 1)));
        for (Phase phase : List.of(Phase.CONFIRM, Phase.REVERT)) {
            assertThat(evaluate(moving(true, Kind.RESIZE, phase, NEW), server, allocation(Map.of(vfs, Map.of(VF, 2))))
                            .findProblem())
                    .containsInstanceOf(AllocationProblem.MoveNotFinished.class);
        }
        assertThat(evaluate(moving(true, Kind.RESIZE, Phase.CONFIRM, NEW), server, noAllocation()))
                .isInstanceOf(AllocationDecision.InSync.class);
        assertThat(written(evaluate(
                                moving(true, Kind.RESIZE, Phase.REVERT, NEW),
                                allocation(Map.of(vfs, Map.of(VF, 1))),
                                noAllocation()))
                        .get(SERVER)
                        .resources())
                .isEqualTo(Map.of(vfs, Map.of(VF, 2)));
    }

    @Test
    void externalResizeOnSameHostIsNotChangedUntilFinished() {
        Allocation empty = allocation(Map.of(COMPUTE, Map.of(VCPU, 2)));
        assertThat(evaluate(
                                moving(true, Kind.RESIZE, Phase.MOVING, ON_OLD),
                                empty,
                                allocation(Map.of(vfs, Map.of(VF, 2))))
                        .findProblem())
                .containsInstanceOf(AllocationProblem.MoveInProgress.class);
        assertThat(written(evaluate(moving(true, Kind.RESIZE, Phase.CONFIRM, ON_OLD), empty, noAllocation()))
                        .get(SERVER)
                        .resources())
                .isEqualTo(Map.of(COMPUTE, Map.of(VCPU, 2), vfs, Map.of(VF, 1)));
    }
}
