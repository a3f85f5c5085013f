package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Finder of units whose consumers have no PciAllocation. This is information, not an error: a cloud without
 * PciAllocations has only such units. Nothing is removed because of it.
 */
public final class UnaccountedAllocations {

    private UnaccountedAllocations() {}

    /**
     * Returns the units of one provider whose consumers have no PciAllocation. Excess units of a consumer with a
     * PciAllocation are not included; these are healed.
     *
     * @param allocations units by consumer and resource class
     * @param hasAllocation whether a PciAllocation exists for a consumer, or for a server that a migration moves
     */
    public static List<UnaccountedAllocation> findUnaccounted(
            String provider,
            UUID uuid,
            Map<UUID, Map<ResourceClass, Integer>> allocations,
            Predicate<UUID> hasAllocation) {
        List<UnaccountedAllocation> unaccounted = new ArrayList<>();
        allocations.forEach((consumer, amounts) -> {
            if (!hasAllocation.test(consumer)) {
                amounts.forEach((resourceClass, amount) ->
                        unaccounted.add(new UnaccountedAllocation(consumer, provider, uuid, resourceClass, amount)));
            }
        });
        return unaccounted.stream().sorted().toList();
    }
}
