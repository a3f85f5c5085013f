package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.LogContext;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reconciler that writes the allocation of a PciAllocation to Placement and the result to its status. */
@ControllerConfiguration(
        name = "allocations",
        fieldManager = FieldManagers.OPERATOR,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = AllocationUpdateFilter.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class PciAllocationReconciler implements Reconciler<PciAllocation> {

    private static final Duration SYNC_POLL_INTERVAL = Duration.ofSeconds(1);
    private static final Duration INDEX_POLL_INTERVAL = Duration.ofMillis(50);

    private final AllocationInformer informer;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final AllocationProcessor processor;
    private final HostEventSource hostEventSource;
    private final HostResultCache hostResults;
    private final RetryTracker retries;
    private final StatusPatcher statusPatcher;
    private final EventRecorder eventRecorder;
    private final Clock clock;

    public PciAllocationReconciler(
            AllocationInformer informer,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            AllocationProcessor processor,
            HostEventSource hostEventSource,
            HostResultCache hostResults,
            RetryTracker retries,
            StatusPatcher statusPatcher,
            EventRecorder eventRecorder,
            Clock clock) {
        this.informer = informer;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.processor = processor;
        this.hostEventSource = hostEventSource;
        this.hostResults = hostResults;
        this.retries = retries;
        this.statusPatcher = statusPatcher;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, PciAllocation>> prepareEventSources(EventSourceContext<PciAllocation> context) {
        return List.of(allocationEventSource.eventSource());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciAllocation> reconcile(PciAllocation cached, Context<PciAllocation> context) {
        try (var _ = LogContext.openFor(cached)) {
            return reconcileAllocation(cached);
        }
    }

    private UpdateControl<PciAllocation> reconcileAllocation(PciAllocation cached) {
        PciAllocation object = statusPatcher.withLastWrite(cached);
        String name = object.getMetadata().getName();
        if (!informer.hasSynced()) {
            return UpdateControl.<PciAllocation>noUpdate().rescheduleAfter(SYNC_POLL_INTERVAL);
        }
        if (!index.isIndexed(name, object.getMetadata().getUid())) {
            // The index has an informer of its own. An object that is not indexed yet could miss later triggers.
            return UpdateControl.<PciAllocation>noUpdate().rescheduleAfter(INDEX_POLL_INTERVAL);
        }
        if (PciAllocationMapper.isOperatorManaged(object)
                && !object.hasFinalizer(PciAllocationCleanupReconciler.FINALIZER)) {
            // Nothing is written without the finalizer; adding it triggers another reconciliation.
            return UpdateControl.noUpdate();
        }
        AllocationProcessor.Result result = processor.process(object);
        AllocationSyncResult syncResult = result.syncResult();
        triggerHosts(result.desired(), syncResult);
        if (!isStatusPremature(object, result)) {
            publishStatus(statusPatcher.withLastWrite(object), result);
        }
        UpdateControl<PciAllocation> control = UpdateControl.noUpdate();
        return needsRetry(syncResult)
                ? control.rescheduleAfter(retries.nextAllocationDelay(name))
                : withoutRetry(control, name);
    }

    private void publishStatus(PciAllocation object, AllocationProcessor.Result result) {
        PciAllocationStatusFactory statusFactory = new PciAllocationStatusFactory(object, result, clock.instant());
        PciAllocationStatus status = statusFactory.createStatus();
        if (statusPatcher.patchIfChanged(object, new PciAllocation(), status, status.equals(object.getStatus()))) {
            eventRecorder.recordAllocationChanges(object, status, result.syncResult(), statusFactory.isHealed());
        }
    }

    /**
     * Whether it is too early to write the status. After a restart the hosts are synced soon and trigger the
     * PciAllocations; writing to each that it is pending would only delay that.
     */
    private boolean isStatusPremature(PciAllocation object, AllocationProcessor.Result result) {
        return result.syncResult() instanceof AllocationSyncResult.Deferred
                && (object.getStatus() != null
                        || !result.desired().nodeNames().stream().allMatch(this::isHostEvaluated));
    }

    private boolean isHostEvaluated(String node) {
        return hostResults
                .findResult(node)
                .filter(record -> !(record.syncResult() instanceof HostSyncResult.Deferred))
                .isPresent();
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

    /** Triggers the hosts whose usage, or whose condition AllocationsHealed, may have changed. */
    private void triggerHosts(DesiredAllocation desired, AllocationSyncResult syncResult) {
        if (syncResult instanceof AllocationSyncResult.Evaluated evaluated) {
            AllocationProblem problem = evaluated.decision().findProblem().orElse(null);
            boolean changed = index.setProblem(desired.name(), problem);
            Set<String> nodes = new TreeSet<>(evaluated.touchedNodes());
            if (changed) {
                allocationEventSource.triggerAll(index.conflictingAllocations(desired));
                nodes.addAll(desired.nodeNames());
            }
            nodes.forEach(hostEventSource::trigger);
        }
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return InternalErrorStatus.reportFailure(allocation, exception, statusPatcher, clock.instant());
    }
}
