package io.pciplacement.operator;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Problem;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Carries what a PciAllocation says of its consumer to Placement, and the outcome into its status. */
@ControllerConfiguration(
        name = "allocations",
        fieldManager = HostReconciler.FIELD_MANAGER,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = AllocationChanges.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class AllocationReconciler implements Reconciler<PciAllocation> {

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    private final AllocationWatch watch;
    private final AllocationBook book;
    private final AllocationTriggers triggers;
    private final AllocationWork work;
    private final HostTriggers hosts;
    private final HostOutcomes outcomes;
    private final Retries retries;
    private final StatusWriter statuses;
    private final EventPublisher events;
    private final Clock clock;

    AllocationReconciler(
            AllocationWatch watch,
            AllocationBook book,
            AllocationTriggers triggers,
            AllocationWork work,
            HostTriggers hosts,
            HostOutcomes outcomes,
            Retries retries,
            StatusWriter statuses,
            EventPublisher events,
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
        try (var _ = ObjectFields.of(seen)) {
            return reconciled(seen);
        }
    }

    private UpdateControl<PciAllocation> reconciled(PciAllocation seen) {
        PciAllocation object = statuses.latest(seen);
        String name = object.getMetadata().getName();
        if (!watch.complete()) {
            return UpdateControl.<PciAllocation>noUpdate().rescheduleAfter(SOON);
        }
        if (!book.knows(name, object.getMetadata().getUid())) {
            // The book hears of it by a watch of its own. What nobody can see must not be judged: nobody would wake it.
            return UpdateControl.<PciAllocation>noUpdate().rescheduleAfter(AT_ONCE);
        }
        if (AllocationReader.managed(object) && !object.hasFinalizer(ReleaseReconciler.FINALIZER)) {
            // What is made now must be released one day; the finalizer's coming wakes this again.
            return UpdateControl.noUpdate();
        }
        AllocationWork.Result result = work.on(object);
        AllocationOutcome outcome = result.outcome();
        wakeHosts(result.holding(), outcome);
        if (!isTooEarly(object, result)) {
            tell(statuses.latest(object), result);
        }
        UpdateControl<PciAllocation> control = UpdateControl.noUpdate();
        return again(outcome) ? control.rescheduleAfter(retries.allocation(name)) : done(control, name);
    }

    private void tell(PciAllocation object, AllocationWork.Result result) {
        AllocationReport report = new AllocationReport(object, result, clock.instant());
        PciAllocationStatus status = report.status();
        if (statuses.update(object, new PciAllocation(), status, status.equals(object.getStatus()))) {
            events.transitions(object, status, result.outcome(), report.healed());
        }
    }

    /**
     * Whether there is nothing to say yet. When the operator starts, its hosts are looked at soon, and wake it then: to
     * say of each PciAllocation that it waits for that would only put it off.
     */
    private boolean isTooEarly(PciAllocation object, AllocationWork.Result result) {
        return result.outcome() instanceof AllocationOutcome.NotYet
                && (object.getStatus() != null
                        || !result.holding().nodes().stream().allMatch(this::isLookedAt));
    }

    private boolean isLookedAt(String node) {
        return outcomes.of(node)
                .filter(seen -> !(seen.outcome() instanceof HostOutcome.NotYet))
                .isPresent();
    }

    private UpdateControl<PciAllocation> done(UpdateControl<PciAllocation> control, String name) {
        retries.forgetAllocation(name);
        return control;
    }

    /** Nothing tells when somebody makes an allocation on providers that are not ours: that must be asked for. */
    private static boolean again(AllocationOutcome outcome) {
        return switch (outcome) {
            case Judged judged ->
                judged.retry() || judged.verdict().amiss().orElse(null) instanceof Problem.ConsumerHasNoAllocation;
            case AllocationOutcome.NoPlacement away -> away.retry();
            case AllocationOutcome.NotYet n -> false;
            case AllocationOutcome.Released r -> false;
        };
    }

    /** A host shows what is used of it and whether its consumers are right; and a write may have moved something. */
    private void wakeHosts(Holding holding, AllocationOutcome outcome) {
        if (outcome instanceof Judged judged) {
            Problem problem = judged.verdict().amiss().orElse(null);
            boolean news = book.problem(holding.name(), problem);
            Set<String> nodes = new TreeSet<>(judged.touched());
            if (news) {
                triggers.wake(book.rivals(holding));
                nodes.addAll(holding.nodes());
            }
            nodes.forEach(hosts::wake);
        }
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return FailureStatus.report(allocation, exception, statuses, clock.instant());
    }
}
