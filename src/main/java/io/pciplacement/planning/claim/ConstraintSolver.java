package io.pciplacement.planning.claim;

import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Exact search for values of the constraints' attributes with which one host satisfies a claim. It selects a value for
 * one constraint after the other and goes back if the rest cannot be satisfied. Before each step, the maximum flow from
 * requests to devices excludes values for which not even the remaining devices suffice, and of equal states
 * ({@link PlacementSymmetries}) only one is searched.
 *
 * <p>Values are tried in this order: most units of the consumer, most units on preferred NUMA nodes, most units of
 * providers that are already in use, least capacity, first by name.
 */
final class ConstraintSolver {

    /** Result of a search. */
    sealed interface Solution {

        /** @param providers indexes of the providers that each request may use, by name of the request */
        record Solved(Map<String, BitSet> providers) implements Solution {

            public Solved {
                providers = Map.copyOf(providers);
            }
        }

        /** No selection of devices satisfies the constraints. */
        record Unsatisfiable() implements Solution {}

        /** The search was stopped before it had a result. */
        record LimitReached() implements Solution {}
    }

    private static final int UNDECIDED = -1;

    private final Claim claim;
    private final CapacityGroups groups;
    private final SearchLimit limit;
    private final PlacementSymmetries symmetries;
    private final RequestFlow flow;
    private final int[] counts;
    private final int allRequests;
    /** Constraints without redundancy: those of one attribute that share a request are one. */
    private final List<ConstraintPart> parts;

    private final int[] selectedValues;
    private final int[] tagsOfRequests;
    private final Set<List<Integer>> unsatisfiableStates = new HashSet<>();
    private boolean limitReached;

    /** State of the search before a step. */
    private static final class State {

        /** Groups that each request may use. */
        private final long[][] domains;
        /** Values that each part may still have. */
        private final BitSet[] viable;

        private final int decidedRequests;

        State(long[][] domains, BitSet[] viable, int decidedRequests) {
            this.domains = domains;
            this.viable = viable;
            this.decidedRequests = decidedRequests;
        }
    }

    private ConstraintSolver(
            Claim claim, FreeCapacity capacity, List<DeviceConstraint> constraints, SearchLimit limit) {
        this.claim = claim;
        this.limit = limit;
        Set<Attribute> attributes = EnumSet.noneOf(Attribute.class);
        constraints.forEach(constraint -> attributes.add(constraint.attribute()));
        this.groups = new CapacityGroups(claim, capacity, attributes);
        this.symmetries = new PlacementSymmetries(groups);
        this.counts = claim.requests().stream().mapToInt(DeviceRequest::count).toArray();
        this.allRequests = (1 << counts.length) - 1;
        this.flow = new RequestFlow(counts.length, groups.capacities);
        this.tagsOfRequests = IntStream.range(0, counts.length)
                .map(request -> 2 * signatureOf(request))
                .toArray();
        this.parts = ConstraintPart.partition(claim, groups, constraints, symmetries, tagsOfRequests);
        this.selectedValues = new int[parts.size()];
        Arrays.fill(selectedValues, UNDECIDED);
    }

    static Solution solve(Claim claim, FreeCapacity capacity, List<DeviceConstraint> constraints, SearchLimit limit) {
        return new ConstraintSolver(claim, capacity, constraints, limit).solve();
    }

    /** Returns requests of a claim as a bit set of their positions. */
    static int requestSet(Claim claim, List<String> names) {
        return IntStream.range(0, claim.requests().size())
                .filter(request -> names.contains(claim.requests().get(request).name()))
                .map(request -> 1 << request)
                .reduce(0, (one, other) -> one | other);
    }

    /** The same for requests that accept the same providers and have the same count. */
    private int signatureOf(int request) {
        List<Integer> signature = new ArrayList<>(List.of(counts[request]));
        BitSet.valueOf(groups.groupsAcceptedBy(request)).stream().forEach(signature::add);
        return symmetries.intern(signature);
    }

