package io.pciplacement.sync;

import static io.pciplacement.sync.AllocationSyncFixture.MIGRATION;
import static io.pciplacement.sync.AllocationSyncFixture.ONE;
import static io.pciplacement.sync.AllocationSyncFixture.SERVER;
import static io.pciplacement.sync.AllocationSyncFixture.THREE;
import static io.pciplacement.sync.AllocationSyncFixture.TWO;
import static io.pciplacement.sync.AllocationSyncFixture.VCPU;
import static io.pciplacement.sync.AllocationSyncFixture.VF;
import static io.pciplacement.sync.AllocationSyncFixture.desired;
import static io.pciplacement.sync.AllocationSyncFixture.device;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
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
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Tests that nothing is written for a consumer that does not match the object, and that only own writes are released.
 */
class OwnWritesTest {

    @AutoClose
    private final AllocationSyncFixture cloud = new AllocationSyncFixture();

    private void putAllocation(
            UUID consumer, String project, String type, Map<UUID, Map<ResourceClass, Integer>> resources) {
        Integer generation = cloud.placement.getAllocation(consumer).generation();
        cloud.placement.putAllocations(Map.of(consumer, new Allocation(resources, project, "user", generation, type)));
        cloud.planHosts();
    }

    private AllocationDecision syncAllocation(DesiredAllocation desired) {
        return cloud.syncDecision(request(desired));
    }

    /** The request for an object whose consumers have not been verified yet. */
    private AllocationSyncRequest request(DesiredAllocation desired) {
        return new AllocationSyncRequest(
                desired,
                () -> true,
                node -> node.startsWith("gpu"),
                device -> Optional.empty(),
                desired.consumerUuids()::contains,
                server -> Map.of(),
                AllocationSyncRequest.Acceptance.UNKNOWN,
                false,
                cloud.record);
    }

    private AllocationProblem rejectionProblem(DesiredAllocation desired) {
        return cloud.syncProblem(request(desired));
    }

    private void releaseAllocation(DesiredAllocation desired, boolean adopts) {
        assertThat(cloud.releaseAllocation(desired, adopts ? desired.consumerUuids() : Set.of()))
                .isInstanceOf(AllocationSyncResult.Released.class);
    }

    @Test
    void rejectsConsumerOfAnotherProjectAndKeepsItsAllocation() {
        var server = Map.of(cloud.cpuProvider(), Map.of(VCPU, 2), cloud.pfProvider(), Map.of(VF, 1));
        putAllocation(SERVER, "victim-project", "INSTANCE", server);
        for (boolean external : new boolean[] {false, true}) {
            AllocationProblem problem = rejectionProblem(desired(external, TWO, THREE));
            assertThat(problem).isEqualTo(new AllocationProblem.ForeignConsumer(SERVER, List.of("project")));
            assertThat(problem.message()).contains(SERVER.toString(), "project").doesNotContain("victim-project");
            assertThat(problem.requiresUserAction()).isTrue();
            releaseAllocation(desired(external, TWO, THREE), true);
            assertThat(cloud.resourcesOf(SERVER)).isEqualTo(server);
        }
        assertThat(rejectionProblem(desired(false, ONE)))
                .as("the consumer already has exactly this device")
                .isInstanceOf(AllocationProblem.ForeignConsumer.class);
    }

