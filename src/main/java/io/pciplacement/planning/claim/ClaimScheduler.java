package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.text.CountFormat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Scheduler that selects host and devices for a claim. Hosts with enough capacity are ranked by: (1) most devices the
 * consumer already has there, (2) fewest untouched providers used, (3) least remaining capacity, (4) name.
 * Deterministic. Of hosts with equal capacity only the first by name is evaluated. Constraints are solved exactly
 * within {@link #MAX_STEPS_PER_HOST}.
 */
public final class ClaimScheduler {

    private final CapacityIndex index;
    private final Function<String, Set<PciAddress>> devicesHeldByOthers;
    private final Map<String, FreeCapacity> reservedCapacity = new HashMap<>();

    /** Steps for the constraints of one claim on one host, and on all hosts together. */
    private static final int MAX_STEPS_PER_HOST = 2_000;

    private static final int MAX_STEPS_PER_CLAIM = 10_000;

    private final SearchLimit limitForOlderClaims = new SearchLimit(MAX_STEPS_PER_CLAIM);

    private ClaimScheduler(CapacityIndex index, Function<String, Set<PciAddress>> devicesHeldByOthers) {
        this.index = index;
        this.devicesHeldByOthers = devicesHeldByOthers;
    }

    /**
     * Schedules one claim.
     *
     * @param olderClaims older pending claims; capacity that can satisfy one of them is reserved for it
     * @param devicesHeldByOthers returns the devices of a node that other consumers have
     */
    public static ScheduleResult schedule(
            Claim claim,
            Collection<Claim> olderClaims,
            CapacityIndex index,
            Function<String, Set<PciAddress>> devicesHeldByOthers) {
        ClaimScheduler scheduler = new ClaimScheduler(index, devicesHeldByOthers);
        olderClaims.stream().sorted(Claim.OLDEST_FIRST).forEach(scheduler::reserveFor);
        return switch (scheduler.schedule(claim, new SearchLimit(MAX_STEPS_PER_CLAIM))) {
            case ScheduleResult.Scheduled scheduled -> scheduled;
            case ScheduleResult.Unschedulable(AllocationProblem.InsufficientDevices problem) ->
                new ScheduleResult.Unschedulable(
                        problem.withOlderClaimsPending(scheduler.isBlockedByReservations(claim)));
        };
    }

    /** Whether the capacity reserved for older claims would satisfy the claim. */
    private boolean isBlockedByReservations(Claim claim) {
        return !reservedCapacity.isEmpty()
                && new ClaimScheduler(index, devicesHeldByOthers).schedule(claim, new SearchLimit(MAX_STEPS_PER_CLAIM))
                        instanceof ScheduleResult.Scheduled;
    }

    private void reserveFor(Claim olderClaim) {
        if (schedule(olderClaim, limitForOlderClaims) instanceof ScheduleResult.Scheduled scheduled) {
            scheduled.assignments().stream()
                    .map(assignment -> assignment.device().node())
                    .distinct()
                    .forEach(node -> reservedCapacity.put(
                            node, freeCapacity(node, olderClaim).withoutAssigned(scheduled.assignments())));
        }
    }

    private FreeCapacity freeCapacity(String node, Claim claim) {
        FreeCapacity capacity = reservedCapacity.get(node);
        return capacity != null
                ? capacity
                : index.freeCapacity(node, devicesHeldByOthers, claim.consumer().uuid());
    }

    /**
     * Evaluated host.
     *
     * @param shortage why the constraints are not satisfied, although there are enough devices; otherwise null
     */
    private record Candidate(
            FreeCapacity capacity,
            DeviceMatching matching,
            @Nullable ConstraintShortage shortage) {

        boolean satisfiesClaim() {
            return shortage == null && matching.isComplete();
        }

        int missingUnits() {
            return shortage == null ? 0 : shortage.missingUnits();
        }
    }

    private static final int MAX_ATTACHED_SHOWN = 3;

    private static final Comparator<Candidate> BEST_FIRST = Comparator.<Candidate>comparingInt(
                    candidate -> -candidate.matching().assignedUnits())
            .thenComparingInt(Candidate::missingUnits)
            .thenComparingInt(candidate -> -candidate.matching().unitsKept())
            .thenComparingInt(candidate -> candidate.matching().newlyUsedProviders())
            .thenComparingInt(candidate -> candidate.matching().unitsLeftOver())
            .thenComparing(candidate -> candidate.capacity().node);

    private ScheduleResult schedule(Claim claim, SearchLimit limit) {
        Set<String> nodesInUse = index.nodesUsedBy(claim.consumer().uuid());
        Set<FreeCapacity.HostShape> evaluatedShapes = new HashSet<>();
        List<Integer> failingEverywhere =
                IntStream.range(0, claim.constraints().size()).boxed().collect(Collectors.toCollection(ArrayList::new));
        Candidate best = null;
        for (String node : index.candidateNodes(claim)) {
            FreeCapacity capacity = freeCapacity(node, claim);
            if (nodesInUse.contains(node) || evaluatedShapes.add(capacity.shape)) {
                Candidate candidate = evaluateHost(claim, capacity, limit);
                if (candidate.shortage() != null) {
                    failingEverywhere.retainAll(candidate.shortage().failingAlone());
                }
                best = best == null || BEST_FIRST.compare(candidate, best) < 0 ? candidate : best;
            }
        }
        if (best != null && best.satisfiesClaim()) {
            return new ScheduleResult.Scheduled(best.matching().deviceAssignments(best.capacity().node));
        }
        return new ScheduleResult.Unschedulable(
                best != null && best.shortage() != null
                        ? new AllocationProblem.InsufficientDevices(
                                best.shortage().describe(claim, best.capacity(), failingEverywhere), true, false, false)
                        : new AllocationProblem.InsufficientDevices(
                                describeNearest(claim, best)
                                        + describeVfsForNova(claim, best)
                                        + describeAttached(claim, best),
                                false,
                                false,
                                false));
    }

    private static Candidate evaluateHost(Claim claim, FreeCapacity capacity, SearchLimit limit) {
        if (claim.constraints().isEmpty()) {
            return new Candidate(capacity, DeviceMatching.compute(claim, capacity), null);
        }
        SearchLimit limitOfHost = limit.split(MAX_STEPS_PER_HOST);
        ConstraintSolver.Solution solution = ConstraintSolver.solve(claim, capacity, claim.constraints(), limitOfHost);
        limit.giveBack(limitOfHost);
        return switch (solution) {
            case ConstraintSolver.Solution.Solved(Map<String, BitSet> providers) ->
                new Candidate(capacity, DeviceMatching.compute(claim, capacity, providers), null);
            case ConstraintSolver.Solution.Unsatisfiable _, ConstraintSolver.Solution.LimitReached _ -> {
                DeviceMatching unconstrained = DeviceMatching.compute(claim, capacity);
                yield new Candidate(
                        capacity,
                        unconstrained,
                        unconstrained.isComplete() ? ConstraintShortage.evaluate(claim, capacity, solution) : null);
            }
        };
    }

    /** The first request that the nearest host cannot satisfy; the first of all if there is no host. */
    private static Optional<DeviceRequest> findUnsatisfied(Claim claim, @Nullable Candidate best) {
        return claim.requests().stream()
                .filter(request -> best == null || best.matching().assignedUnits(request) < request.count())
                .findFirst();
    }

    /** Explains why free VFs that the first unsatisfied request selects are not used. */
    private String describeVfsForNova(Claim claim, @Nullable Candidate best) {
        return findUnsatisfied(claim, best)
                .flatMap(request -> index.findHostOfVfsForNova(claim, request))
                .map(
                        " Host %s has free VFs, but its nova-compute assigns VFs itself (spec.reporting: Nova), so only servers of Nova get them; request a whole device instead."
                                ::formatted)
                .orElse("");
    }

    /** Explains why devices that Placement has free are not used. */
    private String describeAttached(Claim claim, @Nullable Candidate best) {
        if (best == null) {
            return "";
        }
        List<String> attached = findUnsatisfied(claim, best)
                .map(request -> index.findAttachedDevices(claim, request, best.capacity().node))
                .orElse(List.of());
        return attached.isEmpty()
                ? ""
                : " libvirt has attached devices to servers to which Placement has not allocated them: %s%s; see pci audit."
                        .formatted(
                                attached.stream().limit(MAX_ATTACHED_SHOWN).collect(Collectors.joining(", ")),
                                attached.size() > MAX_ATTACHED_SHOWN
                                        ? " and %d more".formatted(attached.size() - MAX_ATTACHED_SHOWN)
                                        : "");
    }

    private static String describeNearest(Claim claim, @Nullable Candidate best) {
        if (best == null) {
            return claim.node() == null
                    ? "no host has devices in Placement."
                    : "the devices of host %s are not in Placement.".formatted(claim.node());
        }
        return findUnsatisfied(claim, best)
                .map(request -> "%s%s has %d of %s free for request %s%s."
                        .formatted(
                                claim.node() == null ? "best match " : "",
                                best.capacity().node,
                                best.matching().assignedUnits(request),
                                CountFormat.format(request.count(), "device"),
                                request,
                                claim.isolate() ? ", each from another provider" : ""))
                .orElseGet(() -> best.capacity().node + " is the best match.");
    }
}
