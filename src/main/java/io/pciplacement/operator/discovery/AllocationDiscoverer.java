package io.pciplacement.operator.discovery;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.DiscoveredAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.attachment.AllocationDiscovery;
import io.pciplacement.planning.attachment.DiscoveryDecision;
import io.pciplacement.planning.attachment.ServerOwner;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Maintains a PciAllocation for each server that libvirt has, and triggers the PciAllocations of servers whose
 * attachments have changed.
 */
@ApplicationScoped
public class AllocationDiscoverer {

    private static final Logger LOG = Logger.getLogger(AllocationDiscoverer.class);

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final DiscoveredAllocationStore store;
    private final PlacementClient placement;
    private final DiscoveryMode mode;

    /** The servers of each host when it was last processed. */
    private final Map<String, Set<UUID>> serversByNode = new ConcurrentHashMap<>();

    @Inject
    AllocationDiscoverer(
            ClusterCache cluster,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            DiscoveredAllocationStore store,
            PlacementClient placement,
            OperatorSettings settings) {
        this(cluster, index, allocationEventSource, store, placement, settings.discovery());
    }

    /** Creates a discoverer in a given mode. */
    public AllocationDiscoverer(
            ClusterCache cluster,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            DiscoveredAllocationStore store,
            PlacementClient placement,
            DiscoveryMode mode) {
        this.cluster = cluster;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.store = store;
        this.placement = placement;
        this.mode = mode;
    }

    /**
     * Processes the servers that a host lists or has listed, and those of the objects with devices of the host.
     *
     * @return whether a write failed, so that the host must be processed again
     */
    public boolean processHost(HostPciInventory host) {
        String node = host.getMetadata().getName();
        Set<UUID> servers = new TreeSet<>(AttachmentMapper.serverUuids(host));
        Set<UUID> before =
                servers.isEmpty() ? serversByNode.remove(node) : serversByNode.put(node, Set.copyOf(servers));
        if (before != null) {
            servers.addAll(before);
        }
        allocationEventSource.triggerAll(index.namesForConsumers(servers));
        if (mode != DiscoveryMode.ALLOCATIONS) {
            return false;
        }
        index.namesOnHost(node).forEach(name -> findDiscovered(name).ifPresent(servers::add));
        boolean failed = false;
        for (UUID server : servers) {
            failed |= processServer(server);
        }
        return failed;
    }

    /** The server of an object that the operator maintains. */
    private Optional<UUID> findDiscovered(String name) {
        return index.findAllocation(name)
                .filter(DesiredAllocation::discovered)
                .map(desired -> desired.consumer().uuid());
    }

    /** Deletes the objects whose host does not exist any more. */
    public void removeOrphans() {
        if (mode != DiscoveryMode.ALLOCATIONS) {
            return;
        }
        for (String name : index.allocationNames()) {
            index.findAllocation(name)
                    .filter(DesiredAllocation::discovered)
                    .filter(desired -> desired.nodeNames().stream().noneMatch(this::exists))
                    .ifPresent(desired -> processServer(desired.consumer().uuid()));
        }
    }

    private boolean exists(String node) {
        return cluster.hasHost(node) || cluster.hasNode(node);
    }

    /** Returns whether a write failed. */
    private boolean processServer(UUID server) {
        String name = DiscoveryMetadata.nameFor(server.toString());
        Optional<PciAllocation> existing = cluster.findAllocation(name);
        if (existing.filter(Predicate.not(DiscoveryMetadata::isDiscovered)).isPresent()) {
            // A user's object has the name.
            return false;
        }
        DiscoveryDecision decision = new AllocationDiscovery(
                        cluster.sightingsOf(server),
                        existing.map(DiscoveredAllocationMapper::toServer).orElse(null),
                        index.hasOtherAllocationFor(server, name),
                        device -> isTaken(device, name),
                        this::knowledgeOf,
                        () -> findOwner(server))
                .decide();
        try {
            switch (decision) {
                case DiscoveryDecision.Keep _ -> {}
                case DiscoveryDecision.Delete _ -> existing.ifPresent(store::delete);
                case DiscoveryDecision.Write write -> {
                    PciAllocation object = DiscoveredAllocationMapper.toObject(write.server(), existing.orElse(null));
                    if (existing.isPresent()) {
                        store.replace(object);
                    } else {
                        store.create(object);
                    }
                }
            }
            return false;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                // The cache is older. A new status does not trigger the host.
                return true;
            }
            LOG.warnf("failed to write the PciAllocation of a server: allocation=%s error=%s", name, e.getMessage());
            return true;
        }
    }

    private boolean isTaken(DeviceRef device, String name) {
        return index.findHolder(device)
                .filter(holder -> !holder.name().equals(name))
                .isPresent();
    }

    /**
     * The owner of a consumer; empty if Placement does not know it, or cannot be used: then all hosts are processed
     * later.
     */
    private Optional<ServerOwner> findOwner(UUID consumer) {
        try {
            Allocation allocation = placement.getAllocation(consumer);
            return allocation.generation() == null || allocation.consumerType().equals(Allocation.MIGRATION_TYPE)
                    ? Optional.empty()
                    : Optional.of(new ServerOwner(allocation.projectId(), allocation.userId()));
        } catch (PlacementException e) {
            return Optional.empty();
        }
    }

    private Optional<Knowledge> knowledgeOf(String node) {
        return cluster.findHost(node)
                .map(AttachmentMapper::readKnowledge)
                .or(() -> cluster.hasNode(node) ? Optional.of(Knowledge.NONE) : Optional.empty());
    }

    /** Removes the state of a deleted host. */
    public void forgetHost(String node) {
        serversByNode.remove(node);
    }

    /** Removes the state of hosts that no longer exist. */
    public void retainHosts(Predicate<String> isExisting) {
        serversByNode.keySet().removeIf(isExisting.negate());
    }
}
