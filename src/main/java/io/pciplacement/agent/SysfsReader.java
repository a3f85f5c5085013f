package io.pciplacement.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads attributes and links of sysfs: three system calls for a number, one for a link, and one buffer for all. */
final class SysfsReader {

    /** There is no such attribute. No attribute that is read here has this value. */
    static final int ABSENT = Integer.MIN_VALUE;

    private static final Set<StandardOpenOption> READ = Set.of(StandardOpenOption.READ);

    // Direct, so that the channel need not copy; the attributes read here are all shorter.
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64);

    /** A hexadecimal attribute, with {@code 0x} before it or without, or {@link #ABSENT}. */
    int hex(Path file) throws IOException {
        if (!read(file)) {
            return ABSENT;
        }
        if (buffer.remaining() > 2
                && buffer.get(buffer.position()) == '0'
                && buffer.get(buffer.position() + 1) == 'x') {
            buffer.position(buffer.position() + 2);
        }
        return number(file, 16);
    }

    /** A decimal attribute, or {@link #ABSENT}. */
    int decimal(Path file) throws IOException {
        if (!read(file)) {
            return ABSENT;
        }
        boolean negative = buffer.hasRemaining() && buffer.get(buffer.position()) == '-';
        if (negative) {
            buffer.get();
        }
        int value = number(file, 10);
        return negative ? -value : value;
    }

    /** The last name that a link points to, whether that exists or not; null where there is no link. */
    @Nullable String link(Path link) throws IOException {
        try {
            Path name = Files.readSymbolicLink(link).getFileName();
            return name == null ? "" : name.toString();
        } catch (NoSuchFileException | NotLinkException e) {
            return null;
        }
    }

    private boolean read(Path file) throws IOException {
        buffer.clear();
        try (FileChannel channel = FileChannel.open(file, READ)) {
            channel.read(buffer);
        } catch (NoSuchFileException e) {
            return false;
        }
        buffer.flip();
        return true;
    }

    private int number(Path file, int radix) throws IOException {
        int value = 0;
        int digits = 0;
        while (buffer.hasRemaining()) {
            int digit = Character.digit(buffer.get(), radix);
            if (digit < 0) {
                break;
            }
            value = value * radix + digit;
            digits++;
        }
        if (digits == 0 || digits > 8) {
            throw new IOException(file + " holds no number");
        }
        return value;
    }
}
