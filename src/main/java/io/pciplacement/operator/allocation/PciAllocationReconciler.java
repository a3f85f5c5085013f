package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.status.LogContext;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.List;

/** Reconciler that writes the allocation of a PciAllocation to Placement and the result to its status. */
@ControllerConfiguration(
        name = "allocations",
        fieldManager = FieldManagers.OPERATOR,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = AllocationUpdateFilter.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class PciAllocationReconciler implements Reconciler<PciAllocation> {

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final HostEventSource hostEventSource;
    private final AllocationProcessor processor;
    private final AllocationSyncNotifier notifier;
    private final AllocationStatusPublisher publisher;
    private final RetryTracker retries;

    public PciAllocationReconciler(
            ClusterCache cluster,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            HostEventSource hostEventSource,
            AllocationProcessor processor,
            AllocationSyncNotifier notifier,
            AllocationStatusPublisher publisher,
            RetryTracker retries) {
        this.cluster = cluster;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.hostEventSource = hostEventSource;
        this.processor = processor;
        this.notifier = notifier;
        this.publisher = publisher;
        this.retries = retries;
    }

    @Override
    public List<EventSource<?, PciAllocation>> prepareEventSources(EventSourceContext<PciAllocation> context) {
        IndexerResourceCache<PciAllocation> cache = context.getPrimaryCache();
        cluster.setAllocationCache(cache);
        return List.of(
                new AllocationIndexEventSource(cache, cluster, index, allocationEventSource, hostEventSource),
                allocationEventSource.eventSource());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciAllocation> reconcile(PciAllocation cached, Context<PciAllocation> context) {
        try (var _ = LogContext.openFor(cached)) {
            return reconcileAllocation(cached);
        }
    }

    private UpdateControl<PciAllocation> reconcileAllocation(PciAllocation cached) {
        PciAllocation object = publisher.withLastWrite(cached);
        String name = object.getMetadata().getName();
        if (!index.isIndexed(name, object.getMetadata().getUid())) {
            // A trigger of a previous object of this name. The event of this one follows, after the index is updated.
            return UpdateControl.noUpdate();
        }
        if (PciAllocationMapper.isOperatorManaged(object)
                && !object.hasFinalizer(PciAllocationCleanupReconciler.FINALIZER)) {
            // Nothing is written without the finalizer; adding it triggers another reconciliation.
            return UpdateControl.noUpdate();
        }
        AllocationProcessor.Result result = processor.process(object);
        AllocationSyncResult syncResult = result.syncResult();
        notifier.notifyResult(result.desired(), syncResult);
        publisher.publishResult(object, result);
        UpdateControl<PciAllocation> control = UpdateControl.noUpdate();
        return needsRetry(syncResult)
                ? control.rescheduleAfter(retries.nextAllocationDelay(name))
                : withoutRetry(control, name);
    }

    private UpdateControl<PciAllocation> withoutRetry(UpdateControl<PciAllocation> control, String name) {
        retries.forgetAllocation(name);
        return control;
    }

    /** Also retries if the consumer has no allocation yet: Placement sends no event when one is created. */
    private static boolean needsRetry(AllocationSyncResult syncResult) {
        return switch (syncResult) {
            case AllocationSyncResult.Evaluated evaluated ->
                evaluated.retry()
                        || evaluated.decision().findProblem().orElse(null)
                                instanceof AllocationProblem.ConsumerHasNoAllocation;
            case AllocationSyncResult.PlacementUnavailable unavailable -> unavailable.retry();
            case AllocationSyncResult.Deferred n -> false;
            case AllocationSyncResult.Released r -> false;
        };
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return publisher.reportFailure(allocation, exception);
    }
}
