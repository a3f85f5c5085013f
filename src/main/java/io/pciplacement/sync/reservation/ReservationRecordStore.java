package io.pciplacement.sync.reservation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.reservation.RecordedReservation;
import java.util.SortedMap;

/** Store of the record of one host's reservations. */
@FunctionalInterface
public interface ReservationRecordStore {

    /** A store for hosts that are only planned. */
    ReservationRecordStore READ_ONLY = record -> {
        throw new NotPersistedException();
    };

    /** The record was not persisted; the writes that it is for have not been executed. */
    final class NotPersistedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public NotPersistedException() {
            super("the record of the host's reservations cannot be persisted");
        }
    }

    /**
     * Persists a record so that it survives a restart. Called before a reservation in Placement changes, since its
     * units could not be distinguished from those of an administrator later.
     *
     * @param record the complete record, by the address of the provider
     * @throws NotPersistedException if the object of the host no longer exists
     */
    void persistRecord(SortedMap<PciAddress, RecordedReservation> record);
}
