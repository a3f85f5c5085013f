package io.pciplacement.sync;

import static io.pciplacement.testing.Specs.spec;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.ProviderSnapshot;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.SyncRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Fixture with the host gpu-07, an in-memory Placement and a {@link PlacementSync}. */
public final class SingleHostFixture implements AutoCloseable {

    static final ResourceClass PLAIN = new ResourceClass("CUSTOM_PCI_8086_1533");
    static final DeviceSpec PLAIN_SPEC = spec("plain").product(Devices.PCI).build();

    public final FakePlacement placement = new FakePlacement();
    final ExecutorService pool = Executors.newFixedThreadPool(4);
    PlacementSync sync = createSync(OwnershipTraits.DEFAULT);

    public SingleHostFixture() {
        placement.requests.clear();
    }

    /** Replaces the operator's process by a new one with empty caches. */
    void restart(OwnershipTraits ownershipTraits) {
        sync = createSync(ownershipTraits);
    }

    private PlacementSync createSync(OwnershipTraits ownershipTraits) {
        PlacementSync created = new PlacementSync(placement, ownershipTraits, pool);
        created.runSweep();
        return created;
    }

    static HostDevices plainDevices(int count) {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(Devices.pci("0000:%02x:%02x.0".formatted(i / 32, i % 32)));
        }
        return new HostDevices(devices);
    }

    static HostSyncRequest request(HostDevices devices, DeviceSpec... specs) {
        return SyncRequests.request("gpu-07", devices, List.of(specs));
    }

    static HostSyncRequest requestWithSnapshots(
            HostSyncResult.Synced before, HostDevices devices, DeviceSpec... specs) {
        return requestWithRecord(HostRecord.of(snapshots(before)), devices, specs);
    }

    /** The states of the providers that the status of the host has after a sync. */
    static Map<String, ProviderSnapshot> snapshots(HostSyncResult.Synced synced) {
        return synced.providers().stream()
                .collect(Collectors.toMap(
                        result -> result.decision().name(), HostSyncResult.ProviderResult::toSnapshot));
    }

    static HostSyncRequest requestWithRecord(HostRecord record, HostDevices devices, DeviceSpec... specs) {
        return SyncRequests.request("gpu-07", true, true, devices, List.of(specs), record, AllocatedDevices.NONE);
    }

    static HostSyncRequest adoptionRequest(AdoptionContext.Mode mode, DeviceSpec... specs) {
        return new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                true,
                HostSyncRequest.WriteScope.PROVIDERS,
                null,
                plainDevices(2),
                List.of(specs),
                HostRecord.NONE,
                AllocatedDevices.NONE,
                mode,
                HostAttachments.UNKNOWN,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY);
    }

    public HostSyncResult.Synced syncHost(HostSyncRequest request) {
        return (HostSyncResult.Synced) sync.syncHost(request);
    }

    /** Allocates a plain device of the host to a new consumer, which is returned. */
    UUID allocatePlain(String address) {
        UUID consumer = UUID.randomUUID();
        allocate(consumer, placement.uuid("gpu-07_" + address).orElseThrow(), PLAIN);
        return consumer;
    }

    void allocate(UUID consumer, UUID provider, ResourceClass rc) {
        placement.putAllocations(Map.of(
                consumer, new Allocation(Map.of(provider, Map.of(rc, 1)), "project", "user", null, "INSTANCE")));
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
