package io.pciplacement.agent.libvirt;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reader of the external data representation of RFC 4506 that never reads or allocates more than the message has. */
final class XdrReader {

    private final ByteBuffer message;

    XdrReader(ByteBuffer message) {
        this.message = message;
    }

    int readInt() throws LibvirtException {
        try {
            return message.getInt();
        } catch (BufferUnderflowException e) {
            throw truncated(e);
        }
    }

    /**
     * Reads the number of elements of an array.
     *
     * @param elementSize the bytes that an element has at least
     */
    int readCount(int elementSize) throws LibvirtException {
        int count = readInt();
        if (count < 0 || count > message.remaining() / elementSize) {
            throw new LibvirtException("the response has an array of " + Integer.toUnsignedString(count)
                    + " elements, which is more than the message contains");
        }
        return count;
    }

    String readString() throws LibvirtException {
        int length = readCount(1);
        int end = message.position() + length;
        String text = StandardCharsets.UTF_8
                .decode(message.slice(message.position(), length))
                .toString();
        if (message.limit() - end < Xdr.padding(length)) {
            throw truncated(null);
        }
        message.position(end + Xdr.padding(length));
        return text;
    }

    /** Reads a string that may be absent; empty if it is. */
    String readOptionalString() throws LibvirtException {
        return readInt() == 0 ? "" : readString();
    }

    UUID readUuid() throws LibvirtException {
        try {
            return new UUID(message.getLong(), message.getLong());
        } catch (BufferUnderflowException e) {
            throw truncated(e);
        }
    }

    private static LibvirtException truncated(@Nullable Throwable cause) {
        return new LibvirtException("the response is shorter than its contents require", cause);
    }
}
