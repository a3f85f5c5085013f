package io.pciplacement.planning.claim;

import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Part of a claim's constraints for which one value is selected: a constraint, or several that share a request and have
 * the same attribute, because these are one constraint.
 */
final class ConstraintPart {

    /** Position of the attribute in the groups. */
    final int attribute;

    final long[][] groupsByValue;
    /** Requests as a bit set. */
    int requests;
    /** Number of the connected component of parts that share requests. */
    int component;
    /** Equal for parts of components that are interchangeable. */
    int componentType;
    /** Numbers of the values, the preferred ones first. */
    int[] valuesInOrder = {};

    private ConstraintPart(CapacityGroups groups, Attribute attribute, int requests) {
        this.attribute = groups.attributes.indexOf(attribute);
        this.groupsByValue = groups.groupsByValue(attribute);
        this.requests = requests;
    }

    /** @param tagsOfRequests equal for requests that are interchangeable */
    static List<ConstraintPart> partition(
            Claim claim,
            CapacityGroups groups,
            List<DeviceConstraint> constraints,
            PlacementSymmetries symmetries,
            int[] tagsOfRequests) {
        List<ConstraintPart> parts = new ArrayList<>();
        for (DeviceConstraint constraint : constraints) {
            addConstraint(
                    parts,
                    new ConstraintPart(
                            groups, constraint.attribute(), ConstraintSolver.requestSet(claim, constraint.requests())));
        }
        findComponents(parts, symmetries, tagsOfRequests);
        parts.forEach(part -> part.valuesInOrder = part.orderValues(claim, groups));
        return List.copyOf(parts);
    }

    private static void addConstraint(List<ConstraintPart> parts, ConstraintPart merged) {
        for (boolean changed = true; changed; ) {
            changed = parts.removeIf(part -> {
                boolean overlaps = part.attribute == merged.attribute && (part.requests & merged.requests) != 0;
                merged.requests |= overlaps ? part.requests : 0;
                return overlaps;
            });
        }
        parts.add(merged);
    }

    private static void findComponents(
            List<ConstraintPart> parts, PlacementSymmetries symmetries, int[] tagsOfRequests) {
        int[] components = new int[parts.size()];
        int number = 0;
        for (int first = 0; first < components.length; first++) {
            if (components[first] == 0) {
                number++;
                int requests = parts.get(first).requests;
                List<Integer> members = new ArrayList<>();
                for (boolean changed = true; changed; ) {
                    changed = false;
                    for (int member = first; member < components.length; member++) {
                        if (components[member] == 0 && (parts.get(member).requests & requests) != 0) {
                            components[member] = number;
                            requests |= parts.get(member).requests;
                            members.add(member);
                            changed = true;
                        }
                    }
                }
                int type = symmetries.intern(describeComponent(parts, members, requests, tagsOfRequests));
                for (int member : members) {
                    parts.get(member).component = number;
                    parts.get(member).componentType = type;
                }
            }
        }
    }

    private static List<Integer> describeComponent(
            List<ConstraintPart> parts, List<Integer> members, int requests, int[] tagsOfRequests) {
        int[] inComponent = requestsOf(requests).toArray();
        List<Integer> type = new ArrayList<>();
        for (int request : inComponent) {
            type.add(tagsOfRequests[request]);
        }
        for (int member : members) {
            type.add(-1 - parts.get(member).attribute);
            for (int position = 0; position < inComponent.length; position++) {
                if ((parts.get(member).requests >>> inComponent[position] & 1) != 0) {
                    type.add(position);
                }
            }
        }
        return type;
    }

    /** Returns the positions in a bit set of requests. */
    static IntStream requestsOf(int requests) {
        return IntStream.range(0, Integer.SIZE).filter(request -> (requests >>> request & 1) != 0);
    }

    private int[] orderValues(Claim claim, CapacityGroups groups) {
        long[] accepted = groups.newGroupSet();
        requestsOf(requests).forEach(request -> {
            long[] groupsOfRequest = groups.groupsAcceptedBy(request);
            for (int word = 0; word < accepted.length; word++) {
                accepted[word] |= groupsOfRequest[word];
            }
        });
        boolean prefersNumaNodes = requestsOf(requests)
                .anyMatch(request -> claim.requests().get(request).affinity() == DeviceRequest.Affinity.PREFERRED);
        Comparator<Integer> order = Comparator.<Integer>comparingInt(
                        value -> -sum(groups.ownUnits, intersect(groupsByValue[value], accepted)))
                .thenComparingInt(value ->
                        prefersNumaNodes ? -sum(groups.preferredUnits, intersect(groupsByValue[value], accepted)) : 0)
                .thenComparingInt(value -> -sum(groups.sharedUnits, intersect(groupsByValue[value], accepted)))
                .thenComparingInt(value -> sum(groups.capacities, intersect(groupsByValue[value], accepted)))
                .thenComparing(Comparator.naturalOrder());
        return IntStream.range(0, groupsByValue.length)
                .boxed()
                .sorted(order)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static int sum(int[] units, long[] set) {
        return BitSet.valueOf(set).stream().map(group -> units[group]).sum();
    }

    static long[] intersect(long[] one, long[] other) {
        long[] both = one.clone();
        for (int word = 0; word < both.length; word++) {
            both[word] &= other[word];
        }
        return both;
    }
}
