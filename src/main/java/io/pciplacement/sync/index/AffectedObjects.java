package io.pciplacement.sync.index;

import java.util.Set;
import java.util.TreeSet;

/**
 * Objects and hosts that a change of the index may affect.
 *
 * @param allocations other objects with the same devices or consumer, before or after; pending claims, if a device
 *     became free
 * @param nodes the hosts of its devices, before or after
 */
public record AffectedObjects(Set<String> allocations, Set<String> nodes) {

    public static final AffectedObjects NONE = new AffectedObjects(Set.of(), Set.of());

    public AffectedObjects {
        allocations = Set.copyOf(allocations);
        nodes = Set.copyOf(nodes);
    }

    public AffectedObjects withAllocations(Set<String> more) {
        Set<String> all = new TreeSet<>(allocations);
        all.addAll(more);
        return new AffectedObjects(all, nodes);
    }
}