    @Test
    void rejectsConsumerOfAnotherTypeUnlessTypeIsUnset() {
        putAllocation(SERVER, "project", "VOLUME", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        assertThat(rejectionProblem(desired(false, ONE)))
                .isEqualTo(new AllocationProblem.ForeignConsumer(SERVER, List.of("type")));
        putAllocation(SERVER, "project", Allocation.UNKNOWN_TYPE, Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        assertThat(syncAllocation(desired(false, ONE))).isInstanceOf(Update.class);
    }

    /** The consumer belongs to another project, or its devices are unknown: nothing was written for it. */
    @Test
    void deletionOfRejectedObjectReleasesNothing() {
        var server = Map.of(cloud.cpuProvider(), Map.of(VCPU, 2), cloud.pfProvider(), Map.of(VF, 1));
        putAllocation(SERVER, "project", "INSTANCE", server);
        DesiredAllocation elsewhere =
                desired(false, ONE).withDevices(List.of(new DeviceRef("no-such-host", Devices.at(ONE))));
        assertThat(rejectionProblem(elsewhere)).isInstanceOf(AllocationProblem.UnknownHost.class);
        releaseAllocation(elsewhere, true);
        releaseAllocation(elsewhere, false);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(server);
    }

    @Test
    void releasesOnlyOwnAmounts() {
        putAllocation(
                SERVER,
                "project",
                "INSTANCE",
                Map.of(cloud.cpuProvider(), Map.of(VCPU, 2), cloud.pfProvider(), Map.of(VF, 1)));
        DesiredAllocation both = desired(false, ONE, TWO);
        assertThat(syncAllocation(both)).isInstanceOf(Update.class);
        assertThat(cloud.record.currentRecord().writtenUnits(SERVER, cloud.pfProvider(), VF))
                .isEqualTo(1);
        assertThat(cloud.resourcesOf(SERVER)).containsEntry(cloud.pfProvider(), Map.of(VF, 2));
        releaseAllocation(both, true);
        assertThat(cloud.resourcesOf(SERVER))
                .isEqualTo(Map.of(cloud.cpuProvider(), Map.of(VCPU, 2), cloud.pfProvider(), Map.of(VF, 1)));
    }

    /** A Nova server has other resources too, so the owner of the devices could not be determined later. */
    @Test
    void crashAfterWriteKeepsRecord() {
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        DesiredAllocation one = desired(false, ONE);
        assertThat(syncAllocation(one)).isInstanceOf(Update.class);
        cloud.record.simulateCrash();
        cloud.restart();
        assertThat(syncAllocation(one)).isInstanceOf(InSync.class);
        releaseAllocation(one, true);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
    }

    /** Nova allocates the same device to the server later; that allocation belongs to Nova. */
    @Test
    void crashBeforeWriteAttributesNothingToObject() {
        putAllocation(
                SERVER,
                "project",
                "INSTANCE",
                Map.of(cloud.cpuProvider(), Map.of(VCPU, 2), cloud.pfProvider(), Map.of(VF, 1)));
        cloud.placement.before = name -> {
            if (name.equals("POST /allocations")) {
                throw new PlacementException.Unreachable("killed");
            }
        };
        DesiredAllocation both = desired(false, ONE, TWO);
        cloud.sync.syncAllocation(request(both));
        cloud.placement.before = name -> {};
        assertThat(cloud.record.persistedRecord().entries()).isNotEmpty();
        cloud.record.simulateCrash();
        cloud.restart();
        releaseAllocation(both, true);
        assertThat(cloud.resourcesOf(SERVER)).containsEntry(cloud.pfProvider(), Map.of(VF, 1));
    }

    @Test
    void restoreWithoutStatusAttributesMatchingAllocation() {
        DesiredAllocation one = desired(false, ONE);
        syncAllocation(one);
        cloud.record.keepInMemory(AllocationRecord.NONE);
        cloud.restart();
        assertThat(syncAllocation(one)).isInstanceOf(InSync.class);
        assertThat(cloud.record.currentRecord().writtenUnits(SERVER, cloud.pfProvider(), VF))
                .isEqualTo(1);
        releaseAllocation(one, true);
        assertThat(cloud.resourcesOf(SERVER)).isEmpty();

        var server = Map.of(cloud.cpuProvider(), Map.of(VCPU, 2), cloud.pfProvider(), Map.of(VF, 1));
        putAllocation(SERVER, "project", "INSTANCE", server);
        cloud.record.keepInMemory(AllocationRecord.NONE);
        assertThat(syncAllocation(one)).isInstanceOf(InSync.class);
        releaseAllocation(one, true);
        assertThat(cloud.resourcesOf(SERVER)).as("it has VCPUs").isEqualTo(server);
    }

    @Test
    void restoreWithoutStatusReleasesMatchingAllocationOnDeletion() {
        DesiredAllocation one = desired(false, ONE);
        syncAllocation(one);
        cloud.record.keepInMemory(AllocationRecord.NONE);
        cloud.restart();
        releaseAllocation(one, false);
        assertThat(cloud.resourcesOf(SERVER)).as("the object was rejected").isNotEmpty();
        releaseAllocation(desired(false, TWO, ONE), true);
        assertThat(cloud.resourcesOf(SERVER)).isEmpty();
    }

    /** Without a record, an allocation of more than the object's devices may be another client's. */
    @Test
    void deletionWithoutRecordReleasesOnlyTheDevicesOfTheObject() {
        for (var server : List.of(
                Map.of(cloud.pfProvider(), Map.of(VF, 2)),
                Map.of(cloud.pfProvider(), Map.of(VF, 1), cloud.pfProvider("gpu-08"), Map.of(VF, 1)))) {
            putAllocation(SERVER, "project", "INSTANCE", server);
            releaseAllocation(desired(false, ONE), true);
            assertThat(cloud.resourcesOf(SERVER)).isEqualTo(server);
        }
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.pfProvider(), Map.of(VF, 2)));
        releaseAllocation(
                desired(false, ONE).withDevices(List.of(new DeviceRef("no-such-host", Devices.at(ONE)))), true);
        assertThat(cloud.resourcesOf(SERVER)).as("the devices are unknown").isNotEmpty();
        releaseAllocation(desired(false, ONE, TWO), true);
        assertThat(cloud.resourcesOf(SERVER)).isEmpty();
    }

