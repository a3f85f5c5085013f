package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import io.pciplacement.text.Sha256;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Digest of the allocations of one provider: 16 hexadecimal digits of a SHA-256 hash of its consumers and amounts. With
 * it, allocations that were recorded elsewhere are compared with those of the provider without storing them twice.
 */
public final class AllocationDigest {

    private static final int DIGITS = 16;

    private AllocationDigest() {}

    /** The digest of allocations by consumer and resource class; amounts of zero count like missing ones. */
    public static String of(Map<UUID, Map<ResourceClass, Integer>> byConsumer) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(byConsumer)
                .forEach((consumer, amounts) -> new TreeMap<>(amounts).forEach((resourceClass, amount) -> {
                    if (amount > 0) {
                        text.append(consumer).append(' ').append(resourceClass.name());
                        text.append(' ').append(amount).append('\n');
                    }
                }));
        return Sha256.hexOf(text.toString()).substring(0, DIGITS);
    }
}
