package io.pciplacement.planning.claim;

import io.pciplacement.planning.claim.ConstraintSolver.Solution;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why one host that has enough devices for a claim does not satisfy its constraints.
 *
 * @param missingUnits units that are missing at the value that comes closest, at least one
 * @param failingAlone constraints that the host does not satisfy even without the others, as positions in the claim
 * @param nearest what the host has, by constraint in {@code failingAlone}
 * @param limitReached whether the search was stopped before it had a result
 */
record ConstraintShortage(int missingUnits, List<Integer> failingAlone, List<String> nearest, boolean limitReached) {

    /** Steps to find the constraints that fail together; this is only for the message. */
    private static final int MAX_STEPS_OF_MESSAGE = 500;

    static ConstraintShortage evaluate(Claim claim, FreeCapacity capacity, Solution solution) {
        List<Integer> failing = new ArrayList<>();
        List<String> descriptions = new ArrayList<>();
        int missing = Integer.MAX_VALUE;
        Map<Attribute, CapacityGroups> groups = new EnumMap<>(Attribute.class);
        for (int position = 0; position < claim.constraints().size(); position++) {
            DeviceConstraint constraint = claim.constraints().get(position);
            Nearest nearest = findNearest(
                    claim,
                    groups.computeIfAbsent(
                            constraint.attribute(),
                            attribute -> new CapacityGroups(claim, capacity, EnumSet.of(attribute))),
                    constraint);
            if (nearest != null) {
                failing.add(position);
                descriptions.add(nearest.description());
                missing = Math.min(missing, nearest.missingUnits());
            }
        }
        return new ConstraintShortage(
                failing.isEmpty() ? 1 : missing,
                List.copyOf(failing),
                List.copyOf(descriptions),
                solution instanceof Solution.LimitReached);
    }

    private record Nearest(int missingUnits, String description) {}

    /** The value with which a constraint comes closest; null if the host satisfies it without the other constraints. */
    private static @Nullable Nearest findNearest(Claim claim, CapacityGroups groups, DeviceConstraint constraint) {
        int[] counts = claim.requests().stream().mapToInt(DeviceRequest::count).toArray();
        int constrained = ConstraintSolver.requestSet(claim, constraint.requests());
        RequestFlow flow = new RequestFlow(counts.length, groups.capacities);
        long[][] byValue = groups.groupsByValue(constraint.attribute());
        Nearest best = null;
        for (int value = 0; value < byValue.length; value++) {
            long[][] domains = new long[counts.length][];
            for (int request = 0; request < counts.length; request++) {
                domains[request] = groups.groupsAcceptedBy(request);
                if ((constrained >>> request & 1) != 0) {
                    for (int word = 0; word < domains[request].length; word++) {
                        domains[request][word] &= byValue[value][word];
                    }
                }
            }
            if (flow.isFeasible(counts, domains, (1 << counts.length) - 1)) {
                return null;
            }
            int missing = Math.max(1, flow.computeShortage(counts, domains, constrained));
            if (best == null || missing < best.missingUnits()) {
                String name = groups.values(constraint.attribute()).get(value).toString();
                best = new Nearest(missing, describe(claim, constraint, flow, name));
            }
        }
        return best == null
                ? new Nearest(
                        Arrays.stream(counts).sum(),
                        "the %s of all suitable devices is unknown"
                                .formatted(constraint.attribute().value()))
                : best;
    }

    private static String describe(Claim claim, DeviceConstraint constraint, RequestFlow flow, String value) {
        boolean complete = true;
        List<String> parts = new ArrayList<>();
        for (int position = 0; position < claim.requests().size(); position++) {
            DeviceRequest request = claim.requests().get(position);
            if (constraint.requests().contains(request.name())) {
                int units = flow.assignedUnits(position);
                complete &= units == request.count();
                parts.add("%d of %d %s".formatted(units, request.count(), request.name()));
            }
        }
        return "%s has %s free%s"
                .formatted(
                        value,
                        parts.size() == 1
                                ? parts.getFirst()
                                : String.join(", ", parts.subList(0, parts.size() - 1)) + " and " + parts.getLast(),
                        complete ? ", but not together with the devices for the other requests" : "");
    }

    /**
     * Describes the shortage of the nearest host.
     *
     * @param failingEverywhere constraints that no host satisfies, as positions in the claim
     */
    String describe(Claim claim, FreeCapacity capacity, List<Integer> failingEverywhere) {
        if (failingAlone.isEmpty()) {
            return describeCombination(claim, capacity);
        }
        int index = failingAlone.stream()
                .filter(failingEverywhere::contains)
                .findFirst()
                .map(failingAlone::indexOf)
                .orElse(0);
        DeviceConstraint constraint = claim.constraints().get(failingAlone.get(index));
        boolean everywhere = claim.node() == null && failingEverywhere.contains(failingAlone.get(index));
        return everywhere
                ? "%s: no host has them %s; nearest: %s, %s."
                        .formatted(constraint, constraint.attribute().description(), capacity.node, nearest.get(index))
                : "%s: %s does not have them %s; nearest: %s."
                        .formatted(
                                constraint,
                                capacity.node,
                                constraint.attribute().description(),
                                nearest.get(index));
    }

    private String describeCombination(Claim claim, FreeCapacity capacity) {
        if (limitReached) {
            return "the search on %s was stopped at its limit before it had a result; fewer or simpler constraints, or a nodeName, help."
                    .formatted(capacity.node);
        }
        // With more constraints, an unsatisfiable claim stays unsatisfiable: the first one that is too much is found by
        // bisection.
        List<DeviceConstraint> constraints = claim.constraints();
        int satisfiable = 0;
        int unsatisfiable = constraints.size() - 1;
        while (unsatisfiable - satisfiable > 1) {
            int middle = (satisfiable + unsatisfiable) / 2;
            SearchLimit limit = new SearchLimit(MAX_STEPS_OF_MESSAGE);
            boolean solved = ConstraintSolver.solve(claim, capacity, constraints.subList(0, middle + 1), limit)
                    instanceof Solution.Unsatisfiable;
            unsatisfiable = solved ? middle : unsatisfiable;
            satisfiable = solved ? satisfiable : middle;
        }
        return "%s: %s has them only without the other constraints (%s)."
                .formatted(
                        constraints.get(unsatisfiable),
                        capacity.node,
                        constraints.subList(0, unsatisfiable).stream()
                                .map(DeviceConstraint::toString)
                                .collect(Collectors.joining("; ")));
    }
}
