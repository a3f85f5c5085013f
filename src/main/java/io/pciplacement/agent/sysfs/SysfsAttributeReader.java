package io.pciplacement.agent.sysfs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.pciplacement.agent.libc.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
final class SysfsAttributeReader {

    /** There is no such attribute. No attribute that is read here has this value. */
    static final int ABSENT = Integer.MIN_VALUE;

    private static final int NONE = -1;
    private static final int LONGEST = 4096;

    private final Libc libc = new Libc();
    private final Map<String, MemorySegment> names = new HashMap<>();
    private final MemorySegment memory = Arena.global().allocate(LONGEST);
    private final MemorySegment number = memory.asSlice(0, 64); // the attributes read here are all shorter
    // What was read is looked at here: a small compiler makes much of each look at foreign memory.
    private final byte[] bytes = new byte[LONGEST];
    private int at;
    private int end;
    private Path place = Path.of("");
    private String entry = "";
    private int places = NONE;
    private int folder = NONE;

    /** Begins with a folder of folders. */
    void begin(Path begun) throws IOException {
        end();
        place = begun;
        entry = "";
        places = open(Libc.HERE, begun.toString());
    }

    /** From now on names are of this folder in it. */
    void enter(String name) throws IOException {
        leave();
        entry = name;
        folder = open(places, name);
    }

    /** Lets go of all folders. */
    void end() {
        leave();
        if (places != NONE) {
            libc.close(places);
            places = NONE;
        }
    }

    private void leave() {
        if (folder != NONE) {
            libc.close(folder);
            folder = NONE;
        }
    }

    private int open(int from, String name) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        if (text.length >= LONGEST) {
            throw new IOException(name + " is too long a path");
        }
        MemorySegment.copy(text, 0, memory, JAVA_BYTE, 0, text.length);
        memory.set(JAVA_BYTE, text.length, (byte) 0);
        int opened = libc.open(from, memory, Libc.FOLDER);
        if (opened < 0) {
            throw libc.errno() == Libc.ENOENT ? new NoSuchFileException(where("")) : failure("");
        }
        return opened;
    }

    private String where(String name) {
        return place.resolve(entry).resolve(name).toString();
    }

    /** A hexadecimal attribute, with {@code 0x} before it or without, or {@link #ABSENT}. */
    int hex(String name) throws IOException {
        if (!read(name)) {
            return ABSENT;
        }
        if (end > 2 && bytes[0] == '0' && bytes[1] == 'x') {
            at = 2;
        }
        return number(name, 16);
    }

    /** A decimal attribute, or {@link #ABSENT}. */
    int decimal(String name) throws IOException {
        if (!read(name)) {
            return ABSENT;
        }
        boolean negative = end > 0 && bytes[0] == '-';
        if (negative) {
            at = 1;
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
        take(length);
        int start = length;
        while (start > 0 && bytes[start - 1] != '/') {
            start--;
        }
        return new String(bytes, start, length - start, StandardCharsets.UTF_8);
    }

    private void take(int length) {
        MemorySegment.copy(memory, JAVA_BYTE, 0, bytes, 0, length);
        at = 0;
        end = length;
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
        take(length);
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
        String where = where(name);
        int errno = libc.errno();
        return errno == Libc.EACCES
                ? new AccessDeniedException(where)
                : new IOException(where + " cannot be read: error " + errno);
    }

    private int number(String name, int radix) throws IOException {
        int value = 0;
        int digits = 0;
        while (at < end) {
            int digit = Character.digit(bytes[at++], radix);
            if (digit < 0) {
                break;
            }
            value = value * radix + digit;
            digits++;
        }
        if (digits == 0 || digits > 8) {
            throw new IOException(where(name) + " holds no number");
        }
        return value;
    }
}
