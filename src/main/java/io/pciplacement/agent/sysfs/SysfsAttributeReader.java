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
 * Reader of attributes and links in the device directories of sysfs, one directory at a time. Needs three system calls
 * for a number and one for a link, and reuses one buffer; Java's file API would need twice as many calls and a path
 * object for each file.
 */
final class SysfsAttributeReader {

    /** The attribute does not exist. No attribute that is read here has this value. */
    static final int ABSENT = Integer.MIN_VALUE;

    private static final int NONE = -1;
    private static final int MAX_LENGTH = 4096;

    private final Libc libc = new Libc();
    private final Map<String, MemorySegment> names = new HashMap<>();
    private final MemorySegment nativeBuffer = Arena.global().allocate(MAX_LENGTH);
    private final MemorySegment numberBuffer = nativeBuffer.asSlice(0, 64); // all attributes read here are shorter
    private final MemorySegment nameBuffer = Arena.global().allocate(64);
    // Parsed from the heap: access to native memory is slow in code compiled by C1.
    private final byte[] heapBuffer = new byte[MAX_LENGTH];
    private int position;
    private int limit;
    private Path basePath = Path.of("");
    private String deviceName = "";
    private int baseDirectory = NONE;
    private int deviceDirectory = NONE;

    /** Opens the directory that contains the device directories. */
    void openBase(Path directory) throws IOException {
        closeAll();
        basePath = directory;
        deviceName = "";
        baseDirectory = openDirectory(Libc.AT_FDCWD, directory.toString());
    }

    /** Opens the directory of a device, in which the following attributes and links are read. */
    void openDevice(String name) throws IOException {
        closeDevice();
        deviceName = name;
        deviceDirectory = openDirectory(baseDirectory, name);
    }

    /** Closes all directories. */
    void closeAll() {
        closeDevice();
        if (baseDirectory != NONE) {
            libc.closeFile(baseDirectory);
            baseDirectory = NONE;
        }
    }

    private void closeDevice() {
        if (deviceDirectory != NONE) {
            libc.closeFile(deviceDirectory);
            deviceDirectory = NONE;
        }
    }

    private int openDirectory(int from, String name) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        if (text.length >= MAX_LENGTH) {
            throw new IOException(name + " is longer than a path can be");
        }
        MemorySegment.copy(text, 0, nativeBuffer, JAVA_BYTE, 0, text.length);
        nativeBuffer.set(JAVA_BYTE, text.length, (byte) 0);
        int opened = libc.openAt(from, nativeBuffer, Libc.O_PATH_CLOEXEC);
        if (opened < 0) {
            throw libc.lastErrno() == Libc.ENOENT ? new NoSuchFileException(describePath("")) : newReadException("");
        }
        return opened;
    }

    private String describePath(String name) {
        return basePath.resolve(deviceName).resolve(name).toString();
    }

    /** Reads a hexadecimal attribute, with or without {@code 0x}. Returns {@link #ABSENT} if it does not exist. */
    int readHex(String name) throws IOException {
        if (!readAttribute(name)) {
            return ABSENT;
        }
        if (limit > 2 && heapBuffer[0] == '0' && heapBuffer[1] == 'x') {
            position = 2;
        }
        return parseNumber(name, 16);
    }

    /** Reads a decimal attribute. Returns {@link #ABSENT} if it does not exist. */
    int readDecimal(String name) throws IOException {
        if (!readAttribute(name)) {
            return ABSENT;
        }
        boolean negative = limit > 0 && heapBuffer[0] == '-';
        if (negative) {
            position = 1;
        }
        int value = parseNumber(name, 10);
        return negative ? -value : value;
    }

    /**
     * Reads the last path component of a link's target, which need not exist. Returns null if there is no such link.
     */
    @Nullable String readLinkTarget(String name) throws IOException {
        int length = libc.readLinkAt(deviceDirectory, toCString(name), nativeBuffer);
        if (length < 0) {
            int errno = libc.lastErrno();
            if (errno == Libc.ENOENT || errno == Libc.EINVAL) {
                return null;
            }
            throw newReadException(name);
        }
        fillBuffer(length);
        int start = length;
        while (start > 0 && heapBuffer[start - 1] != '/') {
            start--;
        }
        return new String(heapBuffer, start, length - start, StandardCharsets.UTF_8);
    }

    /**
     * Reads the whole target of the link to a device directory, for a name of at most 63 bytes. Returns null if it is
     * not a link, or if it no longer exists.
     */
    @Nullable String readDevicePath(String name) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(text, 0, nameBuffer, JAVA_BYTE, 0, text.length);
        nameBuffer.set(JAVA_BYTE, text.length, (byte) 0);
        int length = libc.readLinkAt(baseDirectory, nameBuffer, nativeBuffer);
        if (length < 0) {
            int errno = libc.lastErrno();
            if (errno == Libc.ENOENT || errno == Libc.EINVAL) {
                return null;
            }
            throw newReadException("");
        }
        fillBuffer(length);
        return new String(heapBuffer, 0, length, StandardCharsets.UTF_8);
    }

    /** Whether an attribute exists, without reading it: some attributes are read from the device itself. */
    boolean hasAttribute(String name) {
        int file = libc.openAt(deviceDirectory, toCString(name), Libc.O_PATH_CLOEXEC);
        if (file < 0) {
            return false;
        }
        libc.closeFile(file);
        return true;
    }

    private void fillBuffer(int length) {
        MemorySegment.copy(nativeBuffer, JAVA_BYTE, 0, heapBuffer, 0, length);
        position = 0;
        limit = length;
    }

    private boolean readAttribute(String name) throws IOException {
        int file = libc.openAt(deviceDirectory, toCString(name), Libc.O_RDONLY_CLOEXEC);
        if (file < 0) {
            if (libc.lastErrno() == Libc.ENOENT) {
                return false;
            }
            throw newReadException(name);
        }
        int length = libc.readFile(file, numberBuffer);
        // Created before the file is closed, which may fail as well and change errno.
        IOException failed = length < 0 ? newReadException(name) : null;
        libc.closeFile(file);
        if (failed != null) {
            throw failed;
        }
        fillBuffer(length);
        return true;
    }

    private MemorySegment toCString(String name) {
        MemorySegment known = names.get(name);
        if (known == null) {
            known = Libc.allocateString(name);
            names.put(name, known);
        }
        return known;
    }

    private IOException newReadException(String name) {
        String path = describePath(name);
        int errno = libc.lastErrno();
        return errno == Libc.EACCES
                ? new AccessDeniedException(path)
                : new IOException(path + " cannot be read: errno " + errno);
    }

    private int parseNumber(String name, int radix) throws IOException {
        int value = 0;
        int digits = 0;
        while (position < limit) {
            int digit = Character.digit(heapBuffer[position++], radix);
            if (digit < 0) {
                break;
            }
            value = value * radix + digit;
            digits++;
        }
        if (digits == 0 || digits > 8) {
            throw new IOException(describePath(name) + " does not contain a valid number");
        }
        return value;
    }
}
