package io.pciplacement.agent.sysfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Parser for the serial number in a card's Vital Product Data: a chain of resources, of which the read-only one
 * contains keywords, including {@code SN}. Reads as little as possible and stays within the limits of the PCI
 * specification.
 */
final class VpdParser {

    /** Source of VPD bytes with the contract of {@code FileChannel.read(ByteBuffer, long)}. */
    @FunctionalInterface
    interface ByteSource {
        int readAt(ByteBuffer buffer, long position) throws IOException;
    }

    private static final int MAX_SIZE = 0x8000;
    private static final int MAX_RESOURCES = 16;
    private static final int MAX_READ_ONLY_LENGTH = 1024;
    private static final int LARGE_RESOURCE = 0x80;
    private static final int READ_ONLY_TAG = 0x90;
    private static final int END_TAG = 0x0f;
    private static final int MAX_LENGTH = 128;

    private VpdParser() {}

    static Optional<String> findSerialNumber(ByteSource source) throws IOException {
        int position = 0;
        for (int resource = 0; resource < MAX_RESOURCES && position < MAX_SIZE; resource++) {
            ByteBuffer head = readFully(source, position, 3);
            if (head.remaining() < 1) {
                return Optional.empty();
            }
            int tag = head.get(0) & 0xff;
            if ((tag & LARGE_RESOURCE) == 0) {
                if (tag >> 3 == END_TAG || tag == 0) { // zeros: the VPD is not programmed
                    return Optional.empty();
                }
                position += 1 + (tag & 7);
                continue;
            }
            if (head.remaining() < 3) {
                return Optional.empty();
            }
            int length = (head.get(1) & 0xff) | ((head.get(2) & 0xff) << 8);
            if (tag == READ_ONLY_TAG) {
                return findSerialKeyword(readFully(source, position + 3, Math.min(length, MAX_READ_ONLY_LENGTH)));
            }
            position += 3 + length;
        }
        return Optional.empty();
    }

    private static Optional<String> findSerialKeyword(ByteBuffer section) {
        int offset = 0;
        while (offset + 3 <= section.limit()) {
            int length = section.get(offset + 2) & 0xff;
            if (section.get(offset) == 'S' && section.get(offset + 1) == 'N') {
                byte[] value = new byte[Math.min(length, section.limit() - offset - 3)];
                section.get(offset + 3, value);
                return toSerialNumber(value);
            }
            offset += 3 + length;
        }
        return Optional.empty();
    }

    /** Removes the padding of spaces or zeros. Some cards contain garbage, so only printable text is accepted. */
    private static Optional<String> toSerialNumber(byte[] value) {
        int end = 0;
        while (end < value.length && value[end] != 0) {
            end++;
        }
        String text = new String(value, 0, end, StandardCharsets.ISO_8859_1).strip();
        boolean printable = text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        return text.isEmpty() || text.length() > MAX_LENGTH || !printable ? Optional.empty() : Optional.of(text);
    }

    private static ByteBuffer readFully(ByteSource source, int position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(length, MAX_SIZE - position));
        while (buffer.hasRemaining()) {
            if (source.readAt(buffer, position + buffer.position()) <= 0) {
                break;
            }
        }
        return buffer.flip();
    }
}
