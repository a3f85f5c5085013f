package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.Amount;
import io.pciplacement.planning.allocation.Choice;
import io.pciplacement.planning.allocation.Chooser;
import io.pciplacement.planning.allocation.Claim;
import io.pciplacement.planning.allocation.Healing;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.HostStock;
import io.pciplacement.planning.allocation.Market;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.Verdict;
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
final class ClaimDesk {

    private static final int TRIES = 4;

    private final PlacementClient placement;
    private final Mirror mirror;
    private final Stocks stocks;
    private final AllocationWriter writer;
    private final ConsumerRoots roots;
    private final ReentrantLock one = new ReentrantLock(true);

    /** Touched by whom the lock lets in only. */
    private final Market market = new Market();

    ClaimDesk(PlacementClient placement, Mirror mirror, Stocks stocks, AllocationWriter writer, ConsumerRoots roots) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.writer = writer;
        this.roots = roots;
    }

    /** @throws PlacementException where nobody gets through */
    AllocationOutcome decide(ClaimRequest request) {
        one.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return attempt(request, attempt);
                } catch (PlacementException e) {
                    switch (Reaction.to(e)) {
                        case WAIT -> throw e;
                        case REPLAN, REFUSED -> {
                            if (attempt == TRIES) {
                                return left(new Problem.RefusedByPlacement(String.valueOf(e.getMessage())), true);
                            }
                        }
                    }
                }
            }
        } finally {
            one.unlock();
        }
    }

    private AllocationOutcome attempt(ClaimRequest request, int attempt) {
        Claim claim = request.claim();
        market.update(stocks.reported());
        return claim.consumer().external() ? onItsHosts(request, attempt) : anywhere(request, attempt);
    }

    private AllocationOutcome anywhere(ClaimRequest request, int attempt) {
        return switch (choose(request, request.claim())) {
            case Choice.Nothing nothing -> left(nothing.problem(), false);
            case Choice.Granted granted -> {
                UUID consumer = request.claim().consumer().uuid();
                yield give(request, granted, placement.allocation(consumer), attempt);
            }
        };
    }

    /** Who is managed by somebody else gets devices only where that one has allocated something for it. */
    private AllocationOutcome onItsHosts(ClaimRequest request, int attempt) {
        Claim claim = request.claim();
        UUID consumer = claim.consumer().uuid();
        Allocation present = placement.allocation(consumer);
        if (present.generation() == null) {
            return left(new Problem.ConsumerHasNoAllocation(consumer), false);
        }
        List<String> differing = claim.consumer().mismatches(present);
        if (!differing.isEmpty()) {
            return left(new Problem.ForeignConsumer(consumer, differing), true);
        }
        Map<UUID, String> found = roots.of(List.of(present));
        List<String> hosts = market.nodesOf(found.keySet()).stream()
                .filter(node -> claim.node() == null || claim.node().equals(node))
                .toList();
        if (hosts.isEmpty()) {
            return left(
                    new Problem.ConsumerElsewhere(
                            consumer,
                            Objects.requireNonNullElse(claim.node(), ""),
                            found.values().stream().distinct().sorted().toList()),
                    true);
        }
        for (String node : hosts) {
            if (choose(request, claim.on(node)) instanceof Choice.Granted granted) {
                return give(request, granted, present, attempt);
            }
        }
        Claim narrowed = claim.on(hosts.getFirst());
        request.narrowed().accept(narrowed);
        return choose(request, narrowed) instanceof Choice.Nothing nothing
                ? left(nothing.problem(), true)
                : new AllocationOutcome.NotYet();
    }

    private Choice choose(ClaimRequest request, Claim claim) {
        return Chooser.choose(claim, request.elders().get(), market, request.taken());
    }

    private AllocationOutcome give(ClaimRequest request, Choice.Granted granted, Allocation has, int attempt) {
        Claim claim = request.claim();
        Map<UUID, Allocation> present = Map.of(claim.consumer().uuid(), has);
        Holding holding = claim.granted(granted.grants());
        Set<String> nodes = new TreeSet<>(market.holding(claim.consumer().uuid()));
        nodes.addAll(holding.nodes());
        Map<String, HostStock> hosts = market.hosts(nodes);
        Verdict verdict = Healing.judge(holding, hosts, device -> Optional.empty(), present, mirror::ofDevices);
        Judged judged = switch (verdict) {
            case Verdict.Left left -> left(left.problem(), left.problem() instanceof Problem.ForeignConsumer);
            case Verdict.Right right ->
                new Judged(
                        right,
                        Set.of(),
                        false,
                        new RecordedWrite(request.records(), holding, present, right.amounts()).record());
            case Verdict.Write write -> {
                RecordedWrite recorded = new RecordedWrite(request.records(), holding, present, write.amounts());
                Set<String> touched = recorded.run(() -> write(present, write, attempt));
                yield new Judged(write, touched, false, recorded.record());
            }
        };
        if (!(judged.verdict() instanceof Verdict.Left)) {
            request.granted().accept(granted.grants());
        }
        return judged;
    }

    private Set<String> write(Map<UUID, Allocation> present, Verdict.Write write, int attempt) {
        try {
            return writer.put(present, write.allocations(), attempt);
        } catch (PlacementException e) {
            if (Reaction.to(e) != Reaction.WAIT) {
                write.amounts().stream().map(Amount::uuid).forEach(writer::readAgain);
            }
            throw e;
        }
    }

    private static Judged left(Problem problem, boolean retry) {
        return new Judged(new Verdict.Left(problem), retry);
    }
}
