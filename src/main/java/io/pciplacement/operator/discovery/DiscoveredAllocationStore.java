package io.pciplacement.operator.discovery;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.leader.Leadership;
import jakarta.enterprise.context.ApplicationScoped;

/** The PciAllocations that the operator maintains, in the API server. */
@ApplicationScoped
public class DiscoveredAllocationStore {

    private final KubernetesClient client;
    private final Leadership leadership;

    public DiscoveredAllocationStore(KubernetesClient client, Leadership leadership) {
        this.client = client;
        this.leadership = leadership;
    }

    /** Creates an object; fails with a conflict if it exists. */
    public void create(PciAllocation object) {
        leadership.executeAsLeader(() -> client.resource(object).create());
    }

    /** Replaces an object; fails with a conflict if it has changed since it was read. */
    public void replace(PciAllocation object) {
        leadership.executeAsLeader(() -> client.resource(object)
                .lockResourceVersion(object.getMetadata().getResourceVersion())
                .update());
    }

    /** Deletes an object; fails with a conflict if it has changed since it was read. */
    public void delete(PciAllocation object) {
        leadership.executeAsLeader(() -> client.resource(object)
                .lockResourceVersion(object.getMetadata().getResourceVersion())
                .delete());
    }
}
