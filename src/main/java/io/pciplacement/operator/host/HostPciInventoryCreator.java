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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Creator of the HostPciInventory of a node that has none. The object has no owner reference to the Node, so that the
 * administrator's settings and the recorded state survive the deletion of the Node.
 */
@ApplicationScoped
public class HostPciInventoryCreator {

    /** After this time the cache contains a created object. */
    private static final Duration CACHE_DELAY = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(HostPciInventoryCreator.class);

    /**
     * Applies with a field manager of its own: the reconciler's later applies do not contain these fields and would
     * remove them.
     */
    private final KubernetesClient client;

    private final ClusterCache cluster;
    private final Leadership leadership;
    private final OperatorSettings settings;

    private final InstantSource clock;

    private final Set<String> failedNodes = ConcurrentHashMap.newKeySet();

    /** When the creation for a node was last begun. */
    private final Map<String, Instant> creations = new ConcurrentHashMap<>();

    public HostPciInventoryCreator(
            KubernetesClient client,
            ClusterCache cluster,
            Leadership leadership,
            OperatorSettings settings,
            Clock clock) {
        this.client = client;
        this.cluster = cluster;
        this.leadership = leadership;
        this.settings = settings;
        this.clock = clock;
    }

    /** Removes owner references to a Node, so that Kubernetes does not delete the object with the Node. */
    public void detachFromNode(HostPciInventory host) {
        List<OwnerReference> owners = host.getMetadata().getOwnerReferences();
        List<OwnerReference> others =
                owners.stream().filter(owner -> !owner.getKind().equals("Node")).toList();
        String name = host.getMetadata().getName();
        if (!leadership.isLeader() || others.size() == owners.size()) {
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
            // The next sweep retries with a newer version.
            LOG.debugf("HostPciInventory %s still names its Node as owner: %s", name, e.getMessage());
        }
    }

    /** Removes the state of deleted nodes. */
    public void retainNodes(Predicate<String> exists) {
        failedNodes.removeIf(exists.negate());
        creations.keySet().removeIf(exists.negate());
    }

    void forgetNode(String name) {
        failedNodes.remove(name);
        creations.remove(name);
    }

    public void ensureInventory(Node node) {
        String name = node.getMetadata().getName();
        if (!leadership.isLeader()
                || node.getMetadata().getDeletionTimestamp() != null
                || cluster.hasHost(name)
                || !beginCreation(name)) {
            return;
        }
        try {
            // The cached Node may be outdated, as after an interrupted watch. The object would remain without its Node.
            if (isPresent(node)) {
                createInventory(name);
            } else {
                creations.remove(name);
            }
            failedNodes.remove(name);
        } catch (KubernetesClientException e) {
            creations.remove(name);
            // Retried by the next sweep, so it is logged once.
            if (failedNodes.add(name)) {
                LOG.warnf("failed to create the HostPciInventory of node %s: %s", name, e.getMessage());
            }
        }
    }

    /**
     * Whether the creation is not in progress already. A second request would create the object again if a user deleted
     * it before the cache contained it.
     */
    private boolean beginCreation(String name) {
        Instant now = clock.instant();
        creations.computeIfPresent(name, (node, begun) -> now.isBefore(begun.plus(CACHE_DELAY)) ? begun : null);
        return creations.putIfAbsent(name, now) == null;
    }

    private boolean isPresent(Node cached) {
        Node latest = client.nodes().withName(cached.getMetadata().getName()).get();
        return latest != null && latest.getMetadata().getDeletionTimestamp() == null;
    }

    private void createInventory(String name) {
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder().withName(name).build());
        // The default is not written, so that a user who sets the field later is its only manager.
        HostPciInventorySpec.ReportingMode reporting =
                settings.reporting() == HostPciInventorySpec.ReportingMode.DISABLED ? null : settings.reporting();
        host.setSpec(new HostPciInventorySpec(reporting, null, null, null, null, null, null));
        client.resource(host).fieldManager(FieldManagers.OPERATOR_CREATE).serverSideApply();
        LOG.infof("created HostPciInventory %s", name);
    }
}
