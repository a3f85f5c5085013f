package io.pciplacement.planning.claim;

import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.PlacementConsumer;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Claim of a consumer for devices of one host.
 *
 * @param name name of the PciAllocation
 * @param createdAt creation time in a form that sorts by time
 * @param constraints constraints between the devices of its requests
 * @param isolate whether each device must come from another provider
 * @param numaNodes NUMA nodes of the consumer; empty if they are not relevant
 * @param node the only acceptable node, null for any
 */
public record Claim(
        String name,
        String createdAt,
        PlacementConsumer consumer,
        List<DeviceRequest> requests,
        List<DeviceConstraint> constraints,
        boolean isolate,
        Set<Integer> numaNodes,
        @Nullable String node) {

    public static final Comparator<Claim> OLDEST_FIRST =
            Comparator.comparing(Claim::createdAt).thenComparing(Claim::name);

    public Claim {
        requests = List.copyOf(requests);
        constraints = List.copyOf(constraints);
        numaNodes = Set.copyOf(numaNodes);
    }

    /** A claim without constraints. */
    public Claim(
            String name,
            String createdAt,
            PlacementConsumer consumer,
            List<DeviceRequest> requests,
            boolean isolate,
            Set<Integer> numaNodes,
            @Nullable String node) {
        this(name, createdAt, consumer, requests, List.of(), isolate, numaNodes, node);
    }

    /** Returns the same claim restricted to one host. */
    public Claim restrictedTo(String host) {
        return new Claim(name, createdAt, consumer, requests, constraints, isolate, numaNodes, host);
    }

    public DesiredAllocation toDesiredAllocation(List<DeviceAssignment> assignments) {
        return new DesiredAllocation(
                name,
                createdAt,
                consumer,
                assignments.stream().map(DeviceAssignment::device).toList());
    }
}
