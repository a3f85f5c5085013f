package io.pciplacement.sync;

import static io.pciplacement.testing.Specs.spec;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.allocation.AllocationDecision;
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
import org.jspecify.annotations.Nullable;

/**
 * Fixture with the hosts gpu-07 and gpu-08, whose root providers are those of nova-compute, an in-memory Placement, a
 * {@link PlacementSync}, and the record of one PciAllocation for a server.
 */
final class AllocationSyncFixture implements AutoCloseable {

    static final ResourceClass VCPU = new ResourceClass("VCPU");
    static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    static final HostDevices DEVICES = new Devices().pfWithVfs(2, 3).build();
    static final UUID SERVER = UUID.fromString("5e47e400-0000-4000-8000-000000000001");
    static final UUID MIGRATION = UUID.fromString("4194a710-0000-4000-8000-000000000002");
    static final String ONE = "0000:81:02.1";
    static final String TWO = "0000:81:02.2";
    static final String THREE = "0000:81:02.3";

    private static final DeviceSpec VFS =
            spec("vfs").address("0000:81:*", DeviceType.VF).build();

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    final FakePlacement placement = new FakePlacement();
    final InMemoryRecordStore record = new InMemoryRecordStore();
    PlacementSync sync;
    boolean objectExists = true;
    /** The hosts that have an object. */
    Set<String> hosts = Set.of("gpu-07", "gpu-08");

    AllocationSyncRequest.Acceptance acceptance = AllocationSyncRequest.Acceptance.ACCEPTED;
    Map<String, Integer> attachedUnits = Map.of();

    AllocationSyncFixture() {
        createRoot("gpu-07");
        createRoot("gpu-08");
        restart();
        placement.requests.clear();
    }

    private void createRoot(String name) {
        UUID root = UUID.randomUUID();
        placement.createProvider(root, name, Optional.empty());
        placement.putInventories(root, new ProviderInventories(0, Map.of(VCPU, Inventory.of(64, 0))));
    }

    /** Replaces the operator's process by a new one with empty caches. */
    void restart() {
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        planHosts();
    }

    /** Runs a sweep and syncs both hosts; their VFs are tracked. */
    void planHosts() {
        sync.runSweep();
        hosts.forEach(node -> syncHost(node, VFS));
    }

    void syncHost(String node, DeviceSpec... specs) {
        sync.syncHost(SyncRequests.request(node, DEVICES, List.of(specs)));
    }

    UUID pfProvider() {
        return pfProvider("gpu-07");
    }

    UUID pfProvider(String node) {
        return placement.uuid(node + "_0000:81:02.0").orElseThrow();
    }

    UUID cpuProvider() {
        return cpuProvider("gpu-07");
    }

    UUID cpuProvider(String node) {
        return placement.uuid(node).orElseThrow();
    }

    /** Writes an allocation as another client. */
    void putAllocation(UUID consumer, String type, Map<UUID, Map<ResourceClass, Integer>> resources) {
        Integer generation = placement.getAllocation(consumer).generation();
        placement.putAllocations(Map.of(consumer, new Allocation(resources, "project", "user", generation, type)));
    }

    Map<UUID, Map<ResourceClass, Integer>> resourcesOf(UUID consumer) {
        return placement.getAllocation(consumer).resources();
    }

    static DeviceRef device(String address) {
        return new DeviceRef("gpu-07", Devices.at(address));
    }

    /** @param external whether Nova manages the server */
    static DesiredAllocation desired(boolean external, String... addresses) {
        return desired(external, null, addresses);
    }

    static DesiredAllocation desired(boolean external, @Nullable Move move, String... addresses) {
        return new DesiredAllocation(
                "server",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "project", "user", external),
                Stream.of(addresses).map(AllocationSyncFixture::device).toList(),
                move);
    }

    AllocationSyncRequest request(DesiredAllocation desired) {
        return new AllocationSyncRequest(
                desired,
                () -> objectExists,
                hosts::contains,
                device -> Optional.empty(),
                desired.consumerUuids()::contains,
                consumer -> consumer.equals(SERVER) ? attachedUnits : Map.of(),
                acceptance,
                false,
                desired.consumer().managedExternally()
                        ? AllocationRecordStore.readOnly(AllocationRecord.NONE)
                        : record);
    }

    AllocationSyncRequest request(boolean external, String... addresses) {
        return request(desired(external, addresses));
    }

    /** The request of an object whose consumer the operator moves from one VF to another one on the same host. */
    AllocationSyncRequest moveRequest(Move.Phase phase) {
        return request(desired(false, new Move(Move.Kind.RESIZE, MIGRATION, phase, List.of(device(ONE))), TWO));
    }

    /** Runs a sync and stores the record as the operator does. */
    AllocationSyncResult syncAllocation(AllocationSyncRequest request) {
        AllocationSyncResult result = sync.syncAllocation(request);
        if (result instanceof AllocationSyncResult.Evaluated evaluated) {
            evaluated.newRecord().ifPresent(request.recordStore()::keepInMemory);
        }
        return result;
    }

    AllocationDecision syncDecision(AllocationSyncRequest request) {
        return ((AllocationSyncResult.Evaluated) syncAllocation(request)).decision();
    }

    /** Runs a sync that must be blocked. */
    AllocationProblem syncProblem(AllocationSyncRequest request) {
        return ((AllocationDecision.Blocked) syncDecision(request)).problem();
    }

    AllocationSyncResult releaseAllocation(DesiredAllocation desired, Set<UUID> adoptable) {
        return sync.releaseAllocations(new ReleaseRequest(
                desired,
                record.currentRecord(),
                adoptable,
                acceptance,
                0,
                hosts::contains,
                device -> Optional.empty()));
    }

    AllocationSyncResult releaseAllocation(String... addresses) {
        DesiredAllocation desired = desired(false, addresses);
        return releaseAllocation(desired, desired.consumerUuids());
    }

    /** Fails one of the next requests, before its execution or after it. */
    void injectFault(int number, boolean responseLost) {
        int[] count = {0};
        FakePlacement.Fault fault = name -> {
            if (++count[0] == number) {
                throw new PlacementException.Unreachable("cut at " + name);
            }
        };
        if (responseLost) {
            placement.after = fault;
        } else {
            placement.before = fault;
        }
    }

    void endFaults() {
        placement.before = name -> {};
        placement.after = name -> {};
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
