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
import io.pciplacement.sync.root.ConsumerRootProviders;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides claims, one at a time, so that no device goes to two; commits each with one write that Placement checks.
 * Where Placement has less than remembered, that is read again and another choice made, a few times at most.
 */
final class ClaimExecutor {

    private static final int TRIES = 4;

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final HostCapacityCache stocks;
    private final AllocationWriter writer;
    private final ConsumerRootProviders roots;
    private final ReentrantLock one = new ReentrantLock(true);

    /** Touched by whom the lock lets in only. */
    private final CapacityIndex market = new CapacityIndex();

    ClaimExecutor(
            PlacementClient placement,
            ProviderCache mirror,
            HostCapacityCache stocks,
            AllocationWriter writer,
            ConsumerRootProviders roots) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.writer = writer;
        this.roots = roots;
    }

    /** @throws PlacementException where nobody gets through */
    AllocationSyncResult decide(ClaimRequest request) {
        one.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return attempt(request, attempt);
                } catch (PlacementException e) {
                    switch (FailureAction.to(e)) {
                        case WAIT -> throw e;
                        case REPLAN, REFUSED -> {
                            if (attempt == TRIES) {
                                return left(
                                        new AllocationProblem.RejectedByPlacement(String.valueOf(e.getMessage())),
                                        true);
                            }
                        }
                    }
                }
            }
        } finally {
            one.unlock();
        }
    }

    private AllocationSyncResult attempt(ClaimRequest request, int attempt) {
        Claim claim = request.claim();
        market.updateHosts(stocks.reported());
        return claim.consumer().managedExternally() ? onItsHosts(request, attempt) : anywhere(request, attempt);
    }

    private AllocationSyncResult anywhere(ClaimRequest request, int attempt) {
        return switch (choose(request, request.claim())) {
            case ScheduleResult.Unschedulable nothing -> left(nothing.problem(), false);
            case ScheduleResult.Scheduled granted -> {
                UUID consumer = request.claim().consumer().uuid();
                yield give(request, granted, placement.allocation(consumer), attempt);
            }
        };
    }

    /** Who is managed by somebody else gets devices only where that one has allocated something for it. */
    private AllocationSyncResult onItsHosts(ClaimRequest request, int attempt) {
        Claim claim = request.claim();
        UUID consumer = claim.consumer().uuid();
        Allocation present = placement.allocation(consumer);
        if (present.generation() == null) {
            return left(new AllocationProblem.ConsumerHasNoAllocation(consumer), false);
        }
        List<String> differing = claim.consumer().mismatches(present);
        if (!differing.isEmpty()) {
            return left(new AllocationProblem.ForeignConsumer(consumer, differing), true);
        }
        Map<UUID, String> found = roots.of(List.of(present));
        List<String> hosts = market.nodesWithRoots(found.keySet()).stream()
                .filter(node -> claim.node() == null || claim.node().equals(node))
                .toList();
        if (hosts.isEmpty()) {
            return left(
                    new AllocationProblem.ConsumerElsewhere(
                            consumer,
                            Objects.requireNonNullElse(claim.node(), ""),
                            found.values().stream().distinct().sorted().toList()),
                    true);
        }
        for (String node : hosts) {
            if (choose(request, claim.restrictedTo(node)) instanceof ScheduleResult.Scheduled granted) {
                return give(request, granted, present, attempt);
            }
        }
        Claim narrowed = claim.restrictedTo(hosts.getFirst());
        request.narrowed().accept(narrowed);
        return choose(request, narrowed) instanceof ScheduleResult.Unschedulable nothing
                ? left(nothing.problem(), true)
                : new AllocationSyncResult.Deferred();
    }

    private ScheduleResult choose(ClaimRequest request, Claim claim) {
        return ClaimScheduler.schedule(claim, request.elders().get(), market, request.taken());
    }

    private AllocationSyncResult give(
            ClaimRequest request, ScheduleResult.Scheduled granted, Allocation has, int attempt) {
        Claim claim = request.claim();
        Map<UUID, Allocation> present = Map.of(claim.consumer().uuid(), has);
        DesiredAllocation holding = claim.toDesiredAllocation(granted.assignments());
        Set<String> nodes = new TreeSet<>(market.nodesUsedBy(claim.consumer().uuid()));
        nodes.addAll(holding.nodeNames());
        Map<String, HostCapacity> hosts = market.findHosts(nodes);
        AllocationDecision verdict =
                AllocationEvaluator.evaluate(holding, hosts, device -> Optional.empty(), present, mirror::ofDevices);
        AllocationSyncResult.Evaluated judged = switch (verdict) {
            case AllocationDecision.Blocked left ->
                left(left.problem(), left.problem() instanceof AllocationProblem.ForeignConsumer);
            case AllocationDecision.InSync right ->
                new AllocationSyncResult.Evaluated(
                        right,
                        Set.of(),
                        false,
                        new RecordedAllocationWrite(request.records(), holding, present, right.deltas()).record());
            case AllocationDecision.Update write -> {
                RecordedAllocationWrite recorded =
                        new RecordedAllocationWrite(request.records(), holding, present, write.deltas());
                Set<String> touched = recorded.run(() -> write(present, write, attempt));
                yield new AllocationSyncResult.Evaluated(write, touched, false, recorded.record());
            }
        };
        if (!(judged.verdict() instanceof AllocationDecision.Blocked)) {
            request.granted().accept(granted.assignments());
        }
        return judged;
    }

    private Set<String> write(Map<UUID, Allocation> present, AllocationDecision.Update write, int attempt) {
        try {
            return writer.put(present, write.allocations(), attempt);
        } catch (PlacementException e) {
            if (FailureAction.to(e) != FailureAction.WAIT) {
                write.deltas().stream().map(AllocationDelta::providerUuid).forEach(writer::readAgain);
            }
            throw e;
        }
    }

    private static AllocationSyncResult.Evaluated left(AllocationProblem problem, boolean retry) {
        return new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem), retry);
    }
}
