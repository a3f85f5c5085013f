package io.pciplacement.agent.libvirt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Writer of the external data representation of RFC 4506, as far as libvirt's calls need it. */
final class XdrWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    XdrWriter putInt(int value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
        return this;
    }

    XdrWriter putString(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putInt(utf8.length);
        bytes.writeBytes(utf8);
        bytes.writeBytes(new byte[Xdr.padding(utf8.length)]);
        return this;
    }

    /** Writes a string that could be absent in the protocol. */
    XdrWriter putPresentString(String text) {
        return putInt(1).putString(text);
    }

    XdrWriter putUuid(UUID uuid) {
        bytes.writeBytes(ByteBuffer.allocate(Xdr.UUID_LENGTH)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array());
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