    private static long[] intersect(long[] one, long[] other) {
        return ConstraintPart.intersect(one, other);
    }

    /** Restricts the domains of these requests; a loop over bits, because it is part of the innermost step. */
    private static void restrict(long[][] domains, int requests, long[] groupsOfValue) {
        for (int bits = requests; bits != 0; bits &= bits - 1) {
            int request = Integer.numberOfTrailingZeros(bits);
            domains[request] = intersect(domains[request], groupsOfValue);
        }
    }

    private static boolean isEmpty(long[] set) {
        for (long word : set) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    private Solution solve() {
        long[][] domains = IntStream.range(0, counts.length)
                .mapToObj(groups::groupsAcceptedBy)
                .toArray(long[][]::new);
        BitSet[] viable = new BitSet[parts.size()];
        for (int part = 0; part < viable.length; part++) {
            viable[part] = new BitSet();
            viable[part].set(0, parts.get(part).groupsByValue.length);
        }
        State start = new State(domains, viable, 0);
        for (int part = 0; part < viable.length; part++) {
            excludeValues(start, part, viable[part]);
        }
        long[][] solved = search(start);
        if (solved == null) {
            return limitReached ? new Solution.LimitReached() : new Solution.Unsatisfiable();
        }
        Map<String, BitSet> providers = new HashMap<>();
        for (int request = 0; request < counts.length; request++) {
            providers.put(claim.requests().get(request).name(), groups.findProviders(solved[request]));
        }
        return new Solution.Solved(providers);
    }

    /** Returns the groups that each request may use; null if there are none, or the limit was reached. */
    private long @Nullable [][] search(State state) {
        if (!isFeasible(state)) {
            return null;
        }
        int next = selectPart(state);
        if (next == UNDECIDED) {
            return state.domains;
        }
        for (int value : parts.get(next).valuesInOrder) {
            if (state.viable[next].get(value)) {
                if (!limit.takeStep()) {
                    limitReached = true;
                    return null;
                }
                selectedValues[next] = value;
                List<Integer> key = describeSelection();
                long[][] solved = unsatisfiableStates.contains(key) ? null : search(selectValue(state, next, value));
                if (solved != null) {
                    return solved;
                }
                if (limitReached) {
                    return null;
                }
                unsatisfiableStates.add(key);
            }
        }
        selectedValues[next] = UNDECIDED;
        return null;
    }

    /** Whether the devices suffice if each undecided constraint could use all of its remaining values at once. */
    private boolean isFeasible(State state) {
        long[][] relaxed = state.domains.clone();
        for (int part = 0; part < parts.size(); part++) {
            if (selectedValues[part] == UNDECIDED) {
                if (state.viable[part].isEmpty()) {
                    return false;
                }
                long[] union = groups.newGroupSet();
                long[][] byValue = parts.get(part).groupsByValue;
                state.viable[part].stream().forEach(value -> {
                    for (int word = 0; word < union.length; word++) {
                        union[word] |= byValue[value][word];
                    }
                });
                restrict(relaxed, parts.get(part).requests, union);
            }
        }
        return flow.isFeasible(counts, relaxed, allRequests);
    }

    /** Selects the constraint with the fewest values, if possible one that shares requests with a decided one. */
    private int selectPart(State state) {
        int best = UNDECIDED;
        boolean[] partlyDecided = findPartlyDecided();
        boolean bestIsConnected = false;
        for (int part = 0; part < parts.size(); part++) {
            if (selectedValues[part] == UNDECIDED) {
                boolean connected = partlyDecided[part];
                if (best == UNDECIDED
                        || (connected && !bestIsConnected)
                        || (connected == bestIsConnected && isHarder(state, part, best))) {
                    best = part;
                    bestIsConnected = connected;
                }
            }
        }
        return best;
    }

    private boolean isHarder(State state, int part, int other) {
        int values = state.viable[part].cardinality();
        int otherValues = state.viable[other].cardinality();
        return values != otherValues ? values < otherValues : unitsOf(part) > unitsOf(other);
    }

    private int unitsOf(int part) {
        int units = 0;
        for (int bits = parts.get(part).requests; bits != 0; bits &= bits - 1) {
            units += counts[Integer.numberOfTrailingZeros(bits)];
        }
        return units;
    }

    /** Returns the parts of components that have both decided and undecided parts. */
    private boolean[] findPartlyDecided() {
        boolean[] decided = new boolean[parts.size() + 1];
        boolean[] undecided = new boolean[parts.size() + 1];
        for (int part = 0; part < parts.size(); part++) {
            (selectedValues[part] == UNDECIDED ? undecided : decided)[parts.get(part).component] = true;
        }
        boolean[] partly = new boolean[parts.size()];
        for (int part = 0; part < partly.length; part++) {
            int component = parts.get(part).component;
            partly[part] = decided[component] && undecided[component];
        }
        return partly;
    }

    private State selectValue(State state, int part, int value) {
        int requests = parts.get(part).requests;
        long[][] domains = state.domains.clone();
        long[] touched = groups.newGroupSet();
        restrict(domains, requests, parts.get(part).groupsByValue[value]);
        for (int bits = requests; bits != 0; bits &= bits - 1) {
            long[] domain = domains[Integer.numberOfTrailingZeros(bits)];
            for (int word = 0; word < touched.length; word++) {
                touched[word] |= domain[word];
            }
        }
        BitSet[] viable = state.viable.clone();
        State after = new State(domains, viable, state.decidedRequests | requests);
        for (int other = 0; other < viable.length; other++) {
            if (selectedValues[other] == UNDECIDED) {
                BitSet suspects = (BitSet) viable[other].clone();
                if ((parts.get(other).requests & requests) == 0) {
                    long[][] byValue = parts.get(other).groupsByValue;
                    for (int known : viable[other].stream().toArray()) {
                        suspects.set(known, !isEmpty(intersect(byValue[known], touched)));
                    }
                }
                viable[other] = (BitSet) viable[other].clone();
                excludeValues(after, other, suspects);
            }
        }
        return after;
    }

    /** Excludes those of the suspected values with which a constraint and the decided ones do not get their devices. */
    private void excludeValues(State state, int part, BitSet suspects) {
        int requests = parts.get(part).requests;
        for (int value : suspects.stream().toArray()) {
            long[][] domains = state.domains.clone();
            restrict(domains, requests, parts.get(part).groupsByValue[value]);
            if (!flow.isFeasible(counts, domains, state.decidedRequests | requests)) {
                state.viable[part].clear(value);
            }
        }
    }

    /** Returns the key of the state after the selected values. */
    private List<Integer> describeSelection() {
        List<List<PlacementSymmetries.Placement>> placements = new ArrayList<>();
        boolean[] partlyDecided = findPartlyDecided();
        for (int request = 0; request < counts.length; request++) {
            List<PlacementSymmetries.Placement> ofRequest = new ArrayList<>();
            for (int part = 0; part < parts.size(); part++) {
                if (selectedValues[part] != UNDECIDED && (parts.get(part).requests >>> request & 1) != 0) {
                    // The requests of a component with undecided constraints are not interchangeable.
                    int tag = partlyDecided[part] ? 2 * request + 1 : tagsOfRequests[request];
                    ofRequest.add(
                            new PlacementSymmetries.Placement(parts.get(part).attribute, selectedValues[part], tag));
                }
            }
            if (!ofRequest.isEmpty()) {
                placements.add(ofRequest);
            }
        }
        List<Integer> completed = new ArrayList<>();
        int partial = 0;
        for (int part = 0; part < parts.size(); part++) {
            if (selectedValues[part] != UNDECIDED) {
                if (partlyDecided[part]) {
                    partial |= 1 << part;
                } else {
                    completed.add(parts.get(part).componentType);
                }
            }
        }
        completed.sort(Comparator.naturalOrder());
        completed.add(partial);
        completed.add(symmetries.describe(placements));
        return completed;
    }
}
