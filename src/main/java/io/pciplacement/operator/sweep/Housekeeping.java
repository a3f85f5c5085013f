package io.pciplacement.operator.sweep;

import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.discovery.AllocationDiscoverer;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.host.AttachmentDifferenceTracker;
import io.pciplacement.operator.host.HostPciInventoryCreator;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.Set;

/**
 * Removes cached state of objects that no longer exist. Not every object has a finalizer, and a late reconciliation may
 * cache state of an object whose deletion was already handled; so this compares with the existing objects. Also
 * triggers the PciAllocations with devices of a deleted host: when its deletion was handled, the host still existed.
 */
@ApplicationScoped
public class Housekeeping {

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final PlacementSync placement;
    private final HostResultCache hostResults;
    private final UnaccountedAllocationTracker unaccountedTracker;
    private final AttachmentDifferenceTracker differenceTracker;
    private final RetryTracker retries;
    private final HostPciInventoryCreator creator;
    private final AllocationDiscoverer discoverer;

    /** The hosts without an object of which PciAllocations have devices, at the last sweep. */
    private Set<String> missingHosts = Set.of();

    Housekeeping(
            ClusterCache cluster,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            PlacementSync placement,
            HostResultCache hostResults,
            UnaccountedAllocationTracker unaccountedTracker,
            AttachmentDifferenceTracker differenceTracker,
            RetryTracker retries,
            HostPciInventoryCreator creator,
            AllocationDiscoverer discoverer) {
        this.cluster = cluster;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.placement = placement;
        this.hostResults = hostResults;
        this.unaccountedTracker = unaccountedTracker;
        this.differenceTracker = differenceTracker;
        this.retries = retries;
        this.creator = creator;
        this.discoverer = discoverer;
    }

    void releaseDeletedObjects() {
        Set<String> allocations = index.allocationNames();
        cluster.releaseDeletedObjects();
        hostResults.retainHosts(cluster::hasHost);
        unaccountedTracker.retainHosts(cluster::hasHost);
        differenceTracker.retainHosts(cluster::hasHost);
        retries.retainExisting(cluster::hasHost, allocations::contains);
        creator.retainNodes(cluster::hasNode);
        discoverer.retainHosts(cluster::hasHost);
        discoverer.removeOrphans();
        placement.retainHosts(cluster::hasHost);
        triggerAllocationsOfDeletedHosts();
    }

    private void triggerAllocationsOfDeletedHosts() {
        Set<String> missing = new HashSet<>(index.nodeNames());
        missing.removeIf(cluster::hasHost);
        missing.stream()
                .filter(node -> !missingHosts.contains(node))
                .forEach(node -> allocationEventSource.triggerAll(index.namesOnHost(node)));
        missingHosts = missing;
    }
}
