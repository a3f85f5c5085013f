package io.pciplacement.planning.claim;

import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.PlacementConsumer;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a consumer wants, from one host.
 *
 * @param name the PciAllocation's name
 * @param since when it was made, in a form that sorts by time
 * @param isolate whether each device must come from another provider
 * @param numaNodes where the consumer runs; empty where that does not matter
 * @param node the only host to take from, null for any
 */
public record Claim(
        String name,
        String since,
        PlacementConsumer consumer,
        List<DeviceRequest> wishes,
        boolean isolate,
        Set<Integer> numaNodes,
        @Nullable String node) {

    public static final Comparator<Claim> OLDEST_FIRST =
            Comparator.comparing(Claim::since).thenComparing(Claim::name);

    public Claim {
        wishes = List.copyOf(wishes);
        numaNodes = Set.copyOf(numaNodes);
    }

    /** The same claim on one host only. */
    public Claim on(String host) {
        return new Claim(name, since, consumer, wishes, isolate, numaNodes, host);
    }

    public DesiredAllocation granted(List<DeviceAssignment> grants) {
        return new DesiredAllocation(
                name,
                since,
                consumer,
                grants.stream().map(DeviceAssignment::device).toList());
    }
}
