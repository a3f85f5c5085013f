package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Finds what nobody explains. That is to be known, not an error: a cloud where nobody writes PciAllocations explains
 * nothing. Nothing is removed for it.
 */
public final class UnaccountedAllocations {

    private UnaccountedAllocations() {}

    /**
     * What of one provider has consumers that no PciAllocation names. What a named consumer has too much is not among
     * it: that is healed.
     *
     * @param allocations amounts by consumer and class
     * @param explained whether a PciAllocation is for a consumer, or for a server that a migration moves
     */
    public static List<UnaccountedAllocation> of(
            String provider, UUID uuid, Map<UUID, Map<ResourceClass, Integer>> allocations, Predicate<UUID> explained) {
        List<UnaccountedAllocation> found = new ArrayList<>();
        allocations.forEach((consumer, amounts) -> {
            if (!explained.test(consumer)) {
                amounts.forEach((resourceClass, amount) ->
                        found.add(new UnaccountedAllocation(consumer, provider, uuid, resourceClass, amount)));
            }
        });
        return found.stream().sorted().toList();
    }
}
