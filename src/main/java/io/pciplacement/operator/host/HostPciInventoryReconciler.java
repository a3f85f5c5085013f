package io.pciplacement.operator.host;

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
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.discovery.AllocationDiscoverer;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.novaconfig.NovaConfigPublisher;
import io.pciplacement.operator.novaconfig.NovaConfigResult;
import io.pciplacement.operator.reconciliation.FinalizerRemover;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.LogContext;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    private final HostEventSource hostEventSource;
    private final HostSyncRequestFactory requests;
    private final HostSyncNotifier notifier;
    private final NovaConfigPublisher novaConfigPublisher;
    private final HostStatusPublisher publisher;
    private final AllocationDiscoverer discoverer;
    private final RetryTracker retries;

    public HostPciInventoryReconciler(
            ClusterCache cluster,
            PlacementSync placement,
            HostEventSource hostEventSource,
            HostSyncRequestFactory requests,
            HostSyncNotifier notifier,
            NovaConfigPublisher novaConfigPublisher,
            HostStatusPublisher publisher,
            AllocationDiscoverer discoverer,
            RetryTracker retries) {
        this.cluster = cluster;
        this.placement = placement;
        this.hostEventSource = hostEventSource;
        this.requests = requests;
        this.notifier = notifier;
        this.novaConfigPublisher = novaConfigPublisher;
        this.publisher = publisher;
        this.discoverer = discoverer;
        this.retries = retries;
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
        HostPciInventory host = publisher.withLastWrite(cached);
        String node = host.getMetadata().getName();
        HostDevices devices = cluster.publishedDevices(host);
        List<PciDeviceSpec> specs = requests.specsSelecting(node);
        HostSyncResult syncResult = requests.findRootConflict(host)
                .orElseGet(() -> placement.syncHost(requests.createRequest(host, devices, specs)));
        NovaConfigResult novaConfig = novaConfigPublisher.publish(host, specs, devices, syncResult);
        HostStatusPublisher.PreparedStatus prepared = publisher.prepareStatus(host, devices, syncResult, novaConfig);
        notifier.notifyResult(host, syncResult, specs);
        publisher.publishStatus(host, prepared, syncResult);
        boolean discoveryFailed = discoverer.processHost(host);
        UpdateControl<HostPciInventory> control = UpdateControl.noUpdate();
        Optional<Duration> retry = retries.nextHostDelay(node, syncResult, novaConfig.needsRetry() || discoveryFailed);
        return Stream.concat(retry.stream(), Stream.ofNullable(prepared.recheckDelay()))
                .min(Comparator.naturalOrder())
                .map(control::rescheduleAfter)
                .orElse(control);
    }

    @Override
    @GuardedReconciliation
    public DeleteControl cleanup(HostPciInventory host, Context<HostPciInventory> context) {
        try (var _ = LogContext.openFor(host)) {
            return InternalErrorStatus.guardCleanup(
                    () -> FinalizerRemover.removeAfter(cleanUpHost(host), context),
                    failure -> publisher.reportFailure(host, failure));
        }
    }

    private DeleteControl cleanUpHost(HostPciInventory host) {
        String node = host.getMetadata().getName();
        if (host.removesUnusedProviders()
                && host.isReportingEnabled()
                && requests.findRootConflict(host).isEmpty()) {
            HostSyncResult syncResult = placement.removeHost(requests.createRemovalRequest(host));
            HostDeletion deletion = publisher.createDeletion(host, syncResult);
            Optional<HostPciInventoryStatus> pendingStatus = deletion.pendingStatus();
            if (pendingStatus.isPresent()) {
                publisher.publishPendingDeletion(host, pendingStatus.get());
                return DeleteControl.noFinalizerRemoval().rescheduleAfter(REMOVAL_RETRY_INTERVAL.toMillis());
            }
            deletion.retainedMessage().ifPresent(message -> publisher.recordRetainedProviders(host, message));
        }
        notifier.forgetHost(node);
        cluster.forgetHost(node);
        retries.forgetHost(node);
        publisher.forgetHost(node);
        discoverer.forgetHost(node);
        return DeleteControl.defaultDelete();
    }

    @Override
    public ErrorStatusUpdateControl<HostPciInventory> updateErrorStatus(
            HostPciInventory host, Context<HostPciInventory> context, Exception exception) {
        return publisher.reportFailure(host, exception);
    }
}
