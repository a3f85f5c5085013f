package io.pciplacement.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Tests of the record of reservations: an administrator's units stay, and the operator's are released exactly once, if
 * writes fail, the process crashes, or others write at the same time.
 */
class RecordedReservationSyncTest extends WithheldDevicesFixture {

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
        recordStore = ReservationRecordStore.READ_ONLY;
        assertThatThrownBy(this::sync).isInstanceOf(ReservationRecordStore.NotPersistedException.class);
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
    void providerThatAnotherClientDeletesIsRecreatedWithBothReservations() {
        useVfs();
        sync();
        reserve(PF, VFS, 4, 1);
        quarantine(VF1);
        HostSyncResult.Synced before = sync();
        placement.deleteProvider(provider(PF));
        host.sync.runSweep();
        snapshots = Map.of("gpu-07_" + PF, before.providers().getFirst().toSnapshot());
        sync();
        assertThat(reserved(PF)).isEqualTo(2);
        snapshots = Map.of();
        policy = ReservationPolicy.NONE;
        sync();
        assertThat(reserved(PF)).isEqualTo(1);
    }

    @Test
    void quarantineOutlivesTheObjectOfTheHost() {
        sync();
        quarantine(FIRST);
        sync();
        policy = ReservationPolicy.NONE;
        // The object was recreated.
        statusWritten = false;
        sync();
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
