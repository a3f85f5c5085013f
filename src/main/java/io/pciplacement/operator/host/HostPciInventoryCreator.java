package io.pciplacement.operator.host;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.settings.OperatorSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Creates the HostPciInventory of a node that has none. It is not owned by its Node: it outlives the Node, and with it
 * what an administrator decided and what the operator has recorded of the host.
 */
@ApplicationScoped
public class HostPciInventoryCreator {

    private static final Logger LOG = Logger.getLogger(HostPciInventoryCreator.class);

    /** Not the reconciler's: what it applies later lacks all this, and would take it away. */
    private final KubernetesClient client;

    private final ClusterCache cluster;
    private final Leadership leadership;
    private final OperatorSettings settings;

    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    public HostPciInventoryCreator(
            KubernetesClient client, ClusterCache cluster, Leadership leadership, OperatorSettings settings) {
        this.client = client;
        this.cluster = cluster;
        this.leadership = leadership;
        this.settings = settings;
    }

    /** Takes the Node out of the owners of an object, so that Kubernetes does not delete the object with it. */
    public void detach(HostPciInventory host) {
        List<OwnerReference> owners = host.getMetadata().getOwnerReferences();
        List<OwnerReference> others =
                owners.stream().filter(owner -> !owner.getKind().equals("Node")).toList();
        String name = host.getMetadata().getName();
        if (!leadership.leads() || others.size() == owners.size()) {
            return;
        }
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("resourceVersion", host.getMetadata().getResourceVersion());
        metadata.put("ownerReferences", others.isEmpty() ? null : others);
        try {
            client.resource(host)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("metadata", metadata)));
            LOG.infof("HostPciInventory %s is no longer owned by its Node", name);
        } catch (KubernetesClientException e) {
            // The next sweep tries again with a newer version.
            LOG.debugf("HostPciInventory %s still names its Node as owner: %s", name, e.getMessage());
        }
    }

    /** Forgets the failures of nodes that are gone. */
    public void retain(Predicate<String> exists) {
        failing.removeIf(exists.negate());
    }

    public void ensure(Node node) {
        String name = node.getMetadata().getName();
        if (!leadership.leads() || node.getMetadata().getDeletionTimestamp() != null || cluster.hasHost(name)) {
            return;
        }
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder().withName(name).build());
        // What is the default is not written, so that whoever sets it later owns it alone.
        HostPciInventorySpec.ReportingMode reporting =
                settings.reporting() == HostPciInventorySpec.ReportingMode.DISABLED ? null : settings.reporting();
        host.setSpec(new HostPciInventorySpec(reporting, null, null, null));
        try {
            client.resource(host).fieldManager(FieldManagers.OPERATOR_CREATE).serverSideApply();
            failing.remove(name);
            LOG.infof("made HostPciInventory %s", name);
        } catch (KubernetesClientException e) {
            // The next look at the nodes tries again; saying so once is enough.
            if (failing.add(name)) {
                LOG.warnf("no HostPciInventory for node %s yet: %s", name, e.getMessage());
            }
        }
    }
}
