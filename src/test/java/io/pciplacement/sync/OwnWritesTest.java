package io.pciplacement.sync;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDecision.InSync;
import io.pciplacement.planning.allocation.AllocationDecision.Update;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.Move;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing is written for a consumer that is not whom the object says, and only what was written is taken away. */
class OwnWritesTest {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final HostDevices DEVICES = new Devices().pfWithVfs(2, 3).build();
    private static final UUID SERVER = UUID.randomUUID();
    private static final UUID MIGRATION = UUID.randomUUID();
    private static final String ONE = "0000:81:02.1";
    private static final String TWO = "0000:81:02.2";

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final FakePlacement placement = new FakePlacement();
    private final InMemoryRecordStore record = new InMemoryRecordStore();
    private PlacementSync sync;

    @BeforeEach
    void start() {
        root("gpu-07");
        root("gpu-08");
        restart();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private void root(String name) {
        UUID root = UUID.randomUUID();
        placement.createProvider(root, name, Optional.empty());
        placement.putInventories(root, new ProviderInventories(0, Map.of(VCPU, Inventory.of(64, 0))));
    }

    private void restart() {
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        look();
    }

    private void look() {
        sync.runSweep();
        Stream.of("gpu-07", "gpu-08")
                .forEach(node -> sync.syncHost(new HostSyncRequest(
                        node,
                        node,
                        true,
                        true,
                        DEVICES,
                        List.of(spec("vfs").address("0000:81:*", DeviceType.VF).build()),
                        Map.of())));
    }

    private UUID cpus(String node) {
        return placement.uuid(node).orElseThrow();
    }

    private UUID pf() {
        return placement.uuid("gpu-07_0000:81:02.0").orElseThrow();
    }

    private void has(UUID consumer, String project, String type, Map<UUID, Map<ResourceClass, Integer>> resources) {
        Integer generation = placement.allocation(consumer).generation();
        placement.putAllocations(Map.of(consumer, new Allocation(resources, project, "user", generation, type)));
        look();
    }

    private static DesiredAllocation holding(boolean external, Move move, String... addresses) {
        return new DesiredAllocation(
                "object",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "project", "user", external),
                List.of(addresses).stream()
                        .map(address -> new DeviceRef("gpu-07", Devices.at(address)))
                        .toList(),
                move);
    }

    private AllocationDecision hold(DesiredAllocation desired) {
        AllocationSyncResult outcome = sync.syncAllocation(new AllocationSyncRequest(
                desired,
                () -> true,
                node -> node.startsWith("gpu"),
                device -> Optional.empty(),
                desired.consumers()::contains,
                false,
                record));
        if (outcome instanceof AllocationSyncResult.Evaluated judged) {
            judged.newRecord().ifPresent(record::keepInMemory);
            return judged.decision();
        }
        throw new AssertionError(outcome.toString());
    }

    private AllocationProblem refused(DesiredAllocation desired) {
        return ((AllocationDecision.Blocked) hold(desired)).problem();
    }

    private void release(DesiredAllocation desired, boolean adopts) {
        AllocationSyncResult outcome = sync.releaseAllocations(new ReleaseRequest(
                desired,
                desired.consumers(),
                record.currentRecord(),
                adopts,
                0,
                node -> node.startsWith("gpu"),
                device -> Optional.empty()));
        assertThat(outcome).isInstanceOf(AllocationSyncResult.Released.class);
    }

    private Map<UUID, Map<ResourceClass, Integer>> resources(UUID consumer) {
        return placement.allocation(consumer).resources();
    }

    @Test
    void aConsumerOfAnotherProjectIsRefusedAndKeepsAll() {
        var server = Map.of(cpus("gpu-07"), Map.of(VCPU, 2), pf(), Map.of(VF, 1));
        has(SERVER, "victim-project", "INSTANCE", server);
        for (boolean external : new boolean[] {false, true}) {
            AllocationProblem problem = refused(holding(external, null, TWO, "0000:81:02.3"));
            assertThat(problem).isEqualTo(new AllocationProblem.ForeignConsumer(SERVER, List.of("project")));
            assertThat(problem.message()).contains(SERVER.toString(), "project").doesNotContain("victim-project");
            assertThat(problem.refuses()).isTrue();
            release(holding(external, null, TWO, "0000:81:02.3"), true);
            assertThat(resources(SERVER)).isEqualTo(server);
        }
        assertThat(refused(holding(false, null, ONE)))
                .as("it has just that already")
                .isInstanceOf(AllocationProblem.ForeignConsumer.class);
    }

