package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.Comparator;
import java.util.UUID;

/** An amount in Placement whose consumer no PciAllocation names: a deleted server's, a dead migration's, or by hand. */
public record Unexplained(UUID consumer, String provider, UUID providerUuid, ResourceClass resourceClass, int amount)
        implements Comparable<Unexplained> {

    private static final Comparator<Unexplained> ORDER = Comparator.comparing(Unexplained::provider)
            .thenComparing(Unexplained::consumer)
            .thenComparing(Unexplained::resourceClass);

    @Override
    public int compareTo(Unexplained other) {
        return ORDER.compare(this, other);
    }
}
