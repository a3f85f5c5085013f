package io.pciplacement.planning;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The uuids of the providers that the operator makes. They follow from the name (RFC 9562, version 5), so that a create
 * that is repeated after a kill, or a spec that comes back, finds the provider it made before.
 */
public final class ProviderUuid {

    /** What the uuids of root providers are made in. */
    private static final UUID ROOTS = UUID.fromString("0c6e0f0e-5a0e-5f3b-9d0a-6c1c7a0d8e51");

    private ProviderUuid() {}

    public static UUID ofRoot(String name) {
        return version5(ROOTS, name);
    }

    public static UUID ofChild(UUID root, String name) {
        return version5(root, name);
    }

    private static UUID version5(UUID namespace, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] hash = sha1().digest(ByteBuffer.allocate(16 + text.length)
                .putLong(namespace.getMostSignificantBits())
                .putLong(namespace.getLeastSignificantBits())
                .put(text)
                .array());
        hash[6] = (byte) ((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte) ((hash[8] & 0x3f) | 0x80);
        ByteBuffer bits = ByteBuffer.wrap(hash);
        return new UUID(bits.getLong(), bits.getLong());
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
