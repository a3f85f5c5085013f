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
import io.pciplacement.operator.reconciliation.FinalizerRemover;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.LogContext;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.AllocationSyncRequest.Acceptance;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.ReleaseRequest;
import io.pciplacement.sync.index.AllocationIndex;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Reconciler that releases the allocation in Placement before a PciAllocation is deleted, if the operator manages its
 * consumer. It is a separate controller because a reconciler with cleanup adds its finalizer to every object; External
 * ones must not have it.
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

    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final PlacementSync placement;
    private final HostEventSource hostEventSource;
    private final StatusPatcher statusPatcher;
    private final AllocationStatusPublisher publisher;

    public PciAllocationCleanupReconciler(
            ClusterCache cluster,
            AllocationIndex index,
            PlacementSync placement,
            HostEventSource hostEventSource,
            StatusPatcher statusPatcher,
            AllocationStatusPublisher publisher) {
        this.cluster = cluster;
        this.index = index;
        this.placement = placement;
        this.hostEventSource = hostEventSource;
        this.statusPatcher = statusPatcher;
        this.publisher = publisher;
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciAllocation> reconcile(PciAllocation object, Context<PciAllocation> context) {
        return UpdateControl.noUpdate();
    }

    @Override
    @GuardedReconciliation
    public DeleteControl cleanup(PciAllocation object, Context<PciAllocation> context) {
        try (var _ = LogContext.openFor(object)) {
            return InternalErrorStatus.guardCleanup(
                    () -> FinalizerRemover.removeAfter(releaseAllocation(object), context),
                    failure -> publisher.reportFailure(object, failure));
        }
    }

    private DeleteControl releaseAllocation(PciAllocation object) {
        DesiredAllocation desired = index.findAllocation(object.getMetadata().getName())
                .orElseGet(() -> PciAllocationMapper.toDesiredAllocation(object));
        index.markReleasing(object.getMetadata().getUid());
        PciAllocation latest = statusPatcher.withLastWrite(object);
        AllocationRecord record = new StatusRecordStore(latest, index, statusPatcher).currentRecord();
        AllocationSyncResult syncResult = placement.releaseAllocations(new ReleaseRequest(
                desired,
                record,
                adoptableConsumers(latest, desired, record),
                PciAllocationMapper.acceptanceOf(latest),
                PciAllocationMapper.requestedDeviceCount(latest),
                cluster::hasHost,
                index.olderHolders(desired)));
        return switch (syncResult) {
            case AllocationSyncResult.Released released -> {
                released.touchedNodes().forEach(hostEventSource::trigger);
                yield DeleteControl.defaultDelete();
            }
            case AllocationSyncResult.Evaluated j -> throw new IllegalStateException("a release has no evaluation");
            case AllocationSyncResult.Deferred n -> {
                publishPendingStatus(object, desired, n, record);
                yield DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY_INTERVAL.toMillis());
            }
            case AllocationSyncResult.PlacementUnavailable unavailable -> {
                publishPendingStatus(object, desired, unavailable, record);
                yield DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY_INTERVAL.toMillis());
            }
        };
    }

    /**
     * The consumers for which more may have been written than the record shows. Without a record, the allocation of a
     * consumer that an older object has belongs to that object.
     */
    private Set<UUID> adoptableConsumers(PciAllocation object, DesiredAllocation desired, AllocationRecord record) {
        if (PciAllocationMapper.acceptanceOf(object) == Acceptance.REJECTED
                && !PciAllocationMapper.hasAmounts(object)) {
            return Set.of();
        }
        Set<UUID> consumers = new TreeSet<>(desired.consumerUuids());
        consumers.addAll(record.consumerUuids());
        consumers.removeIf(consumer -> index.isOwnedByOlder(consumer, desired));
        return consumers;
    }

    /** Shows in the status why the deletion waits. */
    private void publishPendingStatus(
            PciAllocation cached, DesiredAllocation desired, AllocationSyncResult syncResult, AllocationRecord record) {
        PciAllocationStatus before = statusPatcher.withLastWrite(cached).getStatus();
        List<PciAllocationStatus.AllocatedDevice> devices =
                before == null || before.devices() == null ? List.of() : before.devices();
        Long granted = before == null ? null : before.grantedGeneration();
        publisher.publishStatus(cached, new AllocationProcessor.Result(desired, syncResult, devices, granted, record));
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return publisher.reportFailure(allocation, exception);
    }
}
