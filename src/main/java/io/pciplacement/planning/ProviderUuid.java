package io.pciplacement.planning;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * Generator of the uuids of the operator's providers. They are derived from the name (RFC 9562, version 5), so that a
 * create that is repeated after a crash, or a spec that is created again, results in the same provider.
 */
public final class ProviderUuid {

    /** Namespace of the uuids of root providers. */
    private static final UUID ROOT_NAMESPACE = UUID.fromString("0c6e0f0e-5a0e-5f3b-9d0a-6c1c7a0d8e51");

    private ProviderUuid() {}

    public static UUID ofRoot(String name) {
        return nameBasedUuid(ROOT_NAMESPACE, name);
    }

    public static UUID ofChild(UUID root, String name) {
        return nameBasedUuid(root, name);
    }

    private static UUID nameBasedUuid(UUID namespace, String name) {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] hash = newSha1Digest()
                .digest(ByteBuffer.allocate(16 + nameBytes.length)
                        .putLong(namespace.getMostSignificantBits())
                        .putLong(namespace.getLeastSignificantBits())
                        .put(nameBytes)
                        .array());
        hash[6] = (byte) ((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte) ((hash[8] & 0x3f) | 0x80);
        ByteBuffer bits = ByteBuffer.wrap(hash);
        return new UUID(bits.getLong(), bits.getLong());
    }

    private static MessageDigest newSha1Digest() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
