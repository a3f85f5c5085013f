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

/** Carries one host from what its agent and the device specs say to Placement, and the outcome into its status. */
@ControllerConfiguration(
        name = "hosts",
        fieldManager = FieldManagers.OPERATOR,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES),
        informer = @Informer(onUpdateFilter = HostUpdateFilter.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class HostPciInventoryReconciler implements Reconciler<HostPciInventory>, Cleaner<HostPciInventory> {

    private static final Duration RETRY_REMOVAL = Duration.ofSeconds(5);

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final HostResultCache outcomes;
    private final HostEventSource triggers;
    private final AllocationIndex book;
    private final AllocationEventSource allocations;
    private final UnaccountedAllocationTracker sightings;
    private final RetryTracker retries;
    private final StatusPatcher statuses;
    private final EventRecorder events;
    private final OperatorSettings settings;
    private final Clock clock;

    public HostPciInventoryReconciler(
            ClusterCache cluster,
            PlacementSync placement,
            HostResultCache outcomes,
            HostEventSource triggers,
            AllocationIndex book,
            AllocationEventSource allocations,
            UnaccountedAllocationTracker sightings,
            RetryTracker retries,
            StatusPatcher statuses,
            EventRecorder events,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.outcomes = outcomes;
        this.triggers = triggers;
        this.book = book;
        this.allocations = allocations;
        this.sightings = sightings;
        this.retries = retries;
        this.statuses = statuses;
        this.events = events;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, HostPciInventory>> prepareEventSources(EventSourceContext<HostPciInventory> context) {
        cluster.hosts(context.getPrimaryCache());
        var specs = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(PciDeviceSpec.class, HostPciInventory.class)
                        .withOnUpdateFilter((now, before) -> !Objects.equals(
                                now.getMetadata().getGeneration(),
                                before.getMetadata().getGeneration()))
                        .withSecondaryToPrimaryMapper(spec -> everyHost())
                        .withPrimaryToSecondaryMapper(host -> Set.of())
                        .build(),
                context);
        cluster.specs(specs);
        return List.of(specs, triggers.source());
    }

    /** A spec's node selector may have selected other nodes before, so every host is asked; most find nothing to do. */
    private Set<ResourceID> everyHost() {
        return cluster.hosts().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<HostPciInventory> reconcile(HostPciInventory seen, Context<HostPciInventory> context) {
        try (var _ = LogContext.of(seen)) {
            return reconciled(seen);
        }
    }

    private UpdateControl<HostPciInventory> reconciled(HostPciInventory seen) {
        HostPciInventory host = statuses.latest(seen);
        String node = host.getMetadata().getName();
        HostDevices devices = cluster.devices(host);
        List<PciDeviceSpec> specs = specsFor(node);
        HostSyncResult outcome = rootTaken(host).orElseGet(() -> placement.syncHost(request(host, devices, specs)));
        HostPciInventoryStatusFactory report = new HostPciInventoryStatusFactory(
                host,
                outcome,
                cluster.heartbeat(node, clock.instant()),
                devices.size(),
                cluster.hasReusedHash(host),
                AllocationsHealedCondition.on(node, book, unexplained(host, outcome)),
                clock.instant());
        HostPciInventoryStatus status = StatusSizeLimit.apply(host, report.status(), clock.instant());
        boolean news = outcomes.put(
                node, new HostResultCache.HostSyncRecord(outcome, host.isReportingEnabled(), generations(specs)));
        // Whoever holds devices here is judged by what was just learned.
        allocations.wake(book.namesOnHost(node));
        if (outcome instanceof HostSyncResult.Synced decided) {
            // Some of them may have something here that their devices do not explain.
            allocations.wake(book.namesForConsumers(placement.consumersBelow(decided.root())));
        }
        allocations.wake(placement.pollMissed(node) || news ? book.onCapacityFreed() : book.revisitBlockedClaims());
        // What was said before a restart holds until something else is known.
        boolean nothingNew = outcome instanceof HostSyncResult.Deferred && hasConditions(host);
        if (!nothingNew && written(host, status, report)) {
            events.transitions(host, status, outcome);
        }
        UpdateControl<HostPciInventory> control = UpdateControl.noUpdate();
        return retries.next(node, outcome).map(control::rescheduleAfter).orElse(control);
    }

    /** Writes a status unless the object has it; its conditions alone if the API server stores no more. */
    private boolean written(
            HostPciInventory host, HostPciInventoryStatus status, HostPciInventoryStatusFactory report) {
        try {
            return statuses.update(host, new HostPciInventory(), status, report.sameAsBefore(status));
        } catch (KubernetesClientException e) {
            if (!StatusSizeLimit.refused(e)) {
                throw e;
            }
            HostPciInventoryStatus least = StatusSizeLimit.conditionsAlone(host, status, clock.instant());
            return statuses.update(host, new HostPciInventory(), least, report.sameAsBefore(least));
        }
    }

    /** While Placement is away, or the host unknown there, what is known stays. */
    private UnaccountedAllocationTracker.Snapshot unexplained(HostPciInventory host, HostSyncResult outcome) {
        return outcome instanceof HostSyncResult.Synced decided
                ? sightings.on(
                        host.getMetadata().getName(),
                        placement.unaccountedAllocations(decided.root(), book::hasAllocationFor),
                        host.getStatus(),
                        clock.instant())
                : UnaccountedAllocationTracker.Snapshot.known(host.getStatus());
    }

    /** Whether another host came first to the root provider of this one. */
    private Optional<HostSyncResult> rootTaken(HostPciInventory host) {
        String root = host.rootProviderName();
        return cluster.ownerOfRoot(root)
                .map(owner -> owner.getMetadata().getName())
                .filter(owner -> !owner.equals(host.getMetadata().getName()))
                .map(owner -> new HostSyncResult.RootConflict(root, owner));
    }

    private static boolean hasConditions(HostPciInventory host) {
        return host.getStatus() != null && host.getStatus().conditions() != null;
    }

    private HostSyncRequest request(HostPciInventory host, HostDevices devices, List<PciDeviceSpec> specs) {
        return HostSyncRequestMapper.toSyncRequest(
                host,
                cluster.hasNode(host.getMetadata().getName()),
                devices,
                specs.stream().map(cluster::read).toList(),
                book.allocatedDevicesOn(host.getMetadata().getName()));
    }

    private List<PciDeviceSpec> specsFor(String node) {
        return cluster.labels(node)
                .map(labels -> cluster.specs()
                        .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                        .filter(spec -> cluster.read(spec).nodeSelector().matches(labels))
                        .toList())
                .orElse(List.of());
    }

    private static Map<String, Long> generations(List<PciDeviceSpec> specs) {
        return specs.stream()
                .collect(Collectors.toMap(
                        spec -> spec.getMetadata().getName(),
                        spec -> spec.getMetadata().getGeneration()));
    }

    @Override
    @GuardedReconciliation
    public DeleteControl cleanup(HostPciInventory host, Context<HostPciInventory> context) {
        try (var _ = LogContext.of(host)) {
            return leave(host);
        }
    }

    private DeleteControl leave(HostPciInventory host) {
        String node = host.getMetadata().getName();
        boolean remove = host.getSpec() != null
                && host.getSpec().onDelete() == HostPciInventorySpec.DeletionPolicy.REMOVE_UNUSED;
        if (remove && host.isReportingEnabled() && rootTaken(host).isEmpty()) {
            HostSyncRequest nothing = HostSyncRequestMapper.toRemovalRequest(host, book.allocatedDevicesOn(node));
            HostSyncResult outcome = placement.removeHost(nothing);
            HostDeletion removal = HostDeletion.of(host, outcome, settings.removalPatience(), clock.instant());
            Optional<HostPciInventoryStatus> waiting = removal.waiting();
            if (waiting.isPresent()) {
                statuses.write(host, new HostPciInventory(), waiting.get());
                events.ready(host, waiting.get());
                return DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY_REMOVAL.toMillis());
            }
            removal.retained()
                    .ifPresent(
                            what -> events.publish(host, "Warning", ConditionReason.PROVIDERS_RETAINED.value(), what));
        }
        outcomes.remove(node);
        cluster.forgetHost(node);
        retries.forget(node);
        sightings.forget(node);
        return DeleteControl.defaultDelete();
    }

    @Override
    public ErrorStatusUpdateControl<HostPciInventory> updateErrorStatus(
            HostPciInventory host, Context<HostPciInventory> context, Exception exception) {
        return InternalErrorStatus.report(host, exception, statuses, clock.instant());
    }
}
