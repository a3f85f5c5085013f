package io.pciplacement.operator.sweep;

import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.text.CountFormat;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Part of the sweep that detects changes in Placement by other clients and triggers the affected objects. */
@ApplicationScoped
public class PlacementSweeper {

    private static final Logger LOG = Logger.getLogger(PlacementSweeper.class);

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final AllocationIndex index;
    private final HostEventSource hostEventSource;
    private final AllocationEventSource allocationEventSource;

    public PlacementSweeper(
            ClusterCache cluster,
            PlacementSync placement,
            AllocationIndex index,
            HostEventSource hostEventSource,
            AllocationEventSource allocationEventSource) {
        this.cluster = cluster;
        this.placement = placement;
        this.index = index;
        this.hostEventSource = hostEventSource;
        this.allocationEventSource = allocationEventSource;
    }

    /** Triggers the affected hosts; all, if Placement has become available or unavailable. */
    public void sweepPlacement() {
        PlacementSync.Sweep sweep = placement.runSweep();
        if (sweep.stateChanged()) {
            logPlacementState();
            cluster.listHosts()
                    .forEach(host -> hostEventSource.trigger(host.getMetadata().getName()));
            // Not every PciAllocation has devices on a host that would trigger it.
            allocationEventSource.triggerAll(index.allocationNames());
        } else {
            sweep.nodes().forEach(hostEventSource::trigger);
        }
    }

    boolean isPlacementAvailable() {
        return placement.placementState() instanceof PlacementState.Available;
    }

    /** Reads the standard names only, for a standby. Returns whether Placement is available. */
    boolean loadNames() {
        return placement.loadNames();
    }

    private void logPlacementState() {
        switch (placement.placementState()) {
            case PlacementState.Available available ->
                LOG.infof(
                        "Placement is available; the operator manages %s",
                        CountFormat.format(placement.providerCount(), "provider"));
            case PlacementState.Unavailable unavailable ->
                LOG.warnf("Placement is unavailable: %s: %s", unavailable.reason(), unavailable.message());
            case PlacementState.Connecting w -> LOG.info("connecting to Placement");
        }
    }
}
