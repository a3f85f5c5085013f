package io.pciplacement.planning.claim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Canonical keys of the states of a search: two states have the same key only if one becomes the other by exchanging
 * equal parts of the host (two roots with equal devices) or equal requests. Of such states only one is searched.
 *
 * <p>This needs attributes whose values are nested: each card below one root, each root on one NUMA node. Then the
 * values form a tree, and a state is this tree with the requests at the values that were selected for them.
 */
final class PlacementSymmetries {

    private static final int SEPARATOR = Integer.MIN_VALUE;
    private static final int NO_PARENT = -1;

    /** Request at a value of an attribute. */
    record Placement(int attribute, int value, int tag) {}

    private record Node(int level, int value) implements Comparable<Node> {

        static final Node ROOT = new Node(-1, 0);

        /** The deepest level first. */
        @Override
        public int compareTo(Node other) {
            return level != other.level ? other.level - level : value - other.value;
        }
    }

    private final Map<List<Integer>, Integer> signatures = new HashMap<>();
    /** Attributes by level: the one with the fewest values first. */
    private final List<Integer> levels = new ArrayList<>();

    private final Map<Node, Node> parents = new TreeMap<>();
    private final Map<Node, Integer> staticSignatures = new HashMap<>();
    private final boolean nested;

    PlacementSymmetries(CapacityGroups groups) {
        for (int attribute = 0; attribute < groups.attributes.size(); attribute++) {
            levels.add(attribute);
        }
        levels.sort((one, other) -> groups.values(groups.attributes.get(one)).size()
                - groups.values(groups.attributes.get(other)).size());
        Map<Node, List<List<Integer>>> contents = new HashMap<>();
        boolean onlyNested = true;
        for (int group = 0; group < groups.size(); group++) {
            CapacityGroups.GroupKey key = groups.keys.get(group);
            Node node = Node.ROOT;
            for (int level = 0; level < levels.size(); level++) {
                int value = key.values().get(levels.get(level));
                if (value >= 0) {
                    Node child = new Node(level, value);
                    Node known = parents.putIfAbsent(child, node);
                    onlyNested &= known == null || known.equals(node);
                    node = child;
                }
            }
            contents.computeIfAbsent(node, any -> new ArrayList<>())
                    .add(List.of(key.accepting(), groups.capacities[group]));
        }
        nested = onlyNested;
        if (nested) {
            computeStaticSignatures(contents);
        }
    }

    private void computeStaticSignatures(Map<Node, List<List<Integer>>> contents) {
        Map<Node, List<Integer>> children = new HashMap<>();
        List<Node> nodes = new ArrayList<>(parents.keySet()); // the deepest first
        nodes.add(Node.ROOT);
        for (Node node : nodes) {
            List<Integer> content = new ArrayList<>(List.of(node.level()));
            contents.getOrDefault(node, List.of()).stream()
                    .map(this::intern)
                    .sorted()
                    .forEach(content::add);
            content.add(SEPARATOR);
            children.getOrDefault(node, List.of()).stream().sorted().forEach(content::add);
            int signature = intern(content);
            staticSignatures.put(node, signature);
            Node parent = parents.get(node);
            if (parent != null) {
                children.computeIfAbsent(parent, any -> new ArrayList<>()).add(signature);
            }
        }
    }

    /** The same number for equal lists only. */
    int intern(List<Integer> content) {
        return signatures.computeIfAbsent(content, any -> signatures.size());
    }

    /**
     * Returns the canonical form of requests at values. Tags are equal for requests that are interchangeable, and must
     * not be negative.
     */
    int describe(List<List<Placement>> requests) {
        return nested ? describeTree(requests) : describeValues(requests);
    }

    /** Without exchanging values, only interchangeable requests with the same values are the same. */
    private int describeValues(List<List<Placement>> requests) {
        List<Integer> described = new ArrayList<>();
        for (List<Placement> placements : requests) {
            List<Integer> values = new ArrayList<>();
            placements.stream()
                    .sorted((one, other) -> one.attribute() - other.attribute())
                    .forEach(placement ->
                            Collections.addAll(values, placement.tag(), placement.attribute(), placement.value()));
            described.add(intern(values));
        }
        Collections.sort(described);
        return intern(described);
    }

    private int describeTree(List<List<Placement>> requests) {
        TreeMap<Node, List<Integer>> changed = new TreeMap<>();
        for (List<Placement> placements : requests) {
            Node deepest = Node.ROOT;
            for (Placement placement : placements) {
                Node node = new Node(levels.indexOf(placement.attribute()), placement.value());
                deepest = node.level() > deepest.level() ? node : deepest;
            }
            changed.computeIfAbsent(deepest, any -> new ArrayList<>())
                    .add(placements.getFirst().tag());
        }
        Map<Node, List<Integer>> changedChildren = new HashMap<>();
        int described = NO_PARENT;
        while (!changed.isEmpty()) {
            Map.Entry<Node, List<Integer>> entry = changed.pollFirstEntry();
            Node node = entry.getKey();
            List<Integer> content = new ArrayList<>(entry.getValue());
            Collections.sort(content);
            content.add(SEPARATOR);
            changedChildren.getOrDefault(node, List.of()).stream().sorted().forEach(content::add);
            content.add(staticSignatures.get(node));
            described = intern(content);
            Node parent = parents.get(node);
            if (parent != null) {
                changed.computeIfAbsent(parent, any -> new ArrayList<>());
                changedChildren
                        .computeIfAbsent(parent, any -> new ArrayList<>())
                        .add(intern(Arrays.asList(staticSignatures.get(node), described)));
            }
        }
        return described;
    }
}
