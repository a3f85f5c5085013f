package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.Comparator;
import java.util.UUID;

/**
 * Units in Placement whose consumer no PciAllocation names, for example those of a deleted server or a dead migration.
 */
public record UnaccountedAllocation(
        UUID consumer, String provider, UUID providerUuid, ResourceClass resourceClass, int amount)
        implements Comparable<UnaccountedAllocation> {

    private static final Comparator<UnaccountedAllocation> ORDER = Comparator.comparing(UnaccountedAllocation::provider)
            .thenComparing(UnaccountedAllocation::consumer)
            .thenComparing(UnaccountedAllocation::resourceClass);

    @Override
    public int compareTo(UnaccountedAllocation other) {
        return ORDER.compare(this, other);
    }
}
