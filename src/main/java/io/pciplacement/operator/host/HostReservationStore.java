package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;

/**
 * Record store that persists to the status of a HostPciInventory, and leaves the rest of it unchanged.
 *
 * @param host the object with its last written status
 */
record HostReservationStore(HostPciInventory host, StatusPatcher statusPatcher) implements ReservationRecordStore {

    @Override
    public void persistRecord(SortedMap<PciAddress, RecordedReservation> record) {
        HostPciInventoryStatus before = Objects.requireNonNullElse(host.getStatus(), HostPciInventoryStatus.EMPTY);
        MaintenanceStatus now = Objects.requireNonNullElse(before.maintenance(), MaintenanceStatus.EMPTY)
                .withReservations(ReservationMapper.toStatus(record));
        HostPciInventoryStatus status = before.operatorFieldsOnly(
                        Objects.requireNonNullElse(before.conditions(), List.of()))
                .withMaintenance(now);
        if (!statusPatcher.patchStatus(host, new HostPciInventory(), status)) {
            throw new NotPersistedException();
        }
    }
}
