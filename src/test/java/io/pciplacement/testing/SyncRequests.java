package io.pciplacement.testing;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDiffer;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.util.List;
import java.util.Map;

/** Sync requests for completely known hosts, with a created root provider and without adoption. */
public final class SyncRequests {

    private SyncRequests() {}

    /** A host without a record and without allocated devices. */
    public static HostSyncRequest request(String node, HostDevices devices, List<DeviceSpec> specs) {
        return request(node, true, true, devices, specs, HostRecord.NONE, AllocatedDevices.NONE);
    }

    public static HostSyncRequest request(
            String node,
            boolean createRoot,
            boolean write,
            HostDevices devices,
            List<DeviceSpec> specs,
            HostRecord record,
            AllocatedDevices allocatedDevices) {
        return new HostSyncRequest(
                node,
                node,
                createRoot,
                write ? HostSyncRequest.WriteScope.PROVIDERS : HostSyncRequest.WriteScope.NONE,
                null,
                devices,
                specs,
                record,
                allocatedDevices,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY);
    }

    /** The decisions for a host without foreign providers, allocated devices, identities and cleaning records. */
    public static List<ProviderDecision> compare(
            HostDevices devices,
            Resolution resolution,
            HostProviderTree tree,
            Map<String, ObservedProvider> ownProviders) {
        return ProviderDiffer.compare(
                devices,
                resolution,
                tree,
                ownProviders,
                Map.of(),
                AdoptionContext.NONE,
                AllocatedDevices.NONE,
                DeviceIdentities.NONE,
                CleaningRecord.NONE);
    }
}