    /** The response may be lost although the write was not executed. */
    @Test
    void lostWriteKeepsRecordOfThePreviousDevices() {
        for (DesiredAllocation next : List.of(
                desired(false, ONE),
                desired(false, ONE).withDevices(List.of(new DeviceRef("gpu-08", Devices.at(ONE)))))) {
            assertThat(syncAllocation(desired(false, ONE, TWO))).isInstanceOf(Update.class);
            cloud.placement.before = name -> {
                if (name.equals("POST /allocations")) {
                    throw new PlacementException.Unreachable("connection reset");
                }
            };
            cloud.sync.syncAllocation(request(next));
            cloud.endFaults();
            cloud.planHosts();
            releaseAllocation(next, true);
            assertThat(cloud.placement.consumers()).isEmpty();
            cloud.record.keepInMemory(AllocationRecord.NONE);
            cloud.planHosts();
        }
    }

    /** The persisted record must be right whether the write was executed or not. */
    @Test
    void crashBeforeWriteOfOtherDevicesKeepsRecordOfThePreviousOnes() {
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        assertThat(syncAllocation(desired(false, ONE))).isInstanceOf(Update.class);
        cloud.placement.before = name -> {
            if (name.equals("POST /allocations")) {
                throw new PlacementException.Unreachable("killed");
            }
        };
        DesiredAllocation elsewhere =
                desired(false, ONE).withDevices(List.of(new DeviceRef("gpu-08", Devices.at(ONE))));
        cloud.sync.syncAllocation(request(elsewhere));
        cloud.endFaults();
        cloud.record.simulateCrash();
        cloud.restart();
        releaseAllocation(elsewhere, true);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
    }

    private static Move move(Move.Phase phase) {
        return new Move(Move.Kind.RESIZE, MIGRATION, phase, List.of(device(ONE)));
    }

