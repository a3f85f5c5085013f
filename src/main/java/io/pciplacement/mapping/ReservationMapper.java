package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.QuarantineEntry;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.ReservationStatus;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.planning.reservation.ReservationPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Mapper of the devices that a HostPciInventory withholds from consumers, and of the record of their reservations. */
public final class ReservationMapper {

    private ReservationMapper() {}

    /** Returns which devices of a host must not be allocated; an invalid address is ignored. */
    public static ReservationPolicy toPolicy(HostPciInventory host) {
        List<QuarantineEntry> entries = host.getSpec() == null || host.getSpec().quarantine() == null
                ? List.of()
                : host.getSpec().quarantine();
        SortedMap<PciAddress, String> quarantined = new TreeMap<>();
        entries.forEach(entry ->
                PciAddress.parse(entry.address()).ifPresent(address -> quarantined.put(address, entry.reason())));
        return new ReservationPolicy(quarantined, host.isDrained());
    }

    /** Returns the recorded states of the quarantined devices of a host. */
    public static List<QuarantinedDevice> quarantinedDevices(@Nullable HostPciInventoryStatus status) {
        MaintenanceStatus maintenance = status == null ? null : status.maintenance();
        return maintenance == null || maintenance.quarantinedDevices() == null
                ? List.of()
                : maintenance.quarantinedDevices();
    }

    /**
     * Returns the record of the operator's reservations, by the address of the provider; null if the operator has never
     * written the status.
     */
    static @Nullable Map<PciAddress, RecordedReservation> toRecord(@Nullable HostPciInventoryStatus status) {
        if (status == null || (status.observedGeneration() == null && status.maintenance() == null)) {
            return null;
        }
        return toRecord(status.maintenance());
    }

    private static Map<PciAddress, RecordedReservation> toRecord(@Nullable MaintenanceStatus maintenance) {
        Map<PciAddress, RecordedReservation> recorded = new HashMap<>();
        if (maintenance != null) {
            for (ReservationStatus row :
                    Objects.requireNonNullElse(maintenance.reservations(), List.<ReservationStatus>of())) {
                PciAddress.parse(row.address())
                        .ifPresent(address -> recorded.put(
                                address,
                                new RecordedReservation(row.administrator(), row.units(), row.previousUnits())));
            }
        }
        return recorded;
    }

    /** Returns the record for the status, ordered by address; null if it is empty. */
    public static @Nullable List<ReservationStatus> toStatus(SortedMap<PciAddress, RecordedReservation> record) {
        return record.isEmpty()
                ? null
                : record.entrySet().stream()
                        .map(entry -> new ReservationStatus(
                                entry.getKey().toString(),
                                entry.getValue().administrator(),
                                entry.getValue().units(),
                                entry.getValue().previousUnits()))
                        .toList();
    }
}
