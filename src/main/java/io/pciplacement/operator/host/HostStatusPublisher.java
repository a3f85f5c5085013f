package io.pciplacement.operator.host;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.novaconfig.NovaConfigResult;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.operator.status.StatusSizeLimit;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Publisher of the results of host syncs: writes statuses and records events. */
@ApplicationScoped
public class HostStatusPublisher {

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final AllocationIndex index;
    private final UnaccountedAllocationTracker unaccountedTracker;
    private final AttachmentComparison attachmentComparison;
    private final StatusPatcher statusPatcher;
    private final EventRecorder eventRecorder;
    private final OperatorSettings settings;
    private final Clock clock;

    public HostStatusPublisher(
            ClusterCache cluster,
            PlacementSync placement,
            AllocationIndex index,
            UnaccountedAllocationTracker unaccountedTracker,
            AttachmentComparison attachmentComparison,
            StatusPatcher statusPatcher,
            EventRecorder eventRecorder,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.index = index;
        this.unaccountedTracker = unaccountedTracker;
        this.attachmentComparison = attachmentComparison;
        this.statusPatcher = statusPatcher;
        this.eventRecorder = eventRecorder;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * A status that is not written yet, and the factory that knows the previous one.
     *
     * @param recheckDelay when the status must be prepared again although nothing has changed; null if it need not be
     */
    record PreparedStatus(
            HostPciInventoryStatusFactory factory,
            HostPciInventoryStatus status,
            @Nullable Duration recheckDelay) {}

    HostPciInventory withLastWrite(HostPciInventory host) {
        return statusPatcher.withLastWrite(host);
    }

    PreparedStatus prepareStatus(
            HostPciInventory host, HostDevices devices, HostSyncResult syncResult, NovaConfigResult novaConfig) {
        String node = host.getMetadata().getName();
        AttachmentDifferenceTracker.Snapshot differences = attachmentComparison.compare(host, syncResult);
        HostPciInventoryStatusFactory factory = new HostPciInventoryStatusFactory(
                host,
                syncResult,
                cluster.heartbeatState(node, clock.instant()),
                devices.size(),
                cluster.hasReusedHash(host),
                AllocationsHealedCondition.forHost(node, index, unaccountedAllocations(host, syncResult), differences),
                novaConfig,
                new MaintenanceStatusFactory(
                        host,
                        syncResult,
                        devices,
                        () -> index.allocatedDevicesOn(node),
                        remainingConsumers(host, devices, syncResult),
                        clock.instant()),
                clock.instant());
        return new PreparedStatus(
                factory,
                StatusSizeLimit.limitSize(host, factory.createStatus(), clock.instant()),
                differences.nextCheck());
    }

    /**
     * The consumers that keep a host from being drained, with the names that libvirt knows: those that have an
     * allocation of its providers, and the servers that have one of its devices without an allocation.
     */
    private SortedMap<UUID, Optional<String>> remainingConsumers(
            HostPciInventory host, HostDevices devices, HostSyncResult syncResult) {
        SortedMap<UUID, Optional<String>> consumers = new TreeMap<>();
        if (host.isDrained() && syncResult instanceof HostSyncResult.Synced synced) {
            placement.consumersBelow(synced.root()).forEach(consumer -> consumers.put(consumer, Optional.empty()));
            for (AttachedServer server : AttachmentMapper.toAttachments(host).servers()) {
                boolean tracked = server.devices().keySet().stream()
                        .flatMap(address -> devices.findDevice(address).stream())
                        .anyMatch(device -> synced.resolution().providers().containsKey(device.providerAddress()));
                if (tracked || consumers.containsKey(server.uuid())) {
                    consumers.put(server.uuid(), Optional.of(server.name()));
                }
            }
        }
        return consumers;
    }

    /** Writes a prepared status and records events, unless the object has that status. */
    void publishStatus(HostPciInventory host, PreparedStatus prepared, HostSyncResult syncResult) {
        // The status from before a restart is kept until there is a new result.
        boolean unchanged = syncResult instanceof HostSyncResult.Deferred && hasConditions(host);
        if (!unchanged && writeStatus(host, prepared)) {
            eventRecorder.recordHostChanges(host, prepared.status(), syncResult);
        }
    }

    /** Writes a status unless the object has it; only its conditions if the API server rejects it as too large. */
    private boolean writeStatus(HostPciInventory host, PreparedStatus prepared) {
        HostPciInventoryStatusFactory factory = prepared.factory();
        HostPciInventoryStatus status = prepared.status();
        try {
            return statusPatcher.patchIfChanged(host, new HostPciInventory(), status, factory.isUnchanged(status));
        } catch (KubernetesClientException e) {
            if (!StatusSizeLimit.isSizeRejection(e)) {
                throw e;
            }
            HostPciInventoryStatus reduced = StatusSizeLimit.conditionsOnly(host, status, clock.instant());
            return statusPatcher.patchIfChanged(host, new HostPciInventory(), reduced, factory.isUnchanged(reduced));
        }
    }

    /** The previous snapshot is kept while Placement is unavailable or the host has no result. */
    private UnaccountedAllocationTracker.Snapshot unaccountedAllocations(
            HostPciInventory host, HostSyncResult syncResult) {
        if (!(syncResult instanceof HostSyncResult.Synced synced)) {
            return UnaccountedAllocationTracker.Snapshot.fromStatus(host.getStatus());
        }
        String node = host.getMetadata().getName();
        Set<UUID> servers = attachmentComparison.knownServers(host);
        return unaccountedTracker.update(
                node,
                placement.unaccountedAllocations(
                        synced.root(), consumer -> index.hasAllocationFor(consumer) || servers.contains(consumer)),
                attachmentComparison.migrations(node),
                host.getStatus(),
                clock.instant());
    }

    private static boolean hasConditions(HostPciInventory host) {
        return host.getStatus() != null && host.getStatus().conditions() != null;
    }

    /** Evaluates the removal of the providers of a deleted host. */
    HostDeletion createDeletion(HostPciInventory host, HostSyncResult syncResult) {
        return HostDeletion.of(host, syncResult, settings.removalPatience(), clock.instant());
    }

    void publishPendingDeletion(HostPciInventory host, HostPciInventoryStatus status) {
        statusPatcher.patchStatus(host, new HostPciInventory(), status);
        eventRecorder.recordReadiness(host, status);
    }

    /** Records that providers of a deleted host stay in Placement. */
    void recordRetainedProviders(HostPciInventory host, String message) {
        eventRecorder.publishEvent(host, "Warning", ConditionReason.PROVIDERS_RETAINED.value(), message);
    }

    ErrorStatusUpdateControl<HostPciInventory> reportFailure(HostPciInventory host, Exception exception) {
        return InternalErrorStatus.reportFailure(host, exception, statusPatcher, clock.instant());
    }

    void forgetHost(String node) {
        unaccountedTracker.forgetHost(node);
        attachmentComparison.forgetHost(node);
    }
}
