package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Digest of the allocations of one provider: 16 hexadecimal digits of a SHA-256 hash of its consumers and amounts. With
 * it, allocations that were recorded elsewhere are compared with those of the provider without storing them twice.
 */
public final class AllocationDigest {

    private static final int BYTES = 8;

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
        return HexFormat.of().formatHex(sha256(text.toString()), 0, BYTES);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
