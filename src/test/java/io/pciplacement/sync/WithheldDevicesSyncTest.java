package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of quarantined devices and of hosts that are drained: what the operator reserves and releases. */
class WithheldDevicesSyncTest {

    private static final PciAddress FIRST = Devices.at("0000:00:00.0");
    private static final PciAddress PF = Devices.at("0000:81:00.0");
    private static final PciAddress VF1 = Devices.at("0000:81:00.1");
    private static final PciAddress VF2 = Devices.at("0000:81:00.2");
    private static final DeviceSpec VF_SPEC = spec("vfs").product(Devices.VF).build();
    private static final ResourceClass VFS = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final UUID ROOT = ProviderUuid.ofRoot("gpu-07");

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final FakePlacement placement = host.placement;

    /** What the operator has recorded in the status; lost writes of the status do not change it. */
    private SortedMap<PciAddress, RecordedReservation> status = new TreeMap<>();

    private final List<SortedMap<PciAddress, RecordedReservation>> persisted = new ArrayList<>();
    private HostDevices devices = SingleHostFixture.plainDevices(2);
    private DeviceSpec spec = PLAIN_SPEC;
    private AllocatedDevices allocated = AllocatedDevices.NONE;
    private ReservationPolicy policy = ReservationPolicy.NONE;

    private void quarantine(PciAddress... addresses) {
        SortedMap<PciAddress, String> reasons = new TreeMap<>();
        for (PciAddress address : addresses) {
            reasons.put(address, "ECC errors");
        }
        policy = new ReservationPolicy(reasons, false);
    }

