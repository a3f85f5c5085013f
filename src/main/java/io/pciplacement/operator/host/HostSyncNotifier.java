package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Notifier that passes the result of a host's sync to the device specs and PciAllocations that depend on it. */
@ApplicationScoped
public class HostSyncNotifier {

    private final PlacementSync placement;
    private final HostResultCache hostResults;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;

    public HostSyncNotifier(
            PlacementSync placement,
            HostResultCache hostResults,
            AllocationIndex index,
            AllocationEventSource allocationEventSource) {
        this.placement = placement;
        this.hostResults = hostResults;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
    }

    /** Stores the result of a sync with the applied specs, and triggers the affected objects. */
    void notifyResult(HostPciInventory host, HostSyncResult syncResult, List<PciDeviceSpec> specs) {
        String node = host.getMetadata().getName();
        boolean changed = hostResults.putResult(
                node, new HostResultCache.HostSyncRecord(syncResult, host.isReported(), specGenerations(specs)));
        // The evaluation of the PciAllocations on this host depends on the result.
        allocationEventSource.triggerAll(index.namesOnHost(node));
        if (syncResult instanceof HostSyncResult.Synced synced) {
            // Their consumers may have allocations on this host that do not match their devices.
            allocationEventSource.triggerAll(index.namesForConsumers(placement.consumersBelow(synced.root())));
        }
        allocationEventSource.triggerAll(
                placement.pollMissed(node) || changed ? index.onCapacityFreed() : index.revisitBlockedClaims());
    }

    private static Map<String, Long> specGenerations(List<PciDeviceSpec> specs) {
        return specs.stream()
                .collect(Collectors.toMap(
                        spec -> spec.getMetadata().getName(),
                        spec -> spec.getMetadata().getGeneration()));
    }

    void forgetHost(String node) {
        hostResults.removeHost(node);
        placement.forgetHost(node);
    }
}
