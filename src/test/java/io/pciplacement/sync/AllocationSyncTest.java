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
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the requests that healing sends to Placement, and of recovery from a fault at any request. */
class AllocationSyncTest {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final DeviceSpec VFS =
            spec("vfs").address("0000:81:*", DeviceType.VF).build();
    private static final HostDevices DEVICES = new Devices().pfWithVfs(2, 3).build();
    private static final UUID SERVER = UUID.randomUUID();
    private static final UUID MIGRATION = UUID.randomUUID();

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private FakePlacement placement;
    private PlacementSync sync;
    private boolean objectExists = true;
    private InMemoryRecordStore record;

    @BeforeEach
    void start() {
        record = new InMemoryRecordStore();
        placement = new FakePlacement();
        // As created by nova-compute.
        UUID root = UUID.randomUUID();
        placement.createProvider(root, "gpu-07", Optional.empty());
        placement.putInventories(root, new ProviderInventories(0, Map.of(VCPU, Inventory.of(64, 0))));
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        planHost();
        placement.requests.clear();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private void planHost() {
        sync.runSweep();
        sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of(VFS)));
    }

    private AllocationSyncRequest request(boolean external, String... addresses) {
        DesiredAllocation desired = new DesiredAllocation(
                "server",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "project", "user", external),
                List.of(addresses).stream()
                        .map(address -> new DeviceRef("gpu-07", Devices.at(address)))
                        .toList());
        return requestFor(desired);
    }

    private AllocationSyncRequest requestFor(DesiredAllocation desired) {
        return new AllocationSyncRequest(
                desired,
                () -> objectExists,
                "gpu-07"::equals,
                device -> Optional.empty(),
                SERVER::equals,
                true,
                false,
                desired.consumer().managedExternally()
                        ? AllocationRecordStore.readOnly(AllocationRecord.NONE)
                        : record);
    }

    /** Runs a sync and stores the record as the operator does. */
    private AllocationSyncResult syncAllocation(AllocationSyncRequest request) {
        AllocationSyncResult result = sync.syncAllocation(request);
        if (result instanceof AllocationSyncResult.Evaluated evaluated) {
            evaluated.newRecord().ifPresent(request.recordStore()::keepInMemory);
        }
        return result;
    }

    private AllocationSyncResult releaseAllocation(DesiredAllocation desired) {
        return sync.releaseAllocations(new ReleaseRequest(
                desired,
                record.currentRecord(),
                desired.consumerUuids(),
                0,
                "gpu-07"::equals,
                device -> Optional.empty()));
    }

    private AllocationSyncResult releaseAllocation(String... addresses) {
        return releaseAllocation(request(false, addresses).desired());
    }

    private UUID pfProvider() {
        return placement.uuid("gpu-07_0000:81:02.0").orElseThrow();
    }

    private UUID cpuProvider() {
        return placement.uuid("gpu-07").orElseThrow();
    }

    private void putServerAllocation(UUID consumer, String type, Map<UUID, Map<ResourceClass, Integer>> resources) {
        placement.putAllocations(Map.of(consumer, new Allocation(resources, "project", "user", null, type)));
    }

    private AllocationDecision syncDecision(AllocationSyncRequest request) {
        return ((AllocationSyncResult.Evaluated) syncAllocation(request)).decision();
    }

    @Test
    void healingNeedsTwoRequestsAndNoneOnceInSync() {
        putServerAllocation(SERVER, "INSTANCE", Map.of(cpuProvider(), Map.of(VCPU, 4)));
        placement.requests.clear();
        AllocationSyncResult.Evaluated result =
                (AllocationSyncResult.Evaluated) sync.syncAllocation(request(true, "0000:81:02.1", "0000:81:02.2"));
        assertThat(result.wasWritten()).isTrue();
        assertThat(result.touchedNodes()).containsExactly("gpu-07");
        assertThat(placement.requests).containsExactly("GET /allocations", "POST /allocations");
        assertThat(placement.consumers().get(SERVER).resources())
                .isEqualTo(Map.of(cpuProvider(), Map.of(VCPU, 4), pfProvider(), Map.of(VF, 2)));
        placement.requests.clear();
        assertThat(sync.runSweep().nodes())
                .as("own writes are not detected as changes")
                .isEmpty();
        assertThat(syncDecision(request(true, "0000:81:02.1", "0000:81:02.2"))).isInstanceOf(InSync.class);
        assertThat(placement.requests).noneMatch(name -> name.endsWith(" /allocations"));
    }

    @Test
    void ignoresExternalConsumerWithoutAllocation() {
        assertThat(((AllocationDecision.Blocked) syncDecision(request(true, "0000:81:02.1"))).problem())
                .isInstanceOf(AllocationProblem.ConsumerHasNoAllocation.class);
        assertThat(placement.consumers()).isEmpty();
    }

    @Test
    void createsAndReleasesManagedAllocationBesideOtherResources() {
        assertThat(syncDecision(request(false, "0000:81:02.1"))).isInstanceOf(Update.class);
        assertThat(placement.consumers().get(SERVER).projectId()).isEqualTo("project");
        Allocation allocation = placement.consumers().get(SERVER);
        placement.putAllocations(Map.of(
                SERVER,
                new Allocation(
                        Map.of(pfProvider(), Map.of(VF, 1), cpuProvider(), Map.of(VCPU, 1)),
                        "project",
                        "user",
                        allocation.generation(),
                        "INSTANCE")));
        assertThat(((AllocationSyncResult.Released) releaseAllocation("0000:81:02.1")).touchedNodes())
                .containsExactly("gpu-07");
        assertThat(placement.consumers().get(SERVER).resources()).isEqualTo(Map.of(cpuProvider(), Map.of(VCPU, 1)));
        assertThat(((AllocationSyncResult.Released) releaseAllocation("0000:81:02.1")).touchedNodes())
                .isEmpty();
    }

    @Test
    void releaseOfAllResourcesRemovesConsumer() {
        syncAllocation(request(false, "0000:81:02.1"));
        releaseAllocation("0000:81:02.1");
        assertThat(placement.consumers()).isEmpty();
    }

    @Test
    void waitsForEndOfResizeOnSameHost() {
        UUID migration = UUID.randomUUID();
        putServerAllocation(migration, "MIGRATION", Map.of(pfProvider(), Map.of(VF, 1)));
        putServerAllocation(SERVER, "INSTANCE", Map.of(pfProvider(), Map.of(VF, 2)));
        planHost();
        assertThat(((AllocationDecision.Blocked) syncDecision(request(true, "0000:81:02.1"))).problem())
                .isEqualTo(new AllocationProblem.MoveInProgress(SERVER, migration));
        placement.deleteAllocations(migration);
        planHost();
        assertThat(syncDecision(request(true, "0000:81:02.1"))).isInstanceOf(Update.class);
        assertThat(placement.consumers().get(SERVER).resources()).isEqualTo(Map.of(pfProvider(), Map.of(VF, 1)));
    }

    @Test
    void readsAgainAfterConflict() {
        putServerAllocation(SERVER, "INSTANCE", Map.of(cpuProvider(), Map.of(VCPU, 4)));
        int[] left = {2};
        placement.before = name -> {
            if (name.equals("POST /allocations") && left[0]-- > 0) {
                throw new PlacementException.GenerationConflict("another client has changed the allocation");
            }
        };
        assertThat(syncDecision(request(true, "0000:81:02.1"))).isInstanceOf(Update.class);
        left[0] = 100;
        assertThat(((AllocationDecision.Blocked) syncDecision(request(true, "0000:81:02.1", "0000:81:02.2"))).problem())
                .isInstanceOf(AllocationProblem.RejectedByPlacement.class);
    }

    @Test
    void reportsMissingCapacityAndRetries() {
        putServerAllocation(UUID.randomUUID(), "INSTANCE", Map.of(pfProvider(), Map.of(VF, 3)));
        putServerAllocation(SERVER, "INSTANCE", Map.of(cpuProvider(), Map.of(VCPU, 4)));
        planHost();
        AllocationSyncResult.Evaluated result =
                (AllocationSyncResult.Evaluated) sync.syncAllocation(request(true, "0000:81:02.1"));
        assertThat(result.retry()).isTrue();
        assertThat(((AllocationDecision.Blocked) result.decision()).problem().reason())
                .isEqualTo("ProviderFull");
    }

    /** Nova has allocated two of them, so one of the two free devices is not available. */
    @Test
    void unlistedHeldDeviceIncreasesInventory() {
        syncAllocation(request(false, "0000:81:02.3"));
        DeviceSpec fewer =
                spec("vfs").address("0000:81:02.1").address("0000:81:02.2").build();
        AllocatedDevices held = new AllocatedDevices(Map.of(SERVER, Set.of(Devices.at("0000:81:02.3"))));
        sync.syncHost(SyncRequests.request("gpu-07", true, true, DEVICES, List.of(fewer), Map.of(), held));
        assertThat(placement.tree().get("gpu-07_0000:81:02.0")).startsWith("[CUSTOM_PCI_8086_1515=3/0]");
        assertThat(syncDecision(request(false, "0000:81:02.3"))).isInstanceOf(InSync.class);
        releaseAllocation("0000:81:02.3");
        sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of(fewer)));
        assertThat(placement.tree().get("gpu-07_0000:81:02.0")).startsWith("[CUSTOM_PCI_8086_1515=2/0]");
    }

    /** Any request fails, before or after its execution: the next run reaches the desired state. */
    @Test
    void recoversFromFaultAtAnyRequest() {
        for (int at = 1; at <= 2; at++) {
            for (boolean lost : new boolean[] {false, true}) {
                start();
                putServerAllocation(
                        SERVER, "INSTANCE", Map.of(cpuProvider(), Map.of(VCPU, 4), pfProvider(), Map.of(VF, 1)));
                planHost();
                injectFault(at, lost);
                assertThat(sync.syncAllocation(request(true, "0000:81:02.1", "0000:81:02.2")))
                        .isInstanceOf(AllocationSyncResult.PlacementUnavailable.class);
                planHost();
                planHost();
                assertThat(((AllocationSyncResult.Evaluated)
                                        sync.syncAllocation(request(true, "0000:81:02.1", "0000:81:02.2")))
                                .retry())
                        .isFalse();
                assertThat(placement.consumers().get(SERVER).resources())
                        .isEqualTo(Map.of(cpuProvider(), Map.of(VCPU, 4), pfProvider(), Map.of(VF, 2)));
            }
        }
    }

    @Test
    void doesNotRecreateAllocationOfDeletedObject() {
        objectExists = false;
        assertThat(sync.syncAllocation(request(false, "0000:81:02.1")))
                .isInstanceOf(AllocationSyncResult.Deferred.class);
        assertThat(placement.consumers()).isEmpty();
    }

    @Test
    void consumerLeftByRejectedClaimDoesNotBlock() {
        placement.keepRejectedConsumer(SERVER);
        assertThat(syncDecision(request(false, "0000:81:02.1"))).isInstanceOf(Update.class);
        assertThat(placement.consumers().get(SERVER).resources()).isEqualTo(Map.of(pfProvider(), Map.of(VF, 1)));
    }

    private AllocationSyncRequest moveRequest(Move.Phase phase) {
        DeviceRef from = new DeviceRef("gpu-07", Devices.at("0000:81:02.1"));
        DeviceRef to = new DeviceRef("gpu-07", Devices.at("0000:81:02.2"));
        DesiredAllocation desired = new DesiredAllocation(
                "server",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "project", "user", false),
                List.of(to),
                new Move(Move.Kind.RESIZE, MIGRATION, phase, List.of(from)));
        return requestFor(desired);
    }

    /**
     * Any request fails or is executed without a response: the next attempt completes the move, and no consumer has too
     * much.
     */
    @Test
    void completesMoveAfterFaultAtAnyRequest() {
        for (Move.Phase phase : Move.Phase.values()) {
            for (int at = 1; at <= 4; at++) {
                for (boolean lost : new boolean[] {false, true}) {
                    start();
                    syncAllocation(request(false, "0000:81:02.1"));
                    if (phase != Move.Phase.MOVING) {
                        syncAllocation(moveRequest(Move.Phase.MOVING));
                    }
                    injectFault(at, lost);
                    syncAllocation(moveRequest(phase));
                    placement.before = name -> {};
                    placement.after = name -> {};
                    // As after a restart.
                    sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
                    planHost();
                    AllocationDecision decision = syncDecision(moveRequest(phase));
                    assertThat(decision.findProblem()).isEmpty();
                    int migration = phase == Move.Phase.MOVING ? 1 : 0;
                    assertThat(placement.consumers().get(SERVER).resources())
                            .isEqualTo(Map.of(pfProvider(), Map.of(VF, 1)));
                    assertThat(placement.consumers().containsKey(MIGRATION)).isEqualTo(migration == 1);
                }
            }
        }
    }

    private void injectFault(int at, boolean lost) {
        int[] count = {0};
        FakePlacement.Fault fault = name -> {
            if (++count[0] == at) {
                throw new PlacementException.Unreachable("cut at " + name);
            }
        };
        if (lost) {
            placement.after = fault;
        } else {
            placement.before = fault;
        }
    }

    @Test
    void moveNeedsThreeRequests() {
        syncAllocation(request(false, "0000:81:02.1"));
        placement.requests.clear();
        assertThat(syncDecision(moveRequest(Move.Phase.MOVING))).isInstanceOf(Update.class);
        assertThat(placement.requests).containsExactly("GET /allocations", "GET /allocations", "POST /allocations");
        assertThat(sync.runSweep().nodes())
                .as("own writes are not detected as changes")
                .isEmpty();
        placement.requests.clear();
        assertThat(syncDecision(moveRequest(Move.Phase.MOVING))).isInstanceOf(InSync.class);
        assertThat(placement.requests).isEmpty();
    }

    /** A one-time-use device is reserved before it is released, even if the process is killed in between. */
    @Test
    void reservesOneTimeUseDeviceBeforeRelease() {
        DeviceSpec oneTimeUse =
                spec("pf").address("0000:81:02.0", DeviceType.PF).oneTimeUse().build();
        placement = new FakePlacement();
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        sync.runSweep();
        sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of(oneTimeUse)));
        syncAllocation(request(false, "0000:81:02.0"));
        ResourceClass pfClass = new ResourceClass("CUSTOM_PCI_8086_1528");
        assertThat(placement.getInventories(pfProvider()).byClass().get(pfClass).reserved())
                .as("reserved when it is allocated")
                .isEqualTo(1);
        placement.reserve(pfProvider(), pfClass, 0);
        sync.runSweep();
        sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of(oneTimeUse)));
        placement.reserve(pfProvider(), pfClass, 0);
        sync.runSweep();
        placement.requests.clear();
        releaseAllocation("0000:81:02.0");
        assertThat(placement.requests.indexOf("PUT inventories"))
                .isNotNegative()
                .isLessThan(placement.requests.indexOf("POST /allocations"));
        assertThat(placement.getInventories(pfProvider()).byClass().get(pfClass).reserved())
                .isEqualTo(1);
    }

    /** The device has been reserved since its last use; only the consumer that has it gets its allocation again. */
    @Test
    void restoresReservedOneTimeUseDeviceOnlyToItsConsumer() {
        DeviceSpec oneTimeUse =
                spec("pf").address("0000:81:02.0", DeviceType.PF).oneTimeUse().build();
        ResourceClass pfClass = new ResourceClass("CUSTOM_PCI_8086_1528");
        sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of(oneTimeUse)));
        placement.reserve(pfProvider(), pfClass, 1);
        sync.runSweep();
        sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of(oneTimeUse)));

        assertThat(syncDecision(request(false, "0000:81:02.0")).findProblem()).isPresent();
        assertThat(placement.consumers()).doesNotContainKey(SERVER);

        putServerAllocation(SERVER, "INSTANCE", Map.of(cpuProvider(), Map.of(VCPU, 2)));
        placement.requests.clear();
        assertThat(syncDecision(request(true, "0000:81:02.0")).findProblem()).isEmpty();
        assertThat(placement.requests).contains("POST /reshaper");
        assertThat(placement.consumers().get(SERVER).resources()).containsEntry(pfProvider(), Map.of(pfClass, 1));
        assertThat(placement.getInventories(pfProvider()).byClass()).containsEntry(pfClass, Inventory.of(1, 1));
    }
}
