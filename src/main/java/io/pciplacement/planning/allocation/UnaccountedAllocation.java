package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.Comparator;
import java.util.UUID;

/** An amount in Placement whose consumer no PciAllocation names: a deleted server's, a dead migration's, or by hand. */
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
