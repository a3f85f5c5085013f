package io.pciplacement.agent.sysfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Finds the serial number in a card's Vital Product Data: a chain of resources, of which the read-only one holds
 * keywords, {@code SN} among them. Reads no more than it needs, and never past the bounds that PCI sets.
 */
final class VpdParser {

    /** Reads what is at a position of the VPD into a buffer, as {@code FileChannel.read} does. */
    @FunctionalInterface
    interface Bytes {
        int read(ByteBuffer into, long position) throws IOException;
    }

    private static final int SIZE = 0x8000;
    private static final int MOST_RESOURCES = 16;
    private static final int MOST_READ_ONLY = 1024;
    private static final int LARGE = 0x80;
    private static final int READ_ONLY = 0x90;
    private static final int SMALL_END = 0x0f;
    private static final int LONGEST = 128;

    private VpdParser() {}

    static Optional<String> serialNumber(Bytes bytes) throws IOException {
        int position = 0;
        for (int resource = 0; resource < MOST_RESOURCES && position < SIZE; resource++) {
            ByteBuffer head = read(bytes, position, 3);
            if (head.remaining() < 1) {
                return Optional.empty();
            }
            int tag = head.get(0) & 0xff;
            if ((tag & LARGE) == 0) {
                if (tag >> 3 == SMALL_END || tag == 0) { // zeros: no VPD programmed
                    return Optional.empty();
                }
                position += 1 + (tag & 7);
                continue;
            }
            if (head.remaining() < 3) {
                return Optional.empty();
            }
            int length = (head.get(1) & 0xff) | ((head.get(2) & 0xff) << 8);
            if (tag == READ_ONLY) {
                return keyword(read(bytes, position + 3, Math.min(length, MOST_READ_ONLY)));
            }
            position += 3 + length;
        }
        return Optional.empty();
    }

    private static Optional<String> keyword(ByteBuffer section) {
        int at = 0;
        while (at + 3 <= section.limit()) {
            int length = section.get(at + 2) & 0xff;
            if (section.get(at) == 'S' && section.get(at + 1) == 'N') {
                byte[] value = new byte[Math.min(length, section.limit() - at - 3)];
                section.get(at + 3, value);
                return clean(value);
            }
            at += 3 + length;
        }
        return Optional.empty();
    }

    /** Cards pad with spaces or zeros, and some hold rubbish: only a text that can be written is a serial number. */
    private static Optional<String> clean(byte[] value) {
        int end = 0;
        while (end < value.length && value[end] != 0) {
            end++;
        }
        String text = new String(value, 0, end, StandardCharsets.ISO_8859_1).strip();
        boolean writable = text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        return text.isEmpty() || text.length() > LONGEST || !writable ? Optional.empty() : Optional.of(text);
    }

    private static ByteBuffer read(Bytes bytes, int position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(length, SIZE - position));
        while (buffer.hasRemaining()) {
            if (bytes.read(buffer, position + buffer.position()) <= 0) {
                break;
            }
        }
        return buffer.flip();
    }
}
