package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.AllocationProblem;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chooses host and devices for a claim. Of the hosts that have room, the one where the consumer has most already, where
 * fewest whole providers are broken into, where least is left over, the first by name. Stable: the same question has
 * the same answer. Of hosts that are alike only the first by name is looked at.
 */
public final class ClaimScheduler {

    private final CapacityIndex market;
    private final Function<String, Set<PciAddress>> taken;
    private final Map<String, FreeCapacity> changed = new HashMap<>();

    private ClaimScheduler(CapacityIndex market, Function<String, Set<PciAddress>> taken) {
        this.market = market;
        this.taken = taken;
    }

    /**
     * Chooses for one claim.
     *
     * @param elders older claims that wait: what one of them could have now is not given away
     * @param taken which devices of a node somebody else than the claim's consumer holds
     */
    public static ScheduleResult choose(
            Claim claim, Collection<Claim> elders, CapacityIndex market, Function<String, Set<PciAddress>> taken) {
        ClaimScheduler chooser = new ClaimScheduler(market, taken);
        elders.stream().sorted(Claim.OLDEST_FIRST).forEach(chooser::keepFor);
        return switch (chooser.choose(claim)) {
            case ScheduleResult.Scheduled granted -> granted;
            case ScheduleResult.Unschedulable(AllocationProblem.NoRoom(String nearest, boolean behind)) ->
                new ScheduleResult.Unschedulable(new AllocationProblem.NoRoom(nearest, chooser.changesAnswer(claim)));
        };
    }

    /** Whether what is kept for elders is what a claim lacks. */
    private boolean changesAnswer(Claim claim) {
        return !changed.isEmpty()
                && new ClaimScheduler(market, taken).choose(claim) instanceof ScheduleResult.Scheduled;
    }

    private void keepFor(Claim elder) {
        if (choose(elder) instanceof ScheduleResult.Scheduled granted) {
            granted.grants().stream()
                    .map(grant -> grant.device().node())
                    .distinct()
                    .forEach(node -> changed.put(node, room(node).without(granted.grants())));
        }
    }

    private FreeCapacity room(String node) {
        FreeCapacity room = changed.get(node);
        return room != null ? room : market.room(node, taken);
    }

    /** One host's offer. */
    private record Candidate(FreeCapacity room, DeviceMatching matching) {}

    private static final Comparator<ClaimScheduler.Candidate> BEST_FIRST =
            Comparator.<ClaimScheduler.Candidate>comparingInt(
                            offer -> -offer.matching().placed())
                    .thenComparingInt(offer -> -offer.matching().kept())
                    .thenComparingInt(offer -> offer.matching().opened())
                    .thenComparingInt(offer -> offer.matching().left())
                    .thenComparing(offer -> offer.room().node);

    private ScheduleResult choose(Claim claim) {
        Set<String> own = market.holding(claim.consumer().uuid());
        Set<FreeCapacity.HostShape> seen = new HashSet<>();
        ClaimScheduler.Candidate best = null;
        for (String node : market.nodesFor(claim)) {
            FreeCapacity room = room(node);
            if (own.contains(node) || seen.add(room.shape)) {
                ClaimScheduler.Candidate offer = new ClaimScheduler.Candidate(room, DeviceMatching.of(claim, room));
                best = best == null || BEST_FIRST.compare(offer, best) < 0 ? offer : best;
            }
        }
        return best != null && best.matching().complete()
                ? new ScheduleResult.Scheduled(best.matching().grants(best.room().node))
                : new ScheduleResult.Unschedulable(new AllocationProblem.NoRoom(nearest(claim, best), false));
    }

    private static String nearest(Claim claim, ClaimScheduler.@Nullable Candidate best) {
        if (best == null) {
            return claim.node() == null
                    ? "no host's devices are in Placement."
                    : "the devices of host %s are not in Placement.".formatted(claim.node());
        }
        for (DeviceRequest wish : claim.wishes()) {
            int placed = best.matching().placed(wish);
            if (placed < wish.count()) {
                return "%s%s has %d of %d devices free for request %s%s."
                        .formatted(
                                claim.node() == null ? "the nearest, " : "",
                                best.room().node,
                                placed,
                                wish.count(),
                                wish,
                                claim.isolate() ? ", each from another provider" : "");
            }
        }
        return best.room().node + " comes nearest.";
    }
}
