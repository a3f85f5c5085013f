package io.pciplacement.sync.reservation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.reservation.RecordedReservation;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tracker of the recorded reservations of each host. It persists changes before they are written to Placement, and
 * keeps the record in memory, so that the deletion of a host's object does not lose it.
 */
public final class ReservationTracker {

    private final Map<String, SortedMap<PciAddress, RecordedReservation>> recordByNode = new ConcurrentHashMap<>();

    /**
     * Returns the record of a host.
     *
     * @param persisted the record in the host's object; null if the operator has never written the object's status
     */
    public SortedMap<PciAddress, RecordedReservation> findRecord(
            String node, @Nullable Map<PciAddress, RecordedReservation> persisted) {
        return persisted == null ? recordByNode.getOrDefault(node, new TreeMap<>()) : new TreeMap<>(persisted);
    }

    /** Persists a record that differs from the known one. */
    public void persistRecord(
            String node,
            SortedMap<PciAddress, RecordedReservation> known,
            SortedMap<PciAddress, RecordedReservation> record,
            ReservationRecordStore store) {
        if (!record.equals(known)) {
            store.persistRecord(record);
            keepInMemory(node, record);
        }
    }

    /** Keeps a record in memory for the lifetime of the process. */
    public void keepInMemory(String node, SortedMap<PciAddress, RecordedReservation> record) {
        if (record.isEmpty()) {
            recordByNode.remove(node);
        } else {
            recordByNode.put(node, record);
        }
    }
}
