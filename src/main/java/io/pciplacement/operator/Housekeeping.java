package io.pciplacement.operator;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;

/**
 * Releases what is cached or counted per object once the object is gone. Not every object has a finalizer, and a late
 * reconciliation may remember something of one whose deletion was handled already, so this compares with what exists.
 */
@ApplicationScoped
public class Housekeeping {

    private final ClusterView cluster;
    private final AllocationBook book;
    private final HostOutcomes outcomes;
    private final Sightings sightings;
    private final Retries retries;
    private final HostCreator creator;

    Housekeeping(
            ClusterView cluster,
            AllocationBook book,
            HostOutcomes outcomes,
            Sightings sightings,
            Retries retries,
            HostCreator creator) {
        this.cluster = cluster;
        this.book = book;
        this.outcomes = outcomes;
        this.sightings = sightings;
        this.retries = retries;
        this.creator = creator;
    }

    void releaseGone() {
        Set<String> allocations = book.names();
        cluster.releaseGone();
        outcomes.retain(cluster::hasHost);
        sightings.retain(cluster::hasHost);
        retries.retain(cluster::hasHost, allocations::contains);
        creator.retain(cluster::hasNode);
    }
}
