package io.pciplacement.operator.sweep;

import io.fabric8.kubernetes.api.model.Node;
import io.pciplacement.operator.cluster.AgentLeaseGarbageCollector;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.host.HostPciInventoryCreator;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * Part of the sweep that compares the operator's objects with the cluster: creates missing HostPciInventories, deletes
 * state of objects that no longer exist, and triggers the hosts whose agent's heartbeat has stopped or resumed.
 */
@ApplicationScoped
public class ClusterSweeper {

    private final ClusterCache cluster;
    private final HostPciInventoryCreator creator;
    private final AgentLeaseGarbageCollector leaseCollector;
    private final Housekeeping housekeeping;
    private final HostEventSource hostEventSource;
    private final Clock clock;

    /** States at the last sweep, by node; used by the sweep thread only. */
    private final Map<String, Heartbeat> heartbeats = new HashMap<>();

    ClusterSweeper(
            ClusterCache cluster,
            HostPciInventoryCreator creator,
            AgentLeaseGarbageCollector leaseCollector,
            Housekeeping housekeeping,
            HostEventSource hostEventSource,
            Clock clock) {
        this.cluster = cluster;
        this.creator = creator;
        this.leaseCollector = leaseCollector;
        this.housekeeping = housekeeping;
        this.hostEventSource = hostEventSource;
        this.clock = clock;
    }

    void sweepCluster() {
        for (Node node : cluster.listNodes()) {
            creator.ensureInventory(node);
        }
        leaseCollector.removeExpiredLeases();
        housekeeping.releaseDeletedObjects();
        heartbeats.keySet().removeIf(name -> !cluster.hasHost(name));
        cluster.listHosts().forEach(host -> {
            creator.detachFromNode(host);
            String name = host.getMetadata().getName();
            Heartbeat now = cluster.heartbeatState(name, clock.instant());
            if (heartbeats.put(name, now) != now) {
                hostEventSource.trigger(name);
            }
        });
    }
}
