package io.pciplacement.sync.host;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Request to synchronize one host.
 *
 * @param node the node's name
 * @param rootName the name of the host's root provider
 * @param createRoot whether to create that provider if it is missing
 * @param writeScope what may be written to Placement
 * @param missing the missing prerequisite that prevents a decision; null if everything is known
 * @param specs the specs whose node selector selects the node
 * @param record state persisted in the host's object
 * @param allocatedDevices the devices of the host that are allocated
 * @param adoptMode whether providers of Nova may be adopted
 * @param attachments the devices of the host that libvirt has attached to servers
 * @param reservationPolicy the devices that must not be allocated
 * @param reservationRecordStore where the record of the operator's reservations is persisted
 */
public record HostSyncRequest(
        String node,
        String rootName,
        boolean createRoot,
        WriteScope writeScope,
        @Nullable Missing missing,
        HostDevices devices,
        List<DeviceSpec> specs,
        HostRecord record,
        AllocatedDevices allocatedDevices,
        AdoptionContext.Mode adoptMode,
        HostAttachments attachments,
        ReservationPolicy reservationPolicy,
        ReservationRecordStore reservationRecordStore) {

    /** What may be written to Placement for a host. */
    public enum WriteScope {
        /** Nothing: changes are only planned. */
        NONE,
        /** Reservations of whole devices; nova-compute writes everything else. */
        RESERVATIONS,
        /** The whole provider tree. */
        PROVIDERS
    }

    /** Prerequisite of a decision about a host. */
    public enum Missing {
        /** The Node does not exist, so its labels, and therefore the specs that select it, are unknown. */
        NODE("its Node does not exist or is not selected by the operator's node selector"),
        /** No agent has published a device list for its object. */
        DEVICE_LIST("no agent has published a device list for its HostPciInventory");

        private final String reason;

        Missing(String reason) {
            this.reason = reason;
        }

        /** The reason as part of a sentence. */
        public String explanation() {
            return reason;
        }
    }

    public HostSyncRequest {
        specs = List.copyOf(specs);
    }

    /** Whether the operator writes the provider tree. */
    boolean writesProviders() {
        return writeScope == WriteScope.PROVIDERS;
    }

    /** Whether nova-compute writes the provider tree. */
    public boolean isManagedByNova() {
        return writeScope == WriteScope.RESERVATIONS;
    }

    /** Whether changes are only planned. */
    public boolean isDryRun() {
        return writeScope == WriteScope.NONE;
    }

    /** The same request, without writes. */
    public HostSyncRequest asDryRun() {
        return new HostSyncRequest(
                node,
                rootName,
                createRoot,
                WriteScope.NONE,
                missing,
                devices,
                specs,
                record,
                allocatedDevices,
                adoptMode,
                attachments,
                reservationPolicy,
                reservationRecordStore);
    }
}