    private HostSyncRequest request(HostSyncRequest.WriteScope scope) {
        return new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                true,
                scope,
                null,
                devices,
                List.of(spec),
                new HostRecord(Map.of(), DeviceIdentities.NONE, CleaningRecord.NONE, status, null),
                allocated,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                policy,
                record -> {
                    persisted.add(record);
                    status = record;
                });
    }

    private HostSyncResult.Synced sync() {
        return sync(HostSyncRequest.WriteScope.PROVIDERS);
    }

    private HostSyncResult.Synced sync(HostSyncRequest.WriteScope scope) {
        HostSyncResult.Synced synced = host.syncHost(request(scope));
        status = synced.reservations();
        return synced;
    }

    /** A new process whose predecessor has persisted what it had to, and nothing after its last write. */
    private void restart() {
        host.restart(OwnershipTraits.DEFAULT);
    }

    private static UUID provider(PciAddress address) {
        return ProviderUuid.ofChild(ROOT, "gpu-07_" + address);
    }

    private int reserved(PciAddress address) {
        return placement.getInventories(provider(address)).byClass().values().stream()
                .mapToInt(Inventory::reserved)
                .sum();
    }

    private void reserve(PciAddress address, ResourceClass resourceClass, int total, int units) {
        placement.putInventories(
                provider(address),
                new ProviderInventories(
                        placement.getInventories(provider(address)).generation(),
                        new TreeMap<>(Map.of(resourceClass, Inventory.of(total, units)))));
        host.sync.runSweep();
    }

    private static ProviderDecision decision(HostSyncResult.Synced synced, PciAddress address) {
        return synced.providers().stream()
                .map(HostSyncResult.ProviderResult::decision)
                .filter(decision -> decision.uuid().equals(provider(address)))
                .findFirst()
                .orElseThrow();
    }

    private void useVfs() {
        devices = new Devices().pfWithVfs(0, 4).build();
        spec = VF_SPEC;
    }

    @Test
    void freeDeviceIsReservedAndItsNeighbourIsNot() {
        sync();
        quarantine(FIRST);
        HostSyncResult.Synced synced = sync();
        assertThat(reserved(FIRST)).isEqualTo(1);
        assertThat(reserved(Devices.at("0000:00:01.0"))).isZero();
        assertThat(decision(synced, FIRST).state()).isEqualTo(State.QUARANTINED);
        assertThat(decision(synced, FIRST).findings().stream().map(Finding::message))
                .singleElement()
                .asString()
                .contains("gpu-07_0000:00:00.0", "0000:00:00.0 (ECC errors)", "pci release");
        policy = ReservationPolicy.NONE;
        assertThat(decision(sync(), FIRST).state()).isEqualTo(State.WANTED);
        assertThat(reserved(FIRST)).isZero();
        assertThat(status).isEmpty();
    }

    @Test
    void deviceIsQuarantinedBeforeItsProviderExists() {
        quarantine(FIRST);
        sync();
        assertThat(reserved(FIRST)).isEqualTo(1);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void reservationIsRecordedBeforeItIsWritten() {
        sync();
        persisted.clear();
        quarantine(FIRST);
        placement.before = request -> assertThat(persisted).hasSize(request.startsWith("PUT") ? 1 : persisted.size());
        sync();
        assertThat(persisted).containsExactly(new TreeMap<>(Map.of(FIRST, new RecordedReservation(0, 1, 0))));
        assertThat(status).containsExactly(Map.entry(FIRST, RecordedReservation.written(0, 1)));
        persisted.clear();
        sync();
        assertThat(persisted).isEmpty();
    }

    @Test
    void nothingIsWrittenIfTheRecordCannotBePersisted() {
        sync();
        quarantine(FIRST);
        HostSyncRequest broken = new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                true,
                HostSyncRequest.WriteScope.PROVIDERS,
                null,
                devices,
                List.of(spec),
                HostRecord.NONE,
                allocated,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                policy,
                ReservationRecordStore.READ_ONLY);
        assertThatThrownBy(() -> host.syncHost(broken))
                .isInstanceOf(ReservationRecordStore.NotPersistedException.class);
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void crashAfterTheWriteLosesNothing() {
        sync();
        quarantine(FIRST);
        host.syncHost(request(HostSyncRequest.WriteScope.PROVIDERS));
        // The status still has the record from before the write.
        assertThat(status).containsExactly(Map.entry(FIRST, new RecordedReservation(0, 1, 0)));
        restart();
        assertThat(reserved(FIRST)).isEqualTo(1);
        policy = ReservationPolicy.NONE;
        host.syncHost(request(HostSyncRequest.WriteScope.PROVIDERS));
        assertThat(reserved(FIRST)).isZero();
        restart();
        sync();
        assertThat(reserved(FIRST)).isZero();
        assertThat(status).isEmpty();
    }

    @Test
    void reservationOfAnAdministratorStays() {
        useVfs();
        sync();
        reserve(PF, VFS, 4, 2);
        quarantine(VF1);
        sync();
        assertThat(reserved(PF)).isEqualTo(3);
        // A crash before the release is confirmed: the administrator's units must not be counted twice.
        policy = ReservationPolicy.NONE;
        host.syncHost(request(HostSyncRequest.WriteScope.PROVIDERS));
        assertThat(reserved(PF)).isEqualTo(2);
        restart();
        sync();
        assertThat(reserved(PF)).isEqualTo(2);
        assertThat(status).isEmpty();
    }

    @Test
    void administratorChangesTheReservationDuringTheQuarantine() {
        useVfs();
        sync();
        quarantine(VF1);
        sync();
        reserve(PF, VFS, 4, 3);
        sync();
        assertThat(reserved(PF)).isEqualTo(3);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(2);
        quarantine(VF1, VF2);
        sync();
        reserve(PF, VFS, 4, 0);
        sync();
        assertThat(reserved(PF)).isEqualTo(2);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isZero();
    }

    @Test
    void addressOfPfIncludesItsVfs() {
        useVfs();
        sync();
        reserve(PF, VFS, 4, 1);
        quarantine(PF);
        sync();
        assertThat(reserved(PF)).isEqualTo(4);
        devices = new Devices().pfWithVfs(0, 6).build();
        sync();
        assertThat(reserved(PF)).isEqualTo(6);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }

    @Test
    void allocatedVfIsReservedOnceItsConsumerReleasesIt() {
        useVfs();
        sync();
        UUID consumer = UUID.randomUUID();
        host.allocate(consumer, provider(PF), VFS);
        host.sync.runSweep();
        allocated = new AllocatedDevices(Map.of(consumer, Set.of(VF1)));
        quarantine(VF1, VF2);
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
        placement.deleteAllocations(consumer);
        host.sync.runSweep();
        allocated = AllocatedDevices.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(2);
    }

    @Test
    void vfWithoutAllocationInPlacementIsReserved() {
        useVfs();
        sync();
        allocated = new AllocatedDevices(Map.of(UUID.randomUUID(), Set.of(VF1)));
        quarantine(VF1);
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
        UUID consumer = UUID.randomUUID();
        host.allocate(consumer, provider(PF), VFS);
        host.sync.runSweep();
        allocated = new AllocatedDevices(Map.of(consumer, Set.of(VF1)), Set.of(VF1));
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }

    @Test
    void deviceThatDisappearsReturnsReserved() {
        sync();
        quarantine(FIRST);
        sync();
        devices = HostDevices.NONE;
        sync();
        devices = SingleHostFixture.plainDevices(2);
        sync();
        assertThat(reserved(FIRST)).isEqualTo(1);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void providerThatAnotherClientDeletesIsRecreatedWithBothReservations() {
        useVfs();
        sync();
        reserve(PF, VFS, 4, 1);
        quarantine(VF1);
        HostSyncResult.Synced before = sync();
        placement.deleteProvider(provider(PF));
        host.sync.runSweep();
        HostSyncRequest now = request(HostSyncRequest.WriteScope.PROVIDERS);
        HostSyncResult.Synced synced = host.syncHost(new HostSyncRequest(
                now.node(),
                now.rootName(),
                true,
                now.writeScope(),
                null,
                devices,
                now.specs(),
                new HostRecord(
                        Map.of("gpu-07_" + PF, before.providers().getFirst().toSnapshot()),
                        DeviceIdentities.NONE,
                        CleaningRecord.NONE,
                        status,
                        null),
                allocated,
                now.adoptMode(),
                now.attachments(),
                policy,
                now.reservationRecordStore()));
        assertThat(reserved(PF)).isEqualTo(2);
        status = synced.reservations();
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }

    @Test
    void changeOfClassKeepsTheQuarantine() {
        sync();
        quarantine(FIRST);
        sync();
        spec = spec("plain").product(Devices.PCI).as("GPU").traits("A").build();
        sync();
        assertThat(reserved(FIRST)).isEqualTo(1);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void drainReservesEverythingAndReleasesIt() {
        sync();
        reserve(FIRST, PLAIN, 1, 1);
        UUID consumer = UUID.randomUUID();
        host.allocate(consumer, provider(Devices.at("0000:00:01.0")), PLAIN);
        host.sync.runSweep();
        policy = new ReservationPolicy(Map.of(), true);
        HostSyncResult.Synced synced = sync();
        assertThat(reserved(Devices.at("0000:00:01.0"))).isEqualTo(1);
        assertThat(decision(synced, FIRST).state()).isEqualTo(State.WANTED);
        assertThat(decision(synced, FIRST).findings())
                .extracting(Finding::reason)
                .containsExactly("Draining");
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(FIRST)).isEqualTo(1);
        assertThat(reserved(Devices.at("0000:00:01.0"))).isZero();
    }

    @Test
    void quarantineOutlivesTheObjectOfTheHost() {
        sync();
        quarantine(FIRST);
        sync();
        policy = ReservationPolicy.NONE;
        // The object was recreated: the operator has never written its status.
        HostSyncRequest now = request(HostSyncRequest.WriteScope.PROVIDERS);
        host.syncHost(new HostSyncRequest(
                now.node(),
                now.rootName(),
                true,
                now.writeScope(),
                null,
                devices,
                now.specs(),
                new HostRecord(Map.of(), DeviceIdentities.NONE, CleaningRecord.NONE, null, null),
                allocated,
                now.adoptMode(),
                now.attachments(),
                policy,
                now.reservationRecordStore()));
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void rejectedWriteLeavesTheRecordUnchanged() {
        sync();
        quarantine(FIRST);
        placement.before = request -> {
            if (request.startsWith("PUT")) {
                throw new PlacementException.Rejected("no");
            }
        };
        HostSyncResult.Synced synced = sync();
        placement.before = request -> {};
        assertThat(reserved(FIRST)).isZero();
        assertThat(synced.reservations()).isEmpty();
        sync();
        assertThat(reserved(FIRST)).isEqualTo(1);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void planShowsTheReservationAndWritesNothing() {
        sync();
        persisted.clear();
        quarantine(FIRST);
        placement.requests.clear();
        HostSyncResult.Synced planned = host.syncHost(request(HostSyncRequest.WriteScope.NONE));
        assertThat(decision(planned, FIRST).reservedUnits()).isEqualTo(1);
        assertThat(planned.reservations()).isEmpty();
        assertThat(placement.requests).noneMatch(request -> request.startsWith("PUT"));
        assertThat(persisted).isEmpty();
    }

    @Test
    void novaModeWithholdsWholeDevicesOnly() {
        useVfs();
        sync();
        quarantine(VF1);
        sync(HostSyncRequest.WriteScope.RESERVATIONS);
        assertThat(reserved(PF)).isZero();
        quarantine(PF);
        sync(HostSyncRequest.WriteScope.RESERVATIONS);
        assertThat(reserved(PF)).isEqualTo(4);
        policy = ReservationPolicy.NONE;
        sync(HostSyncRequest.WriteScope.RESERVATIONS);
        assertThat(reserved(PF)).isZero();
    }

    @Test
    void novaModeRestoresAReservationThatNovaDrops() {
        sync();
        quarantine(FIRST);
        sync(HostSyncRequest.WriteScope.RESERVATIONS);
        reserve(FIRST, PLAIN, 1, 0);
        sync(HostSyncRequest.WriteScope.RESERVATIONS);
        assertThat(reserved(FIRST)).isEqualTo(1);
        policy = ReservationPolicy.NONE;
        sync(HostSyncRequest.WriteScope.RESERVATIONS);
        assertThat(reserved(FIRST)).isZero();
    }

    @Test
    void uncertainChangeIsResolvedBeforeTheNextOne() {
        useVfs();
        sync();
        quarantine(VF1);
        sync();
        quarantine(VF1, VF2);
        placement.before = request -> {
            if (request.startsWith("PUT")) {
                throw new PlacementException.Unreachable("lost");
            }
        };
        host.sync.syncHost(request(HostSyncRequest.WriteScope.PROVIDERS));
        placement.before = request -> {};
        assertThat(status).containsExactly(Map.entry(PF, new RecordedReservation(0, 2, 1)));
        restart();
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isZero();
        assertThat(status).isEmpty();
    }

    /** The operator has not noticed the administrator's reservation when it drains the host. */
    @Test
    void reservationThatIsNotNoticedYetIsTheAdministrators() {
        useVfs();
        sync();
        quarantine(VF1);
        sync();
        placement.reserve(provider(PF), VFS, 2);
        policy = new ReservationPolicy(Map.of(), true);
        sync();
        assertThat(reserved(PF)).isEqualTo(4);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }

    @Test
    void reservationDuringAWriteIsTheAdministrators() {
        useVfs();
        sync();
        placement.before = request -> {
            if (request.startsWith("PUT")) {
                placement.before = other -> {};
                placement.reserve(provider(PF), VFS, 1);
            }
        };
        quarantine(VF1);
        sync();
        assertThat(reserved(PF)).isEqualTo(2);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }

    @Test
    void reservationThatIsNotNoticedSurvivesACrashBeforeTheWrite() {
        useVfs();
        sync();
        quarantine(VF1);
        sync();
        placement.reserve(provider(PF), VFS, 2);
        quarantine(VF1, VF2);
        placement.before = request -> {
            if (request.startsWith("PUT")) {
                throw new IllegalStateException("killed");
            }
        };
        assertThatThrownBy(() -> host.sync.syncHost(request(HostSyncRequest.WriteScope.PROVIDERS)))
                .hasMessage("killed");
        placement.before = request -> {};
        restart();
        sync();
        assertThat(reserved(PF)).isEqualTo(3);
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }
}
