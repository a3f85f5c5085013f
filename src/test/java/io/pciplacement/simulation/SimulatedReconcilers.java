package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.operator.allocation.AllocationIndexEventSource;
import io.pciplacement.operator.allocation.AllocationProcessor;
import io.pciplacement.operator.allocation.AllocationStatusPublisher;
import io.pciplacement.operator.allocation.AllocationSyncNotifier;
import io.pciplacement.operator.allocation.PciAllocationCleanupReconciler;
import io.pciplacement.operator.allocation.PciAllocationReconciler;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.discovery.AllocationDiscoverer;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.host.AttachmentComparison;
import io.pciplacement.operator.host.AttachmentDifferenceTracker;
import io.pciplacement.operator.host.HostPciInventoryReconciler;
import io.pciplacement.operator.host.HostStatusPublisher;
import io.pciplacement.operator.host.HostSyncNotifier;
import io.pciplacement.operator.host.HostSyncRequestFactory;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.novaconfig.NovaConfigPublisher;
import io.pciplacement.operator.novaconfig.NovaConfigStore;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.operator.sweep.PlacementSweeper;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.CleanupContext;
import io.pciplacement.testing.FaultInjector;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.ExecutorService;

/** The real reconcilers of one process of a {@link SimulatedOperator}, with their state in memory. */
final class SimulatedReconcilers {

    private final InMemoryApiServer api;
    private final PlacementSync sync;
    private final PciAllocationReconciler allocationReconciler;
    private final PciAllocationCleanupReconciler cleanupReconciler;
    private final HostPciInventoryReconciler hostReconciler;
    private final PlacementSweeper sweeper;

    SimulatedReconcilers(
            InMemoryApiServer api,
            ClusterCache cluster,
            SimulatedAllocationInformer informer,
            AllocationEventSource allocationTriggers,
            HostEventSource hostTriggers,
            PlacementClient placement,
            FaultInjector faults,
            ExecutorService pool,
            DiscoveryMode discoveryMode) {
        this.api = api;
        Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        AllocationIndex allocationIndex = new AllocationIndex();
        StatusPatcher statuses = new FailingStatusPatcher(api, faults);
        EventRecorder events = new DiscardingEventRecorder(clock);
        RetryTracker retries = new RetryTracker();
        HostResultCache hostResults = new HostResultCache();
        AllocationStatusPublisher publisher =
                new AllocationStatusPublisher(cluster, hostResults, statuses, events, clock);
        allocationReconciler = new PciAllocationReconciler(
                cluster,
                allocationIndex,
                allocationTriggers,
                hostTriggers,
                new AllocationProcessor(cluster, allocationIndex, sync, allocationTriggers, hostTriggers, statuses),
                new AllocationSyncNotifier(allocationIndex, allocationTriggers, hostTriggers),
                publisher,
                retries);
        cleanupReconciler =
                new PciAllocationCleanupReconciler(cluster, allocationIndex, sync, hostTriggers, statuses, publisher);
        UnaccountedAllocationTracker unaccountedTracker = new UnaccountedAllocationTracker();
        hostReconciler = new HostPciInventoryReconciler(
                cluster,
                sync,
                hostTriggers,
                new HostSyncRequestFactory(cluster, allocationIndex, statuses),
                new HostSyncNotifier(sync, hostResults, allocationIndex, allocationTriggers),
                new NovaConfigPublisher(new NovaConfigStore(null, null, hostTriggers, null), events, NovaVersion.V34),
                new HostStatusPublisher(
                        cluster,
                        sync,
                        allocationIndex,
                        unaccountedTracker,
                        new AttachmentComparison(
                                cluster,
                                sync,
                                placement,
                                new AttachmentDifferenceTracker(Duration.ofMinutes(2)),
                                discoveryMode,
                                clock),
                        statuses,
                        events,
                        null,
                        clock),
                new AllocationDiscoverer(
                        cluster,
                        allocationIndex,
                        allocationTriggers,
                        new FailingDiscoveredAllocationStore(api, faults),
                        placement,
                        discoveryMode),
                retries);
        sweeper = new PlacementSweeper(cluster, sync, allocationIndex, hostTriggers, allocationTriggers);
        informer.start(
                new AllocationIndexEventSource(informer, cluster, allocationIndex, allocationTriggers, hostTriggers));
    }

    PlacementState placementState() {
        return sync.placementState();
    }

    void sweepPlacement() {
        sweeper.sweepPlacement();
    }

    /** Returns whether the host must be reconciled again later; the same for the others. */
    boolean reconcileHost(HostPciInventory object) {
        return hostReconciler.reconcile(object, null).getScheduleDelay().isPresent();
    }

    boolean reconcileAllocation(PciAllocation object) {
        return allocationReconciler.reconcile(object, null).getScheduleDelay().isPresent();
    }

    boolean reconcileRelease(PciAllocation object) {
        if (!InMemoryApiServer.isDeleting(object)) {
            api.addFinalizer(object, PciAllocationCleanupReconciler.FINALIZER);
            return false;
        }
        CleanupContext<PciAllocation> cleanup = new CleanupContext<>(object);
        cleanupReconciler.cleanup(object, cleanup.context());
        if (cleanup.isFinalizerRemoved()) {
            api.removeFinalizer(object);
        }
        return !cleanup.isFinalizerRemoved();
    }

    /** Event recorder that discards events. */
    private static final class DiscardingEventRecorder extends EventRecorder {

        DiscardingEventRecorder(Clock clock) {
            super(null, null, clock);
        }

        @Override
        public void recordHostChanges(HostPciInventory host, HostPciInventoryStatus now, HostSyncResult result) {}

        @Override
        public void recordAllocationChanges(
                PciAllocation object, PciAllocationStatus now, AllocationSyncResult result, boolean healed) {}
    }
}
