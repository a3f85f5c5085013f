package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.testing.Specs.spec;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.ProviderSnapshot;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;

/** Fixture with a host whose devices are withheld, and the record of its reservations in the status of its object. */
abstract class WithheldDevicesFixture {

    static final PciAddress FIRST = Devices.at("0000:00:00.0");
    static final PciAddress PF = Devices.at("0000:81:00.0");
    static final PciAddress VF1 = Devices.at("0000:81:00.1");
    static final PciAddress VF2 = Devices.at("0000:81:00.2");
    static final DeviceSpec VF_SPEC = spec("vfs").product(Devices.VF).build();
    static final ResourceClass VFS = new ResourceClass("CUSTOM_PCI_8086_1515");
    static final UUID ROOT = ProviderUuid.ofRoot("gpu-07");

    @AutoClose
    final SingleHostFixture host = new SingleHostFixture();

    final FakePlacement placement = host.placement;

    /** What the operator has recorded in the status; lost writes of the status do not change it. */
    SortedMap<PciAddress, RecordedReservation> status = new TreeMap<>();

    final List<SortedMap<PciAddress, RecordedReservation>> persisted = new ArrayList<>();
    HostDevices devices = SingleHostFixture.plainDevices(2);
    DeviceSpec spec = PLAIN_SPEC;
    AllocatedDevices allocated = AllocatedDevices.NONE;
    Map<String, ProviderSnapshot> snapshots = Map.of();

    /** Whether the operator has ever written the status of the object. */
    boolean statusWritten = true;

    ReservationRecordStore recordStore = record -> {
        persisted.add(record);
        status = record;
    };

    ReservationPolicy policy = ReservationPolicy.NONE;

    void quarantine(PciAddress... addresses) {
        SortedMap<PciAddress, String> reasons = new TreeMap<>();
        for (PciAddress address : addresses) {
            reasons.put(address, "ECC errors");
        }
        policy = new ReservationPolicy(reasons, false);
    }

    HostSyncRequest request(HostSyncRequest.WriteScope scope) {
        return new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                true,
                scope,
                null,
                devices,
                List.of(spec),
                new HostRecord(
                        snapshots,
                        DeviceIdentities.NONE,
                        CleaningRecord.NONE,
                        statusWritten ? status : null,
                        HostRecord.Allocations.NONE,
                        null),
                allocated,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                policy,
                recordStore);
    }

    HostSyncResult.Synced sync() {
        return sync(HostSyncRequest.WriteScope.PROVIDERS);
    }

    HostSyncResult.Synced sync(HostSyncRequest.WriteScope scope) {
        HostSyncResult.Synced synced = host.syncHost(request(scope));
        status = synced.reservations();
        return synced;
    }

    /** A new process whose predecessor has persisted what it had to, and nothing after its last write. */
    void restart() {
        host.restart(OwnershipTraits.DEFAULT);
    }

    static UUID provider(PciAddress address) {
        return ProviderUuid.ofChild(ROOT, "gpu-07_" + address);
    }

    int reserved(PciAddress address) {
        return placement.getInventories(provider(address)).byClass().values().stream()
                .mapToInt(Inventory::reserved)
                .sum();
    }

    void reserve(PciAddress address, ResourceClass resourceClass, int total, int units) {
        placement.putInventories(
                provider(address),
                new ProviderInventories(
                        placement.getInventories(provider(address)).generation(),
                        new TreeMap<>(Map.of(resourceClass, Inventory.of(total, units)))));
        host.sync.runSweep();
    }

    static ProviderDecision decision(HostSyncResult.Synced synced, PciAddress address) {
        return synced.providers().stream()
                .map(HostSyncResult.ProviderResult::decision)
                .filter(decision -> decision.uuid().equals(provider(address)))
                .findFirst()
                .orElseThrow();
    }

    void useVfs() {
        devices = new Devices().pfWithVfs(0, 4).build();
        spec = VF_SPEC;
    }
}
