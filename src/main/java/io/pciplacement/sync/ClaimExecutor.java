package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationEvaluator;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.claim.CapacityIndex;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.ClaimScheduler;
import io.pciplacement.planning.claim.ScheduleResult;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.index.AffectedObjects;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.root.ConsumerRootProviders;
import io.pciplacement.sync.state.FailureAction;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Executes claims one at a time, so that no device is assigned twice. Each claim is committed with one write that
 * Placement checks. If Placement has less capacity than cached, it is read again and another choice is made, a limited
 * number of times.
 */
final class ClaimExecutor {

    private static final int MAX_ATTEMPTS = 4;

    /**
     * One attempt to execute a claim.
     *
     * @param affected the objects and hosts that the granted devices affect
     * @param pendingClaim the claim, if it waits for capacity
     */
    record Attempt(
            AllocationSyncResult syncResult,
            AffectedObjects affected,
            AllocationIndex.@Nullable PendingClaim pendingClaim) {

        static Attempt withoutGrant(AllocationSyncResult syncResult) {
            return new Attempt(syncResult, AffectedObjects.NONE, null);
        }

        /** @param claim the claim as limited to the hosts that were considered */
        static Attempt blocked(Claim claim, AllocationProblem problem, boolean retry) {
            AllocationIndex.PendingClaim pendingClaim =
                    problem instanceof AllocationProblem.InsufficientDevices insufficient
                            ? new AllocationIndex.PendingClaim(claim, insufficient.olderClaimsPending())
                            : null;
            return new Attempt(
                    new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem), retry),
                    AffectedObjects.NONE,
                    pendingClaim);
        }
    }

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final HostCapacityCache capacityCache;
    private final AllocationWriter writer;
    private final ConsumerRootProviders roots;
    private final ReentrantLock claimLock = new ReentrantLock(true);

    /** Guarded by the lock. */
    private final CapacityIndex capacityIndex = new CapacityIndex();

    ClaimExecutor(
            PlacementClient placement,
            ProviderCache providerCache,
            HostCapacityCache capacityCache,
            AllocationWriter writer,
            ConsumerRootProviders roots) {
        this.placement = placement;
        this.providerCache = providerCache;
        this.capacityCache = capacityCache;
        this.writer = writer;
        this.roots = roots;
    }

    /** @throws PlacementException if Placement cannot be used */
    Attempt executeClaim(ClaimRequest request) {
        claimLock.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return attemptClaim(request, attempt);
                } catch (PlacementException e) {
                    switch (FailureAction.forException(e)) {
                        case WAIT -> throw e;
                        case REPLAN, GIVE_UP -> {
                            if (attempt == MAX_ATTEMPTS) {
                                return Attempt.blocked(
                                        request.claim(),
                                        new AllocationProblem.RejectedByPlacement(String.valueOf(e.getMessage())),
                                        true);
                            }
                        }
                    }
                }
            }
        } finally {
            claimLock.unlock();
        }
    }

    private Attempt attemptClaim(ClaimRequest request, int attempt) {
        Claim claim = request.claim();
        capacityIndex.updateHosts(capacityCache.availableHosts());
        return claim.consumer().managedExternally()
                ? claimOnConsumerHosts(request, attempt)
                : claimOnAnyHost(request, attempt);
    }

    private Attempt claimOnAnyHost(ClaimRequest request, int attempt) {
        return switch (scheduleClaim(request, request.claim())) {
            case ScheduleResult.Unschedulable unschedulable ->
                Attempt.blocked(request.claim(), describeUnreadHosts(request, unschedulable.problem()), false);
            case ScheduleResult.Scheduled scheduled -> {
                UUID consumer = request.claim().consumer().uuid();
                yield assignDevices(request, scheduled, placement.getAllocation(consumer), attempt);
            }
        };
    }

    /** After a start the hosts are read one by one: until then it is unknown which one comes closest. */
    private AllocationProblem describeUnreadHosts(ClaimRequest request, AllocationProblem.InsufficientDevices problem) {
        String only = request.claim().node();
        boolean hostsUnread = request.reportedHosts()
                .get()
                .filter(node -> only == null || node.equals(only))
                .anyMatch(node -> capacityCache.findCapacity(node).isEmpty());
        return new AllocationProblem.InsufficientDevices(
                problem.nearest(), problem.constraintsFail(), problem.olderClaimsPending(), hostsUnread);
    }

    /**
     * Executes the claim of an External consumer, which gets devices only on hosts where it already has an allocation.
     */
    private Attempt claimOnConsumerHosts(ClaimRequest request, int attempt) {
        Claim claim = request.claim();
        UUID consumer = claim.consumer().uuid();
        Allocation present = placement.getAllocation(consumer);
        if (present.generation() == null) {
            return Attempt.blocked(claim, new AllocationProblem.ConsumerHasNoAllocation(consumer), false);
        }
        List<String> differing = claim.consumer().mismatches(present);
        if (!differing.isEmpty()) {
            return Attempt.blocked(claim, new AllocationProblem.ForeignConsumer(consumer, differing), true);
        }
        Map<UUID, String> found = roots.rootsOfAllocations(List.of(present));
        List<String> hosts = capacityIndex.nodesWithRoots(found.keySet()).stream()
                .filter(node -> claim.node() == null || claim.node().equals(node))
                .toList();
        if (hosts.isEmpty()) {
            return Attempt.blocked(
                    claim,
                    new AllocationProblem.ConsumerElsewhere(
                            consumer,
                            Objects.requireNonNullElse(claim.node(), ""),
                            found.values().stream().distinct().sorted().toList()),
                    true);
        }
        for (String node : hosts) {
            if (scheduleClaim(request, claim.restrictedTo(node)) instanceof ScheduleResult.Scheduled scheduled) {
                return assignDevices(request, scheduled, present, attempt);
            }
        }
        Claim narrowed = claim.restrictedTo(hosts.getFirst());
        return scheduleClaim(request, narrowed) instanceof ScheduleResult.Unschedulable unschedulable
                ? Attempt.blocked(narrowed, unschedulable.problem(), true)
                : Attempt.withoutGrant(new AllocationSyncResult.Deferred());
    }

    private ScheduleResult scheduleClaim(ClaimRequest request, Claim claim) {
        AllocationIndex index = request.index();
        return ClaimScheduler.schedule(
                claim,
                index.olderClaims(request.claim()),
                capacityIndex,
                node -> index.devicesHeldByOthers(node, claim.name()));
    }

    private Attempt assignDevices(
            ClaimRequest request, ScheduleResult.Scheduled scheduled, Allocation current, int attempt) {
        Claim claim = request.claim();
        Map<UUID, Allocation> present = Map.of(claim.consumer().uuid(), current);
        DesiredAllocation desired = claim.toDesiredAllocation(scheduled.assignments());
        Set<String> nodes =
                new TreeSet<>(capacityIndex.nodesUsedBy(claim.consumer().uuid()));
        nodes.addAll(desired.nodeNames());
        Map<String, HostCapacity> hosts = capacityIndex.findHosts(nodes);
        AllocationDecision decision = AllocationEvaluator.evaluate(
                desired, hosts, device -> Optional.empty(), present, providerCache::isDeviceProvider);
        return switch (decision) {
            case AllocationDecision.Blocked blocked ->
                Attempt.blocked(
                        claim, blocked.problem(), blocked.problem() instanceof AllocationProblem.ForeignConsumer);
            case AllocationDecision.InSync inSync -> {
                RecordedAllocationWrite recordedWrite =
                        new RecordedAllocationWrite(request.recordStore(), desired, present, inSync.deltas());
                yield grantedAttempt(request, scheduled, inSync, Set.of(), recordedWrite);
            }
            case AllocationDecision.Update update -> {
                RecordedAllocationWrite recordedWrite =
                        new RecordedAllocationWrite(request.recordStore(), desired, present, update.deltas());
                Set<String> touchedNodes = recordedWrite.executeWrite(() -> writeAllocations(present, update, attempt));
                yield grantedAttempt(request, scheduled, update, touchedNodes, recordedWrite);
            }
        };
    }

    /** Records the grant while the lock is held, so that the next claim finds the devices in the index. */
    private static Attempt grantedAttempt(
            ClaimRequest request,
            ScheduleResult.Scheduled scheduled,
            AllocationDecision decision,
            Set<String> touchedNodes,
            RecordedAllocationWrite recordedWrite) {
        AffectedObjects affected = request.index()
                .recordGrant(
                        request.claim().toDesiredAllocation(scheduled.assignments()),
                        request.objectUid(),
                        new AllocationIndex.DeviceGrant(request.generation(), scheduled.assignments()));
        return new Attempt(
                new AllocationSyncResult.Evaluated(decision, touchedNodes, false, recordedWrite.resultingRecord()),
                affected,
                null);
    }

    private Set<String> writeAllocations(Map<UUID, Allocation> present, AllocationDecision.Update update, int attempt) {
        try {
            return writer.putAllocations(present, update.allocations(), attempt);
        } catch (PlacementException e) {
            if (FailureAction.forException(e) != FailureAction.WAIT) {
                update.deltas().stream().map(AllocationDelta::providerUuid).forEach(writer::refreshAllocations);
            }
            throw e;
        }
    }
}