    @Test
    void rejectsForeignMigrationAndKeepsItsAllocation() {
        for (String[] whose :
                new String[][] {{"project", "INSTANCE"}, {"another", "MIGRATION"}, {"project", "unknown"}}) {
            var has = Map.of(cloud.cpuProvider(), Map.of(VCPU, 1), cloud.pfProvider(), Map.of(VF, 1));
            putAllocation(MIGRATION, whose[0], whose[1], has);
            for (Move.Phase phase : Move.Phase.values()) {
                DesiredAllocation moving = desired(false, move(phase), TWO);
                assertThat(rejectionProblem(moving)).isInstanceOf(AllocationProblem.ForeignMigration.class);
                releaseAllocation(moving, true);
                assertThat(cloud.resourcesOf(MIGRATION)).isEqualTo(has);
            }
            putAllocation(MIGRATION, whose[0], whose[1], Map.of());
        }
        putAllocation(MIGRATION, "project", "MIGRATION", Map.of(cloud.cpuProvider(), Map.of(VCPU, 1)));
        assertThat(syncAllocation(desired(false, move(Move.Phase.MOVING), TWO))).isInstanceOf(Update.class);
        assertThat(cloud.resourcesOf(MIGRATION)).containsEntry(cloud.pfProvider(), Map.of(VF, 1));
    }

    @Test
    void healsExternalConsumerOnlyOnHostsWithAllocation() {
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.cpuProvider("gpu-08"), Map.of(VCPU, 2)));
        AllocationProblem problem = rejectionProblem(desired(true, ONE));
        assertThat(problem).isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("gpu-08")));
        assertThat(problem.message()).contains("host gpu-07", "on gpu-08", SERVER.toString());
        assertThat(problem.requiresUserAction()).isFalse();
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.cpuProvider("gpu-08"), Map.of(VCPU, 2)));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        assertThat(syncAllocation(desired(true, ONE))).isInstanceOf(Update.class);
    }

    @Test
    void externalConsumerNeedsAllocationOnEachHostOfItsDevices() {
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.cpuProvider("gpu-08"), Map.of(VCPU, 2)));
        DesiredAllocation both =
                desired(true, ONE).withDevices(List.of(device(ONE), new DeviceRef("gpu-08", Devices.at(ONE))));
        assertThat(rejectionProblem(both))
                .isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("gpu-08")));
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.cpuProvider("gpu-08"), Map.of(VCPU, 2)));
    }

    @Test
    void allocationOfChildProviderCountsButOfSharingProviderDoesNot() {
        UUID numa = UUID.randomUUID();
        UUID shared = UUID.randomUUID();
        ResourceClass disk = new ResourceClass("MEMORY_MB");
        cloud.placement.createProvider(numa, "gpu-07_NUMA0", Optional.of(cloud.cpuProvider()));
        cloud.placement.putInventories(numa, new ProviderInventories(0, Map.of(VCPU, Inventory.of(8, 0))));
        cloud.placement.createProvider(shared, "storage", Optional.empty());
        cloud.placement.putInventories(shared, new ProviderInventories(0, Map.of(disk, Inventory.of(8, 0))));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(shared, Map.of(disk, 1)));
        assertThat(rejectionProblem(desired(true, ONE)))
                .isEqualTo(new AllocationProblem.ConsumerElsewhere(SERVER, "gpu-07", List.of("storage")));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(shared, Map.of(disk, 1), numa, Map.of(VCPU, 2)));
        assertThat(syncAllocation(desired(true, ONE))).isInstanceOf(Update.class);
    }

    @Test
    void reportsFullProviderWithItsConsumers() {
        UUID other = UUID.randomUUID();
        putAllocation(other, "project", "INSTANCE", Map.of(cloud.pfProvider(), Map.of(VF, 3)));
        putAllocation(SERVER, "project", "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        AllocationProblem problem = rejectionProblem(desired(true, ONE));
        assertThat(problem).isInstanceOf(AllocationProblem.ProviderFull.class);
        assertThat(problem.message())
                .contains("host gpu-07", "gpu-07_0000:81:02.0", ONE, other + " (3)", "3 CUSTOM_PCI_8086_1515");
    }
}
