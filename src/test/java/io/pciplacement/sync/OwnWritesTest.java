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
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that nothing is written for a consumer that does not match the object, and that only own writes are released.
 */
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
        createRoot("gpu-07");
        createRoot("gpu-08");
        restart();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private void createRoot(String name) {
        UUID root = UUID.randomUUID();
        placement.createProvider(root, name, Optional.empty());
        placement.putInventories(root, new ProviderInventories(0, Map.of(VCPU, Inventory.of(64, 0))));
    }

    private void restart() {
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        planHosts();
    }

    private void planHosts() {
        sync.runSweep();
        Stream.of("gpu-07", "gpu-08")
                .forEach(node -> sync.syncHost(SyncRequests.request(
                        node,
                        DEVICES,
                        List.of(spec("vfs").address("0000:81:*", DeviceType.VF).build()))));
    }

    private UUID cpuProvider(String node) {
        return placement.uuid(node).orElseThrow();
    }

    private UUID pfProvider() {
        return placement.uuid("gpu-07_0000:81:02.0").orElseThrow();
    }

    private void putAllocation(
            UUID consumer, String project, String type, Map<UUID, Map<ResourceClass, Integer>> resources) {
        Integer generation = placement.getAllocation(consumer).generation();
        placement.putAllocations(Map.of(consumer, new Allocation(resources, project, "user", generation, type)));
        planHosts();
    }

    private static DesiredAllocation desiredAllocation(boolean external, Move move, String... addresses) {
        return new DesiredAllocation(
                "object",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "project", "user", external),
                List.of(addresses).stream()
                        .map(address -> new DeviceRef("gpu-07", Devices.at(address)))
                        .toList(),
                move);
    }

    private AllocationDecision syncAllocation(DesiredAllocation desired) {
        AllocationSyncResult result = sync.syncAllocation(new AllocationSyncRequest(
                desired,
                () -> true,
                node -> node.startsWith("gpu"),
                device -> Optional.empty(),
                desired.consumerUuids()::contains,
                false,
                false,
                record));
        if (result instanceof AllocationSyncResult.Evaluated evaluated) {
            evaluated.newRecord().ifPresent(record::keepInMemory);
            return evaluated.decision();
        }
        throw new AssertionError(result.toString());
    }

    private AllocationProblem rejectionProblem(DesiredAllocation desired) {
        return ((AllocationDecision.Blocked) syncAllocation(desired)).problem();
    }

    private void releaseAllocation(DesiredAllocation desired, boolean adopts) {
        AllocationSyncResult result = sync.releaseAllocations(new ReleaseRequest(
                desired,
                record.currentRecord(),
                adopts ? desired.consumerUuids() : Set.of(),
                0,
                node -> node.startsWith("gpu"),
                device -> Optional.empty()));
        assertThat(result).isInstanceOf(AllocationSyncResult.Released.class);
    }

    private Map<UUID, Map<ResourceClass, Integer>> resourcesOf(UUID consumer) {
        return placement.getAllocation(consumer).resources();
    }

    @Test
    void rejectsConsumerOfAnotherProjectAndKeepsItsAllocation() {
        var server = Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2), pfProvider(), Map.of(VF, 1));
        putAllocation(SERVER, "victim-project", "INSTANCE", server);
        for (boolean external : new boolean[] {false, true}) {
            AllocationProblem problem = rejectionProblem(desiredAllocation(external, null, TWO, "0000:81:02.3"));
            assertThat(problem).isEqualTo(new AllocationProblem.ForeignConsumer(SERVER, List.of("project")));
            assertThat(problem.message()).contains(SERVER.toString(), "project").doesNotContain("victim-project");
            assertThat(problem.requiresUserAction()).isTrue();
            releaseAllocation(desiredAllocation(external, null, TWO, "0000:81:02.3"), true);
            assertThat(resourcesOf(SERVER)).isEqualTo(server);
        }
        assertThat(rejectionProblem(desiredAllocation(false, null, ONE)))
                .as("the consumer already has exactly this device")
                .isInstanceOf(AllocationProblem.ForeignConsumer.class);
    }

    @Test
    void rejectsConsumerOfAnotherTypeUnlessTypeIsUnset() {
        putAllocation(SERVER, "project", "VOLUME", Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2)));
        assertThat(rejectionProblem(desiredAllocation(false, null, ONE)))
                .isEqualTo(new AllocationProblem.ForeignConsumer(SERVER, List.of("type")));
        putAllocation(SERVER, "project", Allocation.UNKNOWN_TYPE, Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2)));
        assertThat(syncAllocation(desiredAllocation(false, null, ONE))).isInstanceOf(Update.class);
    }

    /** The consumer belongs to another project, or its devices are unknown: nothing was written for it. */
    @Test
    void deletionOfRejectedObjectReleasesNothing() {
        var server = Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2), pfProvider(), Map.of(VF, 1));
        putAllocation(SERVER, "project", "INSTANCE", server);
        DesiredAllocation elsewhere = desiredAllocation(false, null, ONE)
                .withDevices(List.of(new DeviceRef("no-such-host", Devices.at("0000:81:02.1"))));
        assertThat(rejectionProblem(elsewhere)).isInstanceOf(AllocationProblem.UnknownHost.class);
        releaseAllocation(elsewhere, true);
        releaseAllocation(elsewhere, false);
        assertThat(resourcesOf(SERVER)).isEqualTo(server);
    }

    @Test
    void releasesOnlyOwnAmounts() {
        putAllocation(
                SERVER,
                "project",
                "INSTANCE",
                Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2), pfProvider(), Map.of(VF, 1)));
        DesiredAllocation both = desiredAllocation(false, null, ONE, TWO);
        assertThat(syncAllocation(both)).isInstanceOf(Update.class);
        assertThat(record.currentRecord().writtenUnits(SERVER, pfProvider(), VF))
                .isEqualTo(1);
        assertThat(resourcesOf(SERVER)).containsEntry(pfProvider(), Map.of(VF, 2));
        releaseAllocation(both, true);
        assertThat(resourcesOf(SERVER))
                .isEqualTo(Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2), pfProvider(), Map.of(VF, 1)));
    }

    /** A Nova server has other resources too, so the owner of the devices could not be determined later. */
    @Test
    void crashAfterWriteKeepsRecord() {
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2)));
        DesiredAllocation one = desiredAllocation(false, null, ONE);
        assertThat(syncAllocation(one)).isInstanceOf(Update.class);
        record.simulateCrash();
        restart();
        assertThat(syncAllocation(one)).isInstanceOf(InSync.class);
        releaseAllocation(one, true);
        assertThat(resourcesOf(SERVER)).isEqualTo(Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2)));
    }

    /** Nova allocates the same device to the server later; that allocation belongs to Nova. */
    @Test
    void crashBeforeWriteAttributesNothingToObject() {
        putAllocation(
                SERVER,
                "project",
                "INSTANCE",
                Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2), pfProvider(), Map.of(VF, 1)));
        placement.before = name -> {
            if (name.equals("POST /allocations")) {
                throw new PlacementException.Unreachable("killed");
            }
        };
        DesiredAllocation both = desiredAllocation(false, null, ONE, TWO);
        sync.syncAllocation(new AllocationSyncRequest(
                both, () -> true, node -> true, device -> Optional.empty(), SERVER::equals, false, false, record));
        placement.before = name -> {};
        assertThat(record.persistedRecord().entries()).isNotEmpty();
        record.simulateCrash();
        restart();
        releaseAllocation(both, true);
        assertThat(resourcesOf(SERVER)).containsEntry(pfProvider(), Map.of(VF, 1));
    }

    @Test
    void restoreWithoutStatusAttributesMatchingAllocation() {
        DesiredAllocation one = desiredAllocation(false, null, ONE);
        syncAllocation(one);
        record.keepInMemory(AllocationRecord.NONE);
        restart();
        assertThat(syncAllocation(one)).isInstanceOf(InSync.class);
        assertThat(record.currentRecord().writtenUnits(SERVER, pfProvider(), VF))
                .isEqualTo(1);
        releaseAllocation(one, true);
        assertThat(resourcesOf(SERVER)).isEmpty();

        var server = Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2), pfProvider(), Map.of(VF, 1));
        putAllocation(SERVER, "project", "INSTANCE", server);
        record.keepInMemory(AllocationRecord.NONE);
        assertThat(syncAllocation(one)).isInstanceOf(InSync.class);
        releaseAllocation(one, true);
        assertThat(resourcesOf(SERVER)).as("it has VCPUs").isEqualTo(server);
    }

    @Test
    void restoreWithoutStatusReleasesMatchingAllocationOnDeletion() {
        DesiredAllocation one = desiredAllocation(false, null, ONE);
        syncAllocation(one);
        record.keepInMemory(AllocationRecord.NONE);
        restart();
        releaseAllocation(one, false);
        assertThat(resourcesOf(SERVER)).as("the object was rejected").isNotEmpty();
        releaseAllocation(desiredAllocation(false, null, TWO, ONE), true);
        assertThat(resourcesOf(SERVER)).isEmpty();
    }

    private static Move move(Move.Phase phase) {
        return new Move(Move.Kind.RESIZE, MIGRATION, phase, List.of(new DeviceRef("gpu-07", Devices.at(ONE))));
    }

    @Test
    void rejectsForeignMigrationAndKeepsItsAllocation() {
        for (String[] whose :
                new String[][] {{"project", "INSTANCE"}, {"another", "MIGRATION"}, {"project", "unknown"}}) {
            var has = Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 1), pfProvider(), Map.of(VF, 1));
            putAllocation(MIGRATION, whose[0], whose[1], has);
            for (Move.Phase phase : Move.Phase.values()) {
                DesiredAllocation moving = desiredAllocation(false, move(phase), TWO);
                assertThat(rejectionProblem(moving)).isInstanceOf(AllocationProblem.ForeignMigration.class);
                releaseAllocation(moving, true);
                assertThat(resourcesOf(MIGRATION)).isEqualTo(has);
            }
            putAllocation(MIGRATION, whose[0], whose[1], Map.of());
        }
        putAllocation(MIGRATION, "project", "MIGRATION", Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 1)));
        assertThat(syncAllocation(desiredAllocation(false, move(Move.Phase.MOVING), TWO)))
                .isInstanceOf(Update.class);
        assertThat(resourcesOf(MIGRATION)).containsEntry(pfProvider(), Map.of(VF, 1));
    }

    @Test
    void healsExternalConsumerOnlyOnHostsWithAllocation() {
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cpuProvider("gpu-08"), Map.of(VCPU, 2)));
        AllocationProblem problem = rejectionProblem(desiredAllocation(true, null, ONE));
        assertThat(problem).isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("gpu-08")));
        assertThat(problem.message()).contains("host gpu-07", "on gpu-08", SERVER.toString());
        assertThat(problem.requiresUserAction()).isFalse();
        assertThat(resourcesOf(SERVER)).isEqualTo(Map.of(cpuProvider("gpu-08"), Map.of(VCPU, 2)));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2)));
        assertThat(syncAllocation(desiredAllocation(true, null, ONE))).isInstanceOf(Update.class);
    }

    @Test
    void allocationOfChildProviderCountsButOfSharingProviderDoesNot() {
        UUID numa = UUID.randomUUID();
        UUID shared = UUID.randomUUID();
        ResourceClass disk = new ResourceClass("MEMORY_MB");
        placement.createProvider(numa, "gpu-07_NUMA0", Optional.of(cpuProvider("gpu-07")));
        placement.putInventories(numa, new ProviderInventories(0, Map.of(VCPU, Inventory.of(8, 0))));
        placement.createProvider(shared, "storage", Optional.empty());
        placement.putInventories(shared, new ProviderInventories(0, Map.of(disk, Inventory.of(8, 0))));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(shared, Map.of(disk, 1)));
        assertThat(rejectionProblem(desiredAllocation(true, null, ONE)))
                .isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("storage")));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(shared, Map.of(disk, 1), numa, Map.of(VCPU, 2)));
        assertThat(syncAllocation(desiredAllocation(true, null, ONE))).isInstanceOf(Update.class);
    }

    @Test
    void reportsFullProviderWithItsConsumers() {
        UUID other = UUID.randomUUID();
        putAllocation(other, "project", "INSTANCE", Map.of(pfProvider(), Map.of(VF, 3)));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cpuProvider("gpu-07"), Map.of(VCPU, 2)));
        AllocationProblem problem = rejectionProblem(desiredAllocation(true, null, ONE));
        assertThat(problem).isInstanceOf(AllocationProblem.ProviderFull.class);
        assertThat(problem.message())
                .contains("host gpu-07", "gpu-07_0000:81:02.0", ONE, other + " (3)", "3 CUSTOM_PCI_8086_1515");
    }
}