    @Test
    void aConsumerOfAnotherTypeIsRefusedUnlessItHasNone() {
        has(SERVER, "project", "VOLUME", Map.of(cpus("gpu-07"), Map.of(VCPU, 2)));
        assertThat(refused(holding(false, null, ONE)))
                .isEqualTo(new AllocationProblem.ForeignConsumer(SERVER, List.of("type")));
        has(SERVER, "project", Allocation.UNKNOWN_TYPE, Map.of(cpus("gpu-07"), Map.of(VCPU, 2)));
        assertThat(hold(holding(false, null, ONE))).isInstanceOf(Update.class);
    }

    /** The consumer is another project's, or nothing of its devices is known: nothing was ever written. */
    @Test
    void anObjectThatWasRefusedTakesNothingWhenItGoes() {
        var server = Map.of(cpus("gpu-07"), Map.of(VCPU, 2), pf(), Map.of(VF, 1));
        has(SERVER, "project", "INSTANCE", server);
        DesiredAllocation elsewhere =
                holding(false, null, ONE).with(List.of(new DeviceRef("no-such-host", Devices.at("0000:81:02.1"))));
        assertThat(refused(elsewhere)).isInstanceOf(AllocationProblem.UnknownHost.class);
        release(elsewhere, true);
        release(elsewhere, false);
        assertThat(resources(SERVER)).isEqualTo(server);
    }

    @Test
    void onlyWhatWasWrittenIsReleased() {
        has(SERVER, "project", "INSTANCE", Map.of(cpus("gpu-07"), Map.of(VCPU, 2), pf(), Map.of(VF, 1)));
        DesiredAllocation both = holding(false, null, ONE, TWO);
        assertThat(hold(both)).isInstanceOf(Update.class);
        assertThat(record.currentRecord().written(SERVER, pf(), VF)).isEqualTo(1);
        assertThat(resources(SERVER)).containsEntry(pf(), Map.of(VF, 2));
        release(both, true);
        assertThat(resources(SERVER)).isEqualTo(Map.of(cpus("gpu-07"), Map.of(VCPU, 2), pf(), Map.of(VF, 1)));
    }

    /** A server of Nova's has something else, so that nobody could tell later whose the devices are. */
    @Test
    void aKillAfterTheWriteLosesNoRecord() {
        has(SERVER, "project", "INSTANCE", Map.of(cpus("gpu-07"), Map.of(VCPU, 2)));
        DesiredAllocation one = holding(false, null, ONE);
        assertThat(hold(one)).isInstanceOf(Update.class);
        record.kill();
        restart();
        assertThat(hold(one)).isInstanceOf(InSync.class);
        release(one, true);
        assertThat(resources(SERVER)).isEqualTo(Map.of(cpus("gpu-07"), Map.of(VCPU, 2)));
    }

    /** Nova gives the server the same device later: that is Nova's. */
    @Test
    void aKillBeforeTheWriteMakesNothingTheObjects() {
        has(SERVER, "project", "INSTANCE", Map.of(cpus("gpu-07"), Map.of(VCPU, 2), pf(), Map.of(VF, 1)));
        placement.before = name -> {
            if (name.equals("POST /allocations")) {
                throw new PlacementException.Unreachable("killed");
            }
        };
        DesiredAllocation both = holding(false, null, ONE, TWO);
        sync.syncAllocation(new AllocationSyncRequest(
                both, () -> true, node -> true, device -> Optional.empty(), SERVER::equals, false, record));
        placement.before = name -> {};
        assertThat(record.stored().entries()).isNotEmpty();
        record.kill();
        restart();
        release(both, true);
        assertThat(resources(SERVER)).containsEntry(pf(), Map.of(VF, 1));
    }

    @Test
    void afterARestoreWithoutStatusItsOwnIsWhatAConsumerHasThatHasNothingElse() {
        DesiredAllocation one = holding(false, null, ONE);
        hold(one);
        record.keepInMemory(AllocationRecord.NONE);
        restart();
        assertThat(hold(one)).isInstanceOf(InSync.class);
        assertThat(record.currentRecord().written(SERVER, pf(), VF)).isEqualTo(1);
        release(one, true);
        assertThat(resources(SERVER)).isEmpty();

        var server = Map.of(cpus("gpu-07"), Map.of(VCPU, 2), pf(), Map.of(VF, 1));
        has(SERVER, "project", "INSTANCE", server);
        record.keepInMemory(AllocationRecord.NONE);
        assertThat(hold(one)).isInstanceOf(InSync.class);
        release(one, true);
        assertThat(resources(SERVER)).as("it has VCPUs").isEqualTo(server);
    }

