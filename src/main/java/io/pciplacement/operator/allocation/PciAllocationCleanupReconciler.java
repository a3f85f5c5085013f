package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.LogContext;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.ReleaseRequest;
import io.pciplacement.sync.index.AllocationIndex;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Releases what a PciAllocation has in Placement before the object goes, where the Operator manages the consumer. A
 * controller of its own, because a reconciler that cleans up puts its finalizer on every object it sees; External ones
 * go without.
 */
@ControllerConfiguration(
        name = "releases",
        fieldManager = FieldManagers.OPERATOR,
        finalizerName = PciAllocationCleanupReconciler.FINALIZER,
        generationAwareEventProcessing = false,
        informer =
                @Informer(onUpdateFilter = AllocationUpdateFilter.class, genericFilter = OperatorManagedFilter.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class PciAllocationCleanupReconciler implements Reconciler<PciAllocation>, Cleaner<PciAllocation> {

    public static final String FINALIZER = "pciplacement.io/release";

    private static final Duration RETRY = Duration.ofSeconds(5);

    private final ClusterCache cluster;
    private final AllocationIndex book;
    private final PlacementSync placement;
    private final HostEventSource hosts;
    private final StatusPatcher statuses;
    private final EventRecorder events;
    private final Clock clock;

    public PciAllocationCleanupReconciler(
            ClusterCache cluster,
            AllocationIndex book,
            PlacementSync placement,
            HostEventSource hosts,
            StatusPatcher statuses,
            EventRecorder events,
            Clock clock) {
        this.cluster = cluster;
        this.book = book;
        this.placement = placement;
        this.hosts = hosts;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciAllocation> reconcile(PciAllocation object, Context<PciAllocation> context) {
        return UpdateControl.noUpdate();
    }

    @Override
    @GuardedReconciliation
    public DeleteControl cleanup(PciAllocation object, Context<PciAllocation> context) {
        try (var _ = LogContext.of(object)) {
            return released(object);
        }
    }

    private DeleteControl released(PciAllocation object) {
        DesiredAllocation holding = book.findAllocation(object.getMetadata().getName())
                .orElseGet(() -> PciAllocationMapper.toDesiredAllocation(object));
        book.markReleasing(object.getMetadata().getUid());
        PciAllocation last = statuses.latest(object);
        AllocationRecord record = new StatusRecordStore(last, book, statuses).currentRecord();
        Set<UUID> consumers = new TreeSet<>(holding.consumers());
        consumers.addAll(record.consumers());
        // What somebody has for whom an older object is there is that object's; this one was never followed.
        consumers.removeIf(consumer -> book.isOwnedByOlder(consumer, holding));
        AllocationSyncResult outcome = placement.releaseAllocations(new ReleaseRequest(
                holding,
                consumers,
                record,
                PciAllocationMapper.rejectionReason(last).isEmpty() || PciAllocationMapper.hasAmounts(last),
                PciAllocationMapper.requestedDeviceCount(last),
                cluster::hasHost,
                book.olderHolders(holding)));
        return switch (outcome) {
            case AllocationSyncResult.Released released -> {
                released.touchedNodes().forEach(hosts::wake);
                yield DeleteControl.defaultDelete();
            }
            case AllocationSyncResult.Evaluated j -> throw new IllegalStateException("a release is not judged");
            case AllocationSyncResult.Deferred n -> {
                tell(object, holding, n, record);
                yield DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY.toMillis());
            }
            case AllocationSyncResult.PlacementUnavailable away -> {
                tell(object, holding, away, record);
                yield DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY.toMillis());
            }
        };
    }

    /** Who waits for the object to go must see what that waits for. */
    private void tell(
            PciAllocation seen, DesiredAllocation holding, AllocationSyncResult waits, AllocationRecord record) {
        PciAllocation object = statuses.latest(seen);
        PciAllocationStatus before = object.getStatus();
        List<PciAllocationStatus.AllocatedDevice> devices =
                before == null || before.devices() == null ? List.of() : before.devices();
        Long granted = before == null ? null : before.grantedGeneration();
        PciAllocationStatus status = new PciAllocationStatusFactory(
                        object,
                        new AllocationProcessor.Result(holding, waits, devices, granted, record),
                        clock.instant())
                .status();
        if (statuses.update(object, new PciAllocation(), status, status.equals(before))) {
            events.transitions(object, status, waits, false);
        }
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return InternalErrorStatus.report(allocation, exception, statuses, clock.instant());
    }
}
