package io.pciplacement.operator.cluster;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.FieldManagers;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Removes the heartbeats of agents whose nodes are gone. An agent cannot: it went with its node; and nobody owns its
 * Lease, for it does not know its node's uid.
 */
@ApplicationScoped
public class AgentLeaseGarbageCollector {

    private static final Logger LOG = Logger.getLogger(AgentLeaseGarbageCollector.class);

    /** A node may be deleted and come again; its heartbeat costs nothing for that long. */
    private static final Duration SILENT = Duration.ofHours(1);

    private final KubernetesClient client;
    private final ClusterCache cluster;
    private final Clock clock;

    AgentLeaseGarbageCollector(KubernetesClient client, ClusterCache cluster, Clock clock) {
        this.client = client;
        this.cluster = cluster;
        this.clock = clock;
    }

    public void collect() {
        for (Lease lease : cluster.leases()) {
            String node = lease.getMetadata().getName();
            boolean silent = cluster.sinceHeartbeat(node, clock.instant())
                    .filter(age -> age.compareTo(SILENT) > 0)
                    .isPresent();
            if (silent && isHeartbeat(lease) && !cluster.hasHost(node) && !cluster.hasNode(node)) {
                remove(lease);
            }
        }
    }

    private static boolean isHeartbeat(Lease lease) {
        return lease.getMetadata().getManagedFields().stream()
                .anyMatch(field -> FieldManagers.AGENT.equals(field.getManager()));
    }

    private void remove(Lease lease) {
        try {
            // If it was renewed since, it stays.
            client.resource(lease)
                    .lockResourceVersion(lease.getMetadata().getResourceVersion())
                    .delete();
            LOG.infof(
                    "removed the heartbeat of node %s, which is gone",
                    lease.getMetadata().getName());
        } catch (KubernetesClientException e) {
            LOG.debugf("Lease %s not removed: %s", lease.getMetadata().getName(), e.getMessage());
        }
    }
}
