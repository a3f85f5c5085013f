package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncRequest.Missing;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mapper from a HostPciInventory to the request to synchronize it with Placement. */
public final class HostSyncRequestMapper {

    private HostSyncRequestMapper() {}

    /**
     * Creates the request to synchronize a host.
     *
     * @param nodeExists whether the host's Node exists
     * @param specs the specs whose node selector selects the host
     * @param recordedAllocations the allocations of the host's providers that are recorded in statuses; NONE to read
     *     them from Placement
     * @param reservationRecordStore where the record of the operator's reservations is persisted
     */
    public static HostSyncRequest toSyncRequest(
            HostPciInventory host,
            boolean nodeExists,
            HostDevices devices,
            List<DeviceSpec> specs,
            AllocatedDevices allocatedDevices,
            HostRecord.Allocations recordedAllocations,
            ReservationRecordStore reservationRecordStore) {
        return buildRequest(
                host,
                findMissing(host, nodeExists),
                devices,
                specs,
                allocatedDevices,
                recordedAllocations,
                ReservationMapper.toPolicy(host),
                reservationRecordStore);
    }

    /** Creates the request to remove a host, which needs no prerequisites and withholds no devices any more. */
    public static HostSyncRequest toRemovalRequest(
            HostPciInventory host, AllocatedDevices allocatedDevices, ReservationRecordStore reservationRecordStore) {
        return buildRequest(
                host,
                null,
                HostDevices.NONE,
                List.of(),
                allocatedDevices,
                HostRecord.Allocations.NONE,
                ReservationPolicy.NONE,
                reservationRecordStore);
    }

    private static HostSyncRequest buildRequest(
            HostPciInventory host,
            @Nullable Missing missing,
            HostDevices devices,
            List<DeviceSpec> specs,
            AllocatedDevices allocatedDevices,
            HostRecord.Allocations recordedAllocations,
            ReservationPolicy reservationPolicy,
            ReservationRecordStore reservationRecordStore) {
        return new HostSyncRequest(
                host.getMetadata().getName(),
                host.rootProviderName(),
                host.createsRootProvider(),
                writeScope(host),
                missing,
                devices,
                specs,
                HostStatusReader.readHostRecord(host, recordedAllocations),
                allocatedDevices,
                HostStatusReader.readAdoptMode(host),
                AttachmentMapper.toAttachments(host),
                reservationPolicy,
                reservationRecordStore);
    }

    private static @Nullable Missing findMissing(HostPciInventory host, boolean nodeExists) {
        if (!nodeExists) {
            return Missing.NODE;
        }
        return host.hasDeviceList() ? null : Missing.DEVICE_LIST;
    }

    private static HostSyncRequest.WriteScope writeScope(HostPciInventory host) {
        if (!host.isWriteAllowed()) {
            return HostSyncRequest.WriteScope.NONE;
        }
        return host.isManagedByNova() ? HostSyncRequest.WriteScope.RESERVATIONS : HostSyncRequest.WriteScope.PROVIDERS;
    }
}
