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
import java.util.Map;
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
    private final ReentrantLock one = new ReentrantLock(true);

    /** Touched by whom the lock lets in only. */
    private final Market market = new Market();

    ClaimDesk(PlacementClient placement, Mirror mirror, Stocks stocks, AllocationWriter writer) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.writer = writer;
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
        Choice choice = Chooser.choose(claim, request.elders().get(), market, request.taken());
        if (!(choice instanceof Choice.Granted granted)) {
            return left(((Choice.Nothing) choice).problem(), false);
        }
        UUID consumer = claim.consumer().uuid();
        Map<UUID, Allocation> present = Map.of(consumer, placement.allocation(consumer));
        Holding holding = claim.granted(granted.grants());
        Set<String> nodes = new TreeSet<>(market.holding(claim.consumer().uuid()));
        nodes.addAll(holding.nodes());
        Map<String, HostStock> hosts = market.hosts(nodes);
        Verdict verdict = Healing.judge(holding, hosts, device -> Optional.empty(), present, mirror::ofDevices);
        Set<String> touched = Set.of();
        switch (verdict) {
            case Verdict.Left left -> {
                return left(left.problem(), false);
            }
            case Verdict.Right right -> {}
            case Verdict.Write write -> touched = write(present, write, attempt);
        }
        request.granted().accept(granted.grants());
        return new Judged(verdict, touched, false);
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
        return new Judged(new Verdict.Left(problem), Set.of(), retry);
    }
}
