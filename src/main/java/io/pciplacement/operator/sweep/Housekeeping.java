package io.pciplacement.operator.sweep;

import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.discovery.AllocationDiscoverer;
import io.pciplacement.operator.host.AttachmentDifferenceTracker;
import io.pciplacement.operator.host.HostPciInventoryCreator;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;

/**
 * Removes cached state of objects that no longer exist. Not every object has a finalizer, and a late reconciliation may
 * cache state of an object whose deletion was already handled; so this compares with the existing objects.
 */
@ApplicationScoped
public class Housekeeping {

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final HostResultCache hostResults;
    private final UnaccountedAllocationTracker unaccountedTracker;
    private final AttachmentDifferenceTracker differenceTracker;
    private final RetryTracker retries;
    private final HostPciInventoryCreator creator;
    private final AllocationDiscoverer discoverer;

    Housekeeping(
            ClusterCache cluster,
            AllocationIndex index,
            HostResultCache hostResults,
            UnaccountedAllocationTracker unaccountedTracker,
            AttachmentDifferenceTracker differenceTracker,
            RetryTracker retries,
            HostPciInventoryCreator creator,
            AllocationDiscoverer discoverer) {
        this.cluster = cluster;
        this.index = index;
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
    }
}
