package io.pciplacement.agent;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads attributes and links of one folder of sysfs after the other: three system calls for a number, one for a link,
 * and one buffer for all. Java's own files would take twice as many calls and a path each.
 */
final class SysfsReader {

    /** There is no such attribute. No attribute that is read here has this value. */
    static final int ABSENT = Integer.MIN_VALUE;

    private static final int NONE = -1;
    private static final int LONGEST = 4096;

    private final Libc libc = new Libc();
    private final Map<String, MemorySegment> names = new HashMap<>();
    private final MemorySegment memory = Arena.global().allocate(LONGEST);
    private final MemorySegment number = memory.asSlice(0, 64); // the attributes read here are all shorter
    private final ByteBuffer buffer = memory.asByteBuffer();
    private Path path = Path.of("");
    private int folder = NONE;

    /** From now on names are of this folder. */
    void enter(Path entered) throws IOException {
        leave();
        path = entered;
        byte[] text = entered.toString().getBytes(StandardCharsets.UTF_8);
        if (text.length >= LONGEST) {
            throw new IOException(entered + " is too long a path");
        }
        buffer.clear().put(text).put((byte) 0);
        int opened = libc.open(Libc.HERE, memory, Libc.FOLDER);
        if (opened < 0) {
            throw libc.errno() == Libc.ENOENT ? new NoSuchFileException(entered.toString()) : failure("");
        }
        folder = opened;
    }

    /** Lets go of the folder. */
    void leave() {
        if (folder != NONE) {
            libc.close(folder);
            folder = NONE;
        }
    }

    /** A hexadecimal attribute, with {@code 0x} before it or without, or {@link #ABSENT}. */
    int hex(String name) throws IOException {
        if (!read(name)) {
            return ABSENT;
        }
        if (buffer.remaining() > 2 && buffer.get(0) == '0' && buffer.get(1) == 'x') {
            buffer.position(2);
        }
        return number(name, 16);
    }

    /** A decimal attribute, or {@link #ABSENT}. */
    int decimal(String name) throws IOException {
        if (!read(name)) {
            return ABSENT;
        }
        boolean negative = buffer.hasRemaining() && buffer.get(0) == '-';
        if (negative) {
            buffer.position(1);
        }
        int value = number(name, 10);
        return negative ? -value : value;
    }

    /** The last name that a link points to, whether that exists or not; null where there is no link. */
    @Nullable String link(String name) throws IOException {
        int length = libc.readLink(folder, inC(name), memory);
        if (length < 0) {
            int errno = libc.errno();
            if (errno == Libc.ENOENT || errno == Libc.EINVAL) {
                return null;
            }
            throw failure(name);
        }
        buffer.clear();
        int start = length;
        while (start > 0 && buffer.get(start - 1) != '/') {
            start--;
        }
        byte[] last = new byte[length - start];
        buffer.get(start, last);
        return new String(last, StandardCharsets.UTF_8);
    }

    private boolean read(String name) throws IOException {
        int file = libc.open(folder, inC(name), Libc.READ);
        if (file < 0) {
            if (libc.errno() == Libc.ENOENT) {
                return false;
            }
            throw failure(name);
        }
        int length = libc.read(file, number);
        // Told before the file is closed, which may fail as well.
        IOException failed = length < 0 ? failure(name) : null;
        libc.close(file);
        if (failed != null) {
            throw failed;
        }
        buffer.clear().limit(length);
        return true;
    }

    private MemorySegment inC(String name) {
        MemorySegment known = names.get(name);
        if (known == null) {
            known = Libc.text(name);
            names.put(name, known);
        }
        return known;
    }

    private IOException failure(String name) {
        String where = path.resolve(name).toString();
        int errno = libc.errno();
        return errno == Libc.EACCES
                ? new AccessDeniedException(where)
                : new IOException(where + " cannot be read: error " + errno);
    }

    private int number(String name, int radix) throws IOException {
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
            throw new IOException(path.resolve(name) + " holds no number");
        }
        return value;
    }
}
