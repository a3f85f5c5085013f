package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.host.AttachmentDifferenceTracker.Verdict;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.attachment.AttachmentAudit;
import io.pciplacement.planning.attachment.AttachmentDifference;
import io.pciplacement.planning.attachment.DifferenceType;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Comparison of the devices of a host's servers with their allocations. */
@ApplicationScoped
public class AttachmentComparison {

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final PlacementClient placementClient;
    private final AttachmentDifferenceTracker tracker;
    private final DiscoveryMode mode;
    private final Clock clock;

    @Inject
    AttachmentComparison(
            ClusterCache cluster,
            PlacementSync placement,
            PlacementClient placementClient,
            AttachmentDifferenceTracker tracker,
            OperatorSettings settings,
            Clock clock) {
        this(cluster, placement, placementClient, tracker, settings.discovery(), clock);
    }

    /** Creates a comparison in a given mode. */
    public AttachmentComparison(
            ClusterCache cluster,
            PlacementSync placement,
            PlacementClient placementClient,
            AttachmentDifferenceTracker tracker,
            DiscoveryMode mode,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.placementClient = placementClient;
        this.tracker = tracker;
        this.mode = mode;
        this.clock = clock;
    }

    /** Compares a host that was synced; without a result of a sync, the previous differences stay. */
    AttachmentDifferenceTracker.Snapshot compare(HostPciInventory host, HostSyncResult syncResult) {
        if (mode == DiscoveryMode.OFF || AttachmentMapper.readKnowledge(host) == HostAttachments.Knowledge.NONE) {
            forgetHost(host.getMetadata().getName());
            return AttachmentDifferenceTracker.Snapshot.NONE;
        }
        if (!(syncResult instanceof HostSyncResult.Synced synced)) {
            return AttachmentDifferenceTracker.Snapshot.fromStatus(host.getStatus());
        }
        Map<String, ObservedProvider> providers = placement.providersBelow(synced.root());
        List<AttachmentDifference> differences = new AttachmentAudit(this::isMoving, _ -> false)
                .compare(new AttachmentAudit.Host(
                        host.rootProviderName(),
                        cluster.publishedDevices(host),
                        AttachmentMapper.toAttachments(host),
                        trackedAddresses(synced),
                        unitsByAddress(providers)));
        return tracker.update(
                host.getMetadata().getName(),
                differences,
                host.getStatus(),
                difference -> check(difference, providers),
                clock.instant());
    }

    private boolean isMoving(UUID server) {
        return cluster.sightingsOf(server).size() > 1;
    }

    private static Set<PciAddress> trackedAddresses(HostSyncResult.Synced synced) {
        Set<PciAddress> tracked = new HashSet<>();
        synced.providers()
                .forEach(result ->
                        ProviderName.findAddress(result.decision().name()).ifPresent(tracked::add));
        return tracked;
    }

    private static Map<PciAddress, Map<UUID, Integer>> unitsByAddress(Map<String, ObservedProvider> providers) {
        Map<PciAddress, Map<UUID, Integer>> units = new HashMap<>();
        providers.forEach((name, observed) -> ProviderName.findAddress(name)
                .ifPresent(
                        address -> units.put(address, AttachmentAudit.Host.unitsByConsumer(observed.allocations()))));
        return units;
    }

    /** The cached allocations of a provider may be old: a release does not change the provider's generation. */
    private Verdict check(AttachmentDifferenceStatus difference, Map<String, ObservedProvider> providers) {
        if (!difference.type().equals(DifferenceType.ALLOCATED_NOT_ATTACHED.value())) {
            return Verdict.CONFIRMED;
        }
        ObservedProvider provider = providers.get(difference.provider());
        Optional<Allocation> now = readAllocation(UUID.fromString(difference.consumerUuid()));
        if (provider == null
                || now.filter(allocation -> allocation.resources().containsKey(provider.uuid()))
                        .isEmpty()) {
            return Verdict.OUTDATED;
        }
        return now.get().consumerType().equals(Allocation.MIGRATION_TYPE) ? Verdict.MIGRATION : Verdict.CONFIRMED;
    }

    /** The allocation of a consumer; empty if Placement cannot be used. */
    private Optional<Allocation> readAllocation(UUID consumer) {
        try {
            return Optional.of(placementClient.getAllocation(consumer));
        } catch (PlacementException e) {
            // The sweep reports it.
            return Optional.empty();
        }
    }

    /** The servers that libvirt has on a host, whose devices are known without a PciAllocation. */
    Set<UUID> knownServers(HostPciInventory host) {
        return mode == DiscoveryMode.OFF || AttachmentMapper.readKnowledge(host) == HostAttachments.Knowledge.NONE
                ? Set.of()
                : new HashSet<>(AttachmentMapper.serverUuids(host));
    }

    Set<UUID> migrations(String node) {
        return tracker.migrations(node);
    }

    void forgetHost(String node) {
        tracker.forgetHost(node);
    }
}
