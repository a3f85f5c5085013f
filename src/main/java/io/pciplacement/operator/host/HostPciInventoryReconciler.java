package io.pciplacement.operator.host;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.HostSyncRequestMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.LogContext;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.operator.status.StatusSizeLimit;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.sync.HostSyncRequest;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Reconciler that syncs the devices of a host to Placement by the device specs, and writes the result to its status.
 */
@ControllerConfiguration(
        name = "hosts",
        fieldManager = FieldManagers.OPERATOR,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES),
        informer = @Informer(onUpdateFilter = HostUpdateFilter.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class HostPciInventoryReconciler implements Reconciler<HostPciInventory>, Cleaner<HostPciInventory> {

    private static final Duration REMOVAL_RETRY_INTERVAL = Duration.ofSeconds(5);

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final HostResultCache hostResults;
    private final HostEventSource hostEventSource;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final UnaccountedAllocationTracker unaccountedTracker;
    private final RetryTracker retries;
    private final StatusPatcher statusPatcher;
    private final EventRecorder eventRecorder;
    private final OperatorSettings settings;
    private final Clock clock;

    public HostPciInventoryReconciler(
            ClusterCache cluster,
            PlacementSync placement,
            HostResultCache hostResults,
            HostEventSource hostEventSource,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            UnaccountedAllocationTracker unaccountedTracker,
            RetryTracker retries,
            StatusPatcher statusPatcher,
            EventRecorder eventRecorder,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.hostResults = hostResults;
        this.hostEventSource = hostEventSource;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.unaccountedTracker = unaccountedTracker;
        this.retries = retries;
        this.statusPatcher = statusPatcher;
        this.eventRecorder = eventRecorder;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, HostPciInventory>> prepareEventSources(EventSourceContext<HostPciInventory> context) {
        cluster.setHostCache(context.getPrimaryCache());
        var specs = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(PciDeviceSpec.class, HostPciInventory.class)
                        .withOnUpdateFilter((now, before) -> !Objects.equals(
                                now.getMetadata().getGeneration(),
                                before.getMetadata().getGeneration()))
                        .withSecondaryToPrimaryMapper(spec -> allHostIds())
                        .withPrimaryToSecondaryMapper(host -> Set.of())
                        .build(),
                context);
        cluster.setSpecCache(specs);
        return List.of(specs, hostEventSource.eventSource());
    }

    /**
     * Every host, since the previous version of a spec may have selected other nodes; most hosts have nothing to do.
     */
    private Set<ResourceID> allHostIds() {
        return cluster.listHosts().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<HostPciInventory> reconcile(HostPciInventory cached, Context<HostPciInventory> context) {
        try (var _ = LogContext.openFor(cached)) {
            return reconcileHost(cached);
        }
    }

    private UpdateControl<HostPciInventory> reconcileHost(HostPciInventory cached) {
        HostPciInventory host = statusPatcher.withLastWrite(cached);
        String node = host.getMetadata().getName();
        HostDevices devices = cluster.publishedDevices(host);
        List<PciDeviceSpec> specs = specsSelecting(node);
        HostSyncResult syncResult =
                findRootConflict(host).orElseGet(() -> placement.sync(syncRequest(host, devices, specs)));
        HostPciInventoryStatusFactory statusFactory = new HostPciInventoryStatusFactory(
                host,
                syncResult,
                cluster.heartbeatState(node, clock.instant()),
                devices.size(),
                cluster.hasReusedHash(host),
                AllocationsHealedCondition.forHost(node, index, unaccountedAllocations(host, syncResult)),
                clock.instant());
        HostPciInventoryStatus status = StatusSizeLimit.limitSize(host, statusFactory.createStatus(), clock.instant());
        boolean changed = hostResults.putResult(
                node,
                new HostResultCache.HostSyncRecord(syncResult, host.isReportingEnabled(), specGenerations(specs)));
        // The evaluation of the PciAllocations on this host depends on the result.
        allocationEventSource.triggerAll(index.on(node));
        if (syncResult instanceof HostSyncResult.Synced synced) {
            // Their consumers may have allocations on this host that do not match their devices.
            allocationEventSource.triggerAll(index.namesOf(placement.consumers(synced.root())));
        }
        allocationEventSource.triggerAll(placement.wasMissed(node) || changed ? index.freed() : index.turn());
        // The status from before a restart is kept until there is a new result.
        boolean unchanged = syncResult instanceof HostSyncResult.Deferred && hasConditions(host);
        if (!unchanged && writeStatus(host, status, statusFactory)) {
            eventRecorder.recordHostChanges(host, status, syncResult);
        }
        UpdateControl<HostPciInventory> control = UpdateControl.noUpdate();
        return retries.nextHostDelay(node, syncResult)
                .map(control::rescheduleAfter)
                .orElse(control);
    }

    /** Writes a status unless the object has it; only its conditions if the API server rejects it as too large. */
    private boolean writeStatus(
            HostPciInventory host, HostPciInventoryStatus status, HostPciInventoryStatusFactory statusFactory) {
        try {
            return statusPatcher.patchIfChanged(
                    host, new HostPciInventory(), status, statusFactory.isUnchanged(status));
        } catch (KubernetesClientException e) {
            if (!StatusSizeLimit.isSizeRejection(e)) {
                throw e;
            }
            HostPciInventoryStatus reduced = StatusSizeLimit.conditionsOnly(host, status, clock.instant());
            return statusPatcher.patchIfChanged(
                    host, new HostPciInventory(), reduced, statusFactory.isUnchanged(reduced));
        }
    }

    /** The previous snapshot is kept while Placement is unavailable or the host has no result. */
    private UnaccountedAllocationTracker.Snapshot unaccountedAllocations(
            HostPciInventory host, HostSyncResult syncResult) {
        return syncResult instanceof HostSyncResult.Synced synced
                ? unaccountedTracker.update(
                        host.getMetadata().getName(),
                        placement.unexplained(synced.root(), index::explains),
                        host.getStatus(),
                        clock.instant())
                : UnaccountedAllocationTracker.Snapshot.fromStatus(host.getStatus());
    }

    /** The conflict if an older host uses the root provider of this one. */
    private Optional<HostSyncResult> findRootConflict(HostPciInventory host) {
        String root = host.rootProviderName();
        return cluster.findRootOwner(root)
                .map(owner -> owner.getMetadata().getName())
                .filter(owner -> !owner.equals(host.getMetadata().getName()))
                .map(owner -> new HostSyncResult.RootConflict(root, owner));
    }

    private static boolean hasConditions(HostPciInventory host) {
        return host.getStatus() != null && host.getStatus().conditions() != null;
    }

    private HostSyncRequest syncRequest(HostPciInventory host, HostDevices devices, List<PciDeviceSpec> specs) {
        return HostSyncRequestMapper.of(
                host,
                cluster.hasNode(host.getMetadata().getName()),
                devices,
                specs.stream().map(cluster::parsedSpec).toList(),
                index.heldOn(host.getMetadata().getName()));
    }

    private List<PciDeviceSpec> specsSelecting(String node) {
        return cluster.findNodeLabels(node)
                .map(labels -> cluster.listSpecs()
                        .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                        .filter(spec -> cluster.parsedSpec(spec).nodeSelector().matches(labels))
                        .toList())
                .orElse(List.of());
    }

    private static Map<String, Long> specGenerations(List<PciDeviceSpec> specs) {
        return specs.stream()
                .collect(Collectors.toMap(
                        spec -> spec.getMetadata().getName(),
                        spec -> spec.getMetadata().getGeneration()));
    }

    @Override
    @GuardedReconciliation
    public DeleteControl cleanup(HostPciInventory host, Context<HostPciInventory> context) {
        try (var _ = LogContext.openFor(host)) {
            return cleanUpHost(host);
        }
    }

    private DeleteControl cleanUpHost(HostPciInventory host) {
        String node = host.getMetadata().getName();
        boolean removeUnused = host.getSpec() != null
                && host.getSpec().onDelete() == HostPciInventorySpec.DeletionPolicy.REMOVE_UNUSED;
        if (removeUnused && host.isReportingEnabled() && findRootConflict(host).isEmpty()) {
            HostSyncRequest request = HostSyncRequestMapper.removal(host, index.heldOn(node));
            HostSyncResult syncResult = placement.remove(request);
            HostDeletion deletion = HostDeletion.of(host, syncResult, settings.removalPatience(), clock.instant());
            Optional<HostPciInventoryStatus> pendingStatus = deletion.pendingStatus();
            if (pendingStatus.isPresent()) {
                statusPatcher.patchStatus(host, new HostPciInventory(), pendingStatus.get());
                eventRecorder.recordReadiness(host, pendingStatus.get());
                return DeleteControl.noFinalizerRemoval().rescheduleAfter(REMOVAL_RETRY_INTERVAL.toMillis());
            }
            deletion.retainedMessage()
                    .ifPresent(message -> eventRecorder.publishEvent(
                            host, "Warning", ConditionReason.PROVIDERS_RETAINED.value(), message));
        }
        hostResults.removeHost(node);
        cluster.forgetHost(node);
        retries.forgetHost(node);
        unaccountedTracker.forgetHost(node);
        return DeleteControl.defaultDelete();
    }

    @Override
    public ErrorStatusUpdateControl<HostPciInventory> updateErrorStatus(
            HostPciInventory host, Context<HostPciInventory> context, Exception exception) {
        return InternalErrorStatus.reportFailure(host, exception, statusPatcher, clock.instant());
    }
}