    @Test
    void theSameWhereTheObjectGoesBeforeItIsJudged() {
        DesiredAllocation one = holding(false, null, ONE);
        hold(one);
        record.keepInMemory(AllocationRecord.NONE);
        restart();
        release(one, false);
        assertThat(resources(SERVER)).as("it was refused").isNotEmpty();
        release(holding(false, null, TWO, ONE), true);
        assertThat(resources(SERVER)).isEmpty();
    }

    private static Move move(Move.Phase phase) {
        return new Move(Move.Kind.RESIZE, MIGRATION, phase, List.of(new DeviceRef("gpu-07", Devices.at(ONE))));
    }

    @Test
    void aMigrationOfSomebodyElseIsRefusedAndKeepsAll() {
        for (String[] whose :
                new String[][] {{"project", "INSTANCE"}, {"another", "MIGRATION"}, {"project", "unknown"}}) {
            var has = Map.of(cpus("gpu-07"), Map.of(VCPU, 1), pf(), Map.of(VF, 1));
            has(MIGRATION, whose[0], whose[1], has);
            for (Move.Phase phase : Move.Phase.values()) {
                DesiredAllocation moving = holding(false, move(phase), TWO);
                assertThat(refused(moving)).isInstanceOf(AllocationProblem.ForeignMigration.class);
                release(moving, true);
                assertThat(resources(MIGRATION)).isEqualTo(has);
            }
            has(MIGRATION, whose[0], whose[1], Map.of());
        }
        has(MIGRATION, "project", "MIGRATION", Map.of(cpus("gpu-07"), Map.of(VCPU, 1)));
        assertThat(hold(holding(false, move(Move.Phase.MOVING), TWO))).isInstanceOf(Update.class);
        assertThat(resources(MIGRATION)).containsEntry(pf(), Map.of(VF, 1));
    }

    @Test
    void anExternalConsumerIsHealedOnlyWhereItHasAnAllocation() {
        has(SERVER, "project", "INSTANCE", Map.of(cpus("gpu-08"), Map.of(VCPU, 2)));
        AllocationProblem problem = refused(holding(true, null, ONE));
        assertThat(problem).isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("gpu-08")));
        assertThat(problem.message()).contains("host gpu-07", "on gpu-08", SERVER.toString());
        assertThat(problem.refuses()).isFalse();
        assertThat(resources(SERVER)).isEqualTo(Map.of(cpus("gpu-08"), Map.of(VCPU, 2)));
        has(SERVER, "project", "INSTANCE", Map.of(cpus("gpu-07"), Map.of(VCPU, 2)));
        assertThat(hold(holding(true, null, ONE))).isInstanceOf(Update.class);
    }

    @Test
    void aChildOfTheHostsRootCountsAndASharingProviderDoesNot() {
        UUID numa = UUID.randomUUID();
        UUID shared = UUID.randomUUID();
        ResourceClass disk = new ResourceClass("MEMORY_MB");
        placement.createProvider(numa, "gpu-07_NUMA0", Optional.of(cpus("gpu-07")));
        placement.putInventories(numa, new ProviderInventories(0, Map.of(VCPU, Inventory.of(8, 0))));
        placement.createProvider(shared, "storage", Optional.empty());
        placement.putInventories(shared, new ProviderInventories(0, Map.of(disk, Inventory.of(8, 0))));
        has(SERVER, "project", "INSTANCE", Map.of(shared, Map.of(disk, 1)));
        assertThat(refused(holding(true, null, ONE)))
                .isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("storage")));
        has(SERVER, "project", "INSTANCE", Map.of(shared, Map.of(disk, 1), numa, Map.of(VCPU, 2)));
        assertThat(hold(holding(true, null, ONE))).isInstanceOf(Update.class);
    }

    @Test
    void aFullProviderIsNamedWithWhoHasIt() {
        UUID other = UUID.randomUUID();
        has(other, "project", "INSTANCE", Map.of(pf(), Map.of(VF, 3)));
        has(SERVER, "project", "INSTANCE", Map.of(cpus("gpu-07"), Map.of(VCPU, 2)));
        AllocationProblem problem = refused(holding(true, null, ONE));
        assertThat(problem).isInstanceOf(AllocationProblem.ProviderFull.class);
        assertThat(problem.message())
                .contains("host gpu-07", "gpu-07_0000:81:02.0", ONE, other + " (3)", "3 CUSTOM_PCI_8086_1515");
    }
}
