package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.Devices;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests of quarantined devices and of hosts that are drained: what the operator reserves and releases. */
class WithheldDevicesSyncTest extends WithheldDevicesFixture {

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
    void reservationOfAdministratorIsTheReasonOfAnUnselectedProviderOfDrainedHost() {
        sync();
        reserve(FIRST, PLAIN, 1, 1);
        policy = new ReservationPolicy(Map.of(), true);
        spec = spec("none").product(0x1234).as("GPU").build();
        var decision = decision(sync(), FIRST);
        assertThat(decision.state()).isEqualTo(State.ORPHANED);
        // Status Ready is True with the first reason, but not with the second.
        assertThat(decision.findings())
                .extracting(Finding::reason)
                .containsExactly("ReservedByAdministrator", "Draining");
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
}
