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
 * Garbage collector of the Leases of agents whose nodes were deleted. The agent is deleted with its node, and the Lease
 * has no owner reference, because the agent does not know the uid of its node.
 */
@ApplicationScoped
public class AgentLeaseGarbageCollector {

    private static final Logger LOG = Logger.getLogger(AgentLeaseGarbageCollector.class);

    /** Grace period; a node may be deleted and created again. */
    private static final Duration GRACE_PERIOD = Duration.ofHours(1);

    private final KubernetesClient client;
    private final ClusterCache cluster;
    private final Clock clock;

    AgentLeaseGarbageCollector(KubernetesClient client, ClusterCache cluster, Clock clock) {
        this.client = client;
        this.cluster = cluster;
        this.clock = clock;
    }

    public void removeExpiredLeases() {
        cluster.listLeases().stream().filter(this::isAbandoned).forEach(this::deleteLease);
    }

    /** Whether an agent has written a Lease but neither its node nor the object of its host exist any more. */
    boolean isAbandoned(Lease lease) {
        String node = lease.getMetadata().getName();
        boolean expired = cluster.heartbeatAge(node, clock.instant())
                .filter(age -> age.compareTo(GRACE_PERIOD) > 0)
                .isPresent();
        return expired && isAgentLease(lease) && !cluster.hasHost(node) && !cluster.hasNode(node);
    }

    private static boolean isAgentLease(Lease lease) {
        return lease.getMetadata().getManagedFields().stream()
                .anyMatch(field -> FieldManagers.AGENT.equals(field.getManager()));
    }

    private void deleteLease(Lease lease) {
        try {
            // Not deleted if it was renewed in the meantime.
            client.resource(lease)
                    .lockResourceVersion(lease.getMetadata().getResourceVersion())
                    .delete();
            LOG.infof(
                    "deleted the Lease of the agent on node %s, which no longer exists",
                    lease.getMetadata().getName());
        } catch (KubernetesClientException e) {
            LOG.debugf("Lease %s not deleted: %s", lease.getMetadata().getName(), e.getMessage());
        }
    }
}
