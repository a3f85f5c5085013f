package io.pciplacement.operator;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.GrantedDevice;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.operator.sync.ReleaseRequest;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.Holding;
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
        fieldManager = HostReconciler.FIELD_MANAGER,
        finalizerName = ReleaseReconciler.FINALIZER,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = AllocationChanges.class, genericFilter = ManagedConsumers.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class ReleaseReconciler implements Reconciler<PciAllocation>, Cleaner<PciAllocation> {

    static final String FINALIZER = "pciplacement.io/release";

    private static final Duration RETRY = Duration.ofSeconds(5);

    private final ClusterView cluster;
    private final AllocationBook book;
    private final PlacementSync placement;
    private final HostTriggers hosts;
    private final StatusWriter statuses;
    private final EventPublisher events;
    private final Clock clock;

    ReleaseReconciler(
            ClusterView cluster,
            AllocationBook book,
            PlacementSync placement,
            HostTriggers hosts,
            StatusWriter statuses,
            EventPublisher events,
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
        try (var _ = ObjectFields.of(object)) {
            return released(object);
        }
    }

    private DeleteControl released(PciAllocation object) {
        Holding holding = book.of(object.getMetadata().getName()).orElseGet(() -> AllocationReader.holding(object));
        book.goes(object.getMetadata().getUid());
        PciAllocation last = statuses.latest(object);
        AllocationRecord record = new StatusRecordKeeper(last, book, statuses).record();
        Set<UUID> consumers = new TreeSet<>(holding.consumers());
        consumers.addAll(record.consumers());
        // What somebody has for whom an older object is there is that object's; this one was never followed.
        consumers.removeIf(consumer -> book.belongsToOlder(consumer, holding));
        AllocationOutcome outcome = placement.release(new ReleaseRequest(
                holding,
                consumers,
                record,
                AllocationReader.refusal(last).isEmpty() || AllocationReader.hasAmounts(last),
                AllocationReader.requested(last),
                cluster::hasHost,
                book.olderThan(holding)));
        return switch (outcome) {
            case AllocationOutcome.Released released -> {
                released.touched().forEach(hosts::wake);
                yield DeleteControl.defaultDelete();
            }
            case AllocationOutcome.Judged j -> throw new IllegalStateException("a release is not judged");
            case AllocationOutcome.NotYet n -> {
                tell(object, holding, n, record);
                yield DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY.toMillis());
            }
            case AllocationOutcome.NoPlacement away -> {
                tell(object, holding, away, record);
                yield DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY.toMillis());
            }
        };
    }

    /** Who waits for the object to go must see what that waits for. */
    private void tell(PciAllocation seen, Holding holding, AllocationOutcome waits, AllocationRecord record) {
        PciAllocation object = statuses.latest(seen);
        PciAllocationStatus before = object.getStatus();
        List<GrantedDevice> devices = before == null || before.devices() == null ? List.of() : before.devices();
        Long granted = before == null ? null : before.grantedGeneration();
        PciAllocationStatus status = new AllocationReport(
                        object, new AllocationWork.Result(holding, waits, devices, granted, record), clock.instant())
                .status();
        if (statuses.update(object, new PciAllocation(), status, status.equals(before))) {
            events.transitions(object, status, waits, false);
        }
    }

    @Override
    public ErrorStatusUpdateControl<PciAllocation> updateErrorStatus(
            PciAllocation allocation, Context<PciAllocation> context, Exception exception) {
        return FailureStatus.report(allocation, exception, statuses, clock.instant());
    }
}
