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

/** Carries what a PciAllocation says of its consumer to Placement, and the outcome into its status. */
@ControllerConfiguration(
        name = "allocations",
        fieldManager = FieldManagers.OPERATOR,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = AllocationUpdateFilter.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class PciAllocationReconciler implements Reconciler<PciAllocation> {

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    private final AllocationInformer watch;
    private final AllocationIndex book;
    private final AllocationEventSource triggers;
    private final AllocationProcessor work;
    private final HostEventSource hosts;
    private final HostResultCache outcomes;
    private final RetryTracker retries;
    private final StatusPatcher statuses;
    private final EventRecorder events;
    private final Clock clock;

    public PciAllocationReconciler(
            AllocationInformer watch,
            AllocationIndex book,
            AllocationEventSource triggers,
            AllocationProcessor work,
            HostEventSource hosts,
            HostResultCache outcomes,
            RetryTracker retries,
            StatusPatcher statuses,
            EventRecorder events,
            Clock clock) {
        this.watch = watch;
        this.book = book;
        this.triggers = triggers;
        this.work = work;
        this.hosts = hosts;
        this.outcomes = outcomes;
        this.retries = retries;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, PciAllocation>> prepareEventSources(EventSourceContext<PciAllocation> context) {
        return List.of(triggers.source());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciAllocation> reconcile(PciAllocation seen, Context<PciAllocation> context) {
        try (var _ = LogContext.of(seen)) {
            return reconciled(seen);
        }
    }

    private UpdateControl<PciAllocation> reconciled(PciAllocation seen) {
        PciAllocation object = statuses.latest(seen);
        String name = object.getMetadata().getName();
        if (!watch.complete()) {
            return UpdateControl.<PciAllocation>noUpdate().rescheduleAfter(SOON);
        }
        if (!book.isIndexed(name, object.getMetadata().getUid())) {
            // The book hears of it by a watch of its own. What nobody can see must not be judged: nobody would wake it.
            return UpdateControl.<PciAllocation>noUpdate().rescheduleAfter(AT_ONCE);
        }
        if (PciAllocationMapper.isOperatorManaged(object)
                && !object.hasFinalizer(PciAllocationCleanupReconciler.FINALIZER)) {
            // What is made now must be released one day; the finalizer's coming wakes this again.
            return UpdateControl.noUpdate();
        }
        AllocationProcessor.Result result = work.on(object);
        AllocationSyncResult outcome = result.outcome();
        wakeHosts(result.holding(), outcome);
        if (!isTooEarly(object, result)) {
            tell(statuses.latest(object), result);
        }
        UpdateControl<PciAllocation> control = UpdateControl.noUpdate();
        return again(outcome) ? control.rescheduleAfter(retries.allocation(name)) : done(control, name);
    }

    private void tell(PciAllocation object, AllocationProcessor.Result result) {
        PciAllocationStatusFactory report = new PciAllocationStatusFactory(object, result, clock.instant());
        PciAllocationStatus status = report.status();
        if (statuses.update(object, new PciAllocation(), status, status.equals(object.getStatus()))) {
            events.transitions(object, status, result.outcome(), report.healed());
        }
    }

    /**
     * Whether there is nothing to say yet. When the operator starts, its hosts are looked at soon, and wake it then: to
     * say of each PciAllocation that it waits for that would only put it off.
     */
    private boolean isTooEarly(PciAllocation object, AllocationProcessor.Result result) {
        return result.outcome() instanceof AllocationSyncResult.Deferred
                && (object.getStatus() != null
                        || !result.holding().nodes().stream().allMatch(this::isLookedAt));
    }

    private boolean isLookedAt(String node) {
        return outcomes.of(node)
                .filter(seen -> !(seen.outcome() instanceof HostSyncResult.Deferred))
                .isPresent();
    }

    private UpdateControl<PciAllocation> done(UpdateControl<PciAllocation> control, String name) {
        retries.forgetAllocation(name);
        return control;
    }

    /** Nothing tells when somebody makes an allocation on providers that are not ours: that must be asked for. */
    private static boolean again(AllocationSyncResult outcome) {
        return switch (outcome) {
            case AllocationSyncResult.Evaluated judged ->
                judged.retry()
                        || judged.decision().amiss().orElse(null) instanceof AllocationProblem.ConsumerHasNoAllocation;
            case AllocationSyncResult.PlacementUnavailable away -> away.retry();
            case AllocationSyncResult.Deferred n -> false;
            case AllocationSyncResult.Released r -> false;
        };
    }

    /** A host shows what is used of it and whether its consumers are right; and a write may have moved something. */
    private void wakeHosts(DesiredAllocation holding, AllocationSyncResult outcome) {
        if (outcome instanceof AllocationSyncResult.Evaluated judged) {
            AllocationProblem problem = judged.decision().amiss().orElse(null);
            boolean news = book.setProblem(holding.name(), problem);
            Set<String> nodes = new TreeSet<>(judged.touchedNodes());
            if (news) {
                triggers.wake(book.conflictingAllocations(holding));
                nodes.addAll(holding.nodes());
            }
            nodes.forEach(hosts::wake);
        }
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return InternalErrorStatus.report(allocation, exception, statuses, clock.instant());
    }
}
