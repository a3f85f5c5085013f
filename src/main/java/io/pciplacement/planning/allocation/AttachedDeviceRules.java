package io.pciplacement.planning.allocation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Rule for devices that libvirt has attached to a server: their units are not removed, because Nova's scheduler would
 * offer a device in use.
 */
public final class AttachedDeviceRules {

    private AttachedDeviceRules() {}

    /**
     * Finds removals after which a consumer would have fewer units of a provider than devices that are attached to it.
     * In a move, the units that its migration has there count too: they are those of the source.
     *
     * @param attachedUnits the number of devices that are attached to a consumer on any host, by the name of their
     *     provider: an object may name a device of another host than the server is on
     * @param deltas the amounts that the operator would write for the consumer and its migration
     */
    public static Optional<AllocationProblem> findAttachedRemovals(
            Function<UUID, Map<String, Integer>> attachedUnits, List<AllocationDelta> deltas) {
        List<AllocationDelta> removals = deltas.stream()
                .filter(delta -> delta.desired() < delta.actual())
                .filter(delta -> unitsAfter(deltas, delta.provider())
                        < attachedUnits.apply(delta.consumer()).getOrDefault(delta.provider(), 0))
                .toList();
        return removals.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new AllocationProblem.DeviceAttached(removals.getFirst().consumer(), removals));
    }

    private static int unitsAfter(List<AllocationDelta> deltas, String provider) {
        return deltas.stream()
                .filter(delta -> delta.provider().equals(provider))
                .mapToInt(AllocationDelta::desired)
                .sum();
    }
}
