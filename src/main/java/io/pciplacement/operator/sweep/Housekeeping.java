package io.pciplacement.operator.sweep;

import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.host.HostPciInventoryCreator;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;

/**
 * Releases what is cached or counted per object once the object is gone. Not every object has a finalizer, and a late
 * reconciliation may remember something of one whose deletion was handled already, so this compares with what exists.
 */
@ApplicationScoped
public class Housekeeping {

    private final ClusterCache cluster;
    private final AllocationIndex book;
    private final HostResultCache outcomes;
    private final UnaccountedAllocationTracker sightings;
    private final RetryTracker retries;
    private final HostPciInventoryCreator creator;

    Housekeeping(
            ClusterCache cluster,
            AllocationIndex book,
            HostResultCache outcomes,
            UnaccountedAllocationTracker sightings,
            RetryTracker retries,
            HostPciInventoryCreator creator) {
        this.cluster = cluster;
        this.book = book;
        this.outcomes = outcomes;
        this.sightings = sightings;
        this.retries = retries;
        this.creator = creator;
    }

    void releaseGone() {
        Set<String> allocations = book.allocationNames();
        cluster.releaseGone();
        outcomes.retain(cluster::hasHost);
        sightings.retain(cluster::hasHost);
        retries.retain(cluster::hasHost, allocations::contains);
        creator.retain(cluster::hasNode);
    }
}
