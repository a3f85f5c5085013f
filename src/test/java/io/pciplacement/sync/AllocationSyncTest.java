package io.pciplacement.sync;

import static io.pciplacement.sync.AllocationSyncFixture.DEVICES;
import static io.pciplacement.sync.AllocationSyncFixture.MIGRATION;
import static io.pciplacement.sync.AllocationSyncFixture.ONE;
import static io.pciplacement.sync.AllocationSyncFixture.SERVER;
import static io.pciplacement.sync.AllocationSyncFixture.THREE;
import static io.pciplacement.sync.AllocationSyncFixture.TWO;
import static io.pciplacement.sync.AllocationSyncFixture.VCPU;
import static io.pciplacement.sync.AllocationSyncFixture.VF;
import static io.pciplacement.sync.AllocationSyncFixture.desired;
import static io.pciplacement.sync.AllocationSyncFixture.device;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDecision.InSync;
import io.pciplacement.planning.allocation.AllocationDecision.Update;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.Move;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of the requests that healing sends to Placement. */
class AllocationSyncTest {

    private static final ResourceClass PF = new ResourceClass("CUSTOM_PCI_8086_1528");

    @AutoClose
    private final AllocationSyncFixture cloud = new AllocationSyncFixture();

    @Test
    void healingNeedsTwoRequestsAndNoneOnceInSync() {
        cloud.putAllocation(SERVER, "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 4)));
        cloud.placement.requests.clear();
        AllocationSyncResult.Evaluated result =
                (AllocationSyncResult.Evaluated) cloud.sync.syncAllocation(cloud.request(true, ONE, TWO));
        assertThat(result.wasWritten()).isTrue();
        assertThat(result.touchedNodes()).containsExactly("gpu-07");
        assertThat(cloud.placement.requests).containsExactly("GET /allocations", "POST /allocations");
        assertThat(cloud.resourcesOf(SERVER))
                .isEqualTo(Map.of(cloud.cpuProvider(), Map.of(VCPU, 4), cloud.pfProvider(), Map.of(VF, 2)));
        cloud.placement.requests.clear();
        assertThat(cloud.sync.runSweep().nodes())
                .as("own writes are not detected as changes")
                .isEmpty();
        assertThat(cloud.syncDecision(cloud.request(true, ONE, TWO))).isInstanceOf(InSync.class);
        assertThat(cloud.placement.requests).noneMatch(name -> name.endsWith(" /allocations"));
    }

    @Test
    void ignoresExternalConsumerWithoutAllocation() {
        assertThat(cloud.syncProblem(cloud.request(true, ONE)))
                .isInstanceOf(AllocationProblem.ConsumerHasNoAllocation.class);
        assertThat(cloud.placement.consumers()).isEmpty();
    }

    @Test
    void createsAndReleasesManagedAllocationBesideOtherResources() {
        assertThat(cloud.syncDecision(cloud.request(false, ONE))).isInstanceOf(Update.class);
        assertThat(cloud.placement.consumers().get(SERVER).projectId()).isEqualTo("project");
        Allocation allocation = cloud.placement.consumers().get(SERVER);
        cloud.placement.putAllocations(Map.of(
                SERVER,
                new Allocation(
                        Map.of(cloud.pfProvider(), Map.of(VF, 1), cloud.cpuProvider(), Map.of(VCPU, 1)),
                        "project",
                        "user",
                        allocation.generation(),
                        "INSTANCE")));
        assertThat(((AllocationSyncResult.Released) cloud.releaseAllocation(ONE)).touchedNodes())
                .containsExactly("gpu-07");
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.cpuProvider(), Map.of(VCPU, 1)));
        assertThat(((AllocationSyncResult.Released) cloud.releaseAllocation(ONE)).touchedNodes())
                .isEmpty();
    }

    @Test
    void releaseOfAllResourcesRemovesConsumer() {
        cloud.syncAllocation(cloud.request(false, ONE));
        cloud.releaseAllocation(ONE);
        assertThat(cloud.placement.consumers()).isEmpty();
    }

    @Test
    void waitsForEndOfResizeOnSameHost() {
        UUID migration = UUID.randomUUID();
        cloud.putAllocation(migration, "MIGRATION", Map.of(cloud.pfProvider(), Map.of(VF, 1)));
        cloud.putAllocation(SERVER, "INSTANCE", Map.of(cloud.pfProvider(), Map.of(VF, 2)));
        cloud.planHosts();
        assertThat(cloud.syncProblem(cloud.request(true, ONE)))
                .isEqualTo(new AllocationProblem.MoveInProgress(SERVER, migration));
        cloud.placement.deleteAllocations(migration);
        cloud.planHosts();
        assertThat(cloud.syncDecision(cloud.request(true, ONE))).isInstanceOf(Update.class);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.pfProvider(), Map.of(VF, 1)));
    }

    @Test
    void reportsMissingCapacityAndRetries() {
        cloud.putAllocation(UUID.randomUUID(), "INSTANCE", Map.of(cloud.pfProvider(), Map.of(VF, 3)));
        cloud.putAllocation(SERVER, "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 4)));
        cloud.planHosts();
        AllocationSyncResult.Evaluated result =
                (AllocationSyncResult.Evaluated) cloud.sync.syncAllocation(cloud.request(true, ONE));
        assertThat(result.retry()).isTrue();
        assertThat(((AllocationDecision.Blocked) result.decision()).problem().reason())
                .isEqualTo("ProviderFull");
    }

    /** Nova has allocated two of them, so one of the two free devices is not available. */
    @Test
    void unlistedHeldDeviceIncreasesInventory() {
        cloud.syncAllocation(cloud.request(false, THREE));
        DeviceSpec fewer = spec("vfs").address(ONE).address(TWO).build();
        AllocatedDevices held = new AllocatedDevices(Map.of(SERVER, Set.of(Devices.at(THREE))));
        cloud.sync.syncHost(SyncRequests.request("gpu-07", true, true, DEVICES, List.of(fewer), HostRecord.NONE, held));
        assertThat(cloud.placement.tree().get("gpu-07_0000:81:02.0")).startsWith("[CUSTOM_PCI_8086_1515=3/0]");
        assertThat(cloud.syncDecision(cloud.request(false, THREE))).isInstanceOf(InSync.class);
        cloud.releaseAllocation(THREE);
        cloud.syncHost("gpu-07", fewer);
        assertThat(cloud.placement.tree().get("gpu-07_0000:81:02.0")).startsWith("[CUSTOM_PCI_8086_1515=2/0]");
    }

    @Test
    void doesNotRecreateAllocationOfDeletedObject() {
        cloud.objectExists = false;
        assertThat(cloud.sync.syncAllocation(cloud.request(false, ONE)))
                .isInstanceOf(AllocationSyncResult.Deferred.class);
        assertThat(cloud.placement.consumers()).isEmpty();
    }

    @Test
    void consumerLeftByRejectedClaimDoesNotBlock() {
        cloud.placement.keepRejectedConsumer(SERVER);
        assertThat(cloud.syncDecision(cloud.request(false, ONE))).isInstanceOf(Update.class);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.pfProvider(), Map.of(VF, 1)));
    }

    @Test
    void moveNeedsThreeRequests() {
        cloud.syncAllocation(cloud.request(false, ONE));
        cloud.placement.requests.clear();
        assertThat(cloud.syncDecision(cloud.moveRequest(Move.Phase.MOVING))).isInstanceOf(Update.class);
        assertThat(cloud.placement.requests)
                .containsExactly("GET /allocations", "GET /allocations", "POST /allocations");
        assertThat(cloud.sync.runSweep().nodes())
                .as("own writes are not detected as changes")
                .isEmpty();
        cloud.placement.requests.clear();
        assertThat(cloud.syncDecision(cloud.moveRequest(Move.Phase.MOVING))).isInstanceOf(InSync.class);
        assertThat(cloud.placement.requests).isEmpty();
    }

    /** A one-time-use device is reserved before it is released, even if the process is killed in between. */
    @Test
    void reservesOneTimeUseDeviceBeforeRelease() {
        DeviceSpec oneTimeUse =
                spec("pf").address("0000:81:02.0", DeviceType.PF).oneTimeUse().build();
        cloud.syncHost("gpu-07", oneTimeUse);
        cloud.syncAllocation(cloud.request(false, "0000:81:02.0"));
        assertThat(cloud.placement
                        .getInventories(cloud.pfProvider())
                        .byClass()
                        .get(PF)
                        .reserved())
                .as("reserved when it is allocated")
                .isEqualTo(1);
        cloud.placement.reserve(cloud.pfProvider(), PF, 0);
        cloud.sync.runSweep();
        cloud.syncHost("gpu-07", oneTimeUse);
        cloud.placement.reserve(cloud.pfProvider(), PF, 0);
        cloud.sync.runSweep();
        cloud.placement.requests.clear();
        cloud.releaseAllocation("0000:81:02.0");
        assertThat(cloud.placement.requests.indexOf("PUT inventories"))
                .isNotNegative()
                .isLessThan(cloud.placement.requests.indexOf("POST /allocations"));
        assertThat(cloud.placement
                        .getInventories(cloud.pfProvider())
                        .byClass()
                        .get(PF)
                        .reserved())
                .isEqualTo(1);
    }

    private void reserveOneTimeUseDevice() {
        DeviceSpec oneTimeUse =
                spec("pf").address("0000:81:02.0", DeviceType.PF).oneTimeUse().build();
        cloud.syncHost("gpu-07", oneTimeUse);
        cloud.placement.reserve(cloud.pfProvider(), PF, 1);
        cloud.sync.runSweep();
        cloud.syncHost("gpu-07", oneTimeUse);
    }

    /** The device has been reserved since its last use; only the consumer that has it gets its allocation again. */
    @Test
    void restoresReservedOneTimeUseDeviceOnlyToItsConsumer() {
        reserveOneTimeUseDevice();

        assertThat(cloud.syncDecision(cloud.request(false, "0000:81:02.0")).findProblem())
                .isPresent();
        assertThat(cloud.placement.consumers()).doesNotContainKey(SERVER);

        cloud.putAllocation(SERVER, "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        cloud.placement.requests.clear();
        assertThat(cloud.syncDecision(cloud.request(true, "0000:81:02.0")).findProblem())
                .isEmpty();
        assertThat(cloud.placement.requests).contains("POST /reshaper");
        assertThat(cloud.resourcesOf(SERVER)).containsEntry(cloud.pfProvider(), Map.of(PF, 1));
        assertThat(cloud.placement.getInventories(cloud.pfProvider()).byClass()).containsEntry(PF, Inventory.of(1, 1));
    }

    /** Another client reserves a unit while the inventory is enlarged: the next sync of the host decides about it. */
    @Test
    void inventoryThatChangesDuringTheRestorationIsNotReplaced() {
        reserveOneTimeUseDevice();
        cloud.putAllocation(SERVER, "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 2)));
        cloud.placement.afterNext("POST /reshaper", () -> cloud.placement.reserve(cloud.pfProvider(), PF, 2));
        assertThat(cloud.syncDecision(cloud.request(true, "0000:81:02.0"))).isInstanceOf(Update.class);
        assertThat(cloud.placement.getInventories(cloud.pfProvider()).byClass()).containsEntry(PF, Inventory.of(2, 2));
    }

    /** A host that has not been synced since its agent reported the devices is no reason to remove their units. */
    @Test
    void unitsOfAttachedDevicesAreKeptAsSoonAsTheAgentHasReportedThem() {
        assertThat(cloud.syncDecision(cloud.request(false, ONE, TWO))).isInstanceOf(Update.class);
        cloud.attachedUnits = Map.of("gpu-07_0000:81:02.0", 2);
        assertThat(cloud.syncProblem(cloud.request(false, ONE))).isInstanceOf(AllocationProblem.DeviceAttached.class);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.pfProvider(), Map.of(VF, 2)));
        cloud.attachedUnits = Map.of("gpu-07_0000:81:02.0", 1);
        assertThat(cloud.syncDecision(cloud.request(false, ONE))).isInstanceOf(Update.class);
    }

    /** Until the consumer is detached on the source, its migration has the units there. */
    @Test
    void unitsOfAttachedDevicesMayPassToTheMigration() {
        assertThat(cloud.syncDecision(cloud.request(false, ONE))).isInstanceOf(Update.class);
        cloud.attachedUnits = Map.of("gpu-07_0000:81:02.0", 1);
        DesiredAllocation moving = desired(
                        false, new Move(Move.Kind.RESIZE, MIGRATION, Move.Phase.MOVING, List.of(device(ONE))))
                .withDevices(List.of(new DeviceRef("gpu-08", Devices.at(ONE))));
        assertThat(cloud.syncDecision(cloud.request(moving))).isInstanceOf(Update.class);
        assertThat(cloud.resourcesOf(MIGRATION)).isEqualTo(Map.of(cloud.pfProvider(), Map.of(VF, 1)));
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.pfProvider("gpu-08"), Map.of(VF, 1)));
    }
}
