package io.pciplacement.agent.libc;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Bindings to functions of the C library for which Java has no method or only a much more expensive one. A negative
 * result is a failure; {@link #lastErrno} has its code. Not thread-safe.
 */
public final class Libc {

    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EINVAL = 22;
    public static final int ENOBUFS = 105;

    /** Resolve names relative to the working directory. */
    public static final int AT_FDCWD = -100;

    /** O_RDONLY | O_CLOEXEC | O_NONBLOCK: without the last, opening a FIFO blocks until it has a writer. */
    public static final int O_RDONLY_CLOEXEC = 02000000 | 04000;

    public static final int O_PATH_CLOEXEC =
            O_RDONLY_CLOEXEC | 010000000; // O_PATH: only to resolve names in a directory

    private static final Linker LINKER = Linker.nativeLinker();
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    /**
     * Shared handle for all functions: in the calling conventions of x86-64 and AArch64 each of them takes and returns
     * machine words, and creating a handle is expensive.
     */
    @SuppressWarnings("restricted")
    private static final MethodHandle INVOKER = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));

    private static final MemorySegment OPENAT = findFunction("openat");
    private static final MemorySegment CLOSE = findFunction("close");
    private static final MemorySegment READ = findFunction("read");
    private static final MemorySegment READLINKAT = findFunction("readlinkat");
    private static final MemorySegment SOCKET = findFunction("socket");
    private static final MemorySegment BIND = findFunction("bind");
    private static final MemorySegment SETSOCKOPT = findFunction("setsockopt");
    private static final MemorySegment RECV = findFunction("recv");
    private static final MemorySegment POLL = findFunction("poll");

    private final MemorySegment callState = Arena.global().allocate(Linker.Option.captureStateLayout());

    private static MemorySegment findFunction(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    /** Allocates a zero-terminated string that is never freed. */
    public static MemorySegment allocateString(String text) {
        return Arena.global().allocateFrom(text, StandardCharsets.UTF_8);
    }

    /** The error code of the last failed call. */
    public int lastErrno() {
        return callState.get(JAVA_INT, ERRNO_OFFSET);
    }

    public int openAt(int directory, MemorySegment name, int flags) {
        return invokeFunction(OPENAT, directory, name.address(), flags, 0, 0);
    }

    public int closeFile(int file) {
        return invokeFunction(CLOSE, file, 0, 0, 0, 0);
    }

    public int readFile(int file, MemorySegment buffer) {
        return invokeFunction(READ, file, buffer.address(), buffer.byteSize(), 0, 0);
    }

    public int readLinkAt(int directory, MemorySegment name, MemorySegment buffer) {
        return invokeFunction(READLINKAT, directory, name.address(), buffer.address(), buffer.byteSize(), 0);
    }

    public int openSocket(int domain, int type, int protocol) {
        return invokeFunction(SOCKET, domain, type, protocol, 0, 0);
    }

    public int bindSocket(int socket, MemorySegment address) {
        return invokeFunction(BIND, socket, address.address(), address.byteSize(), 0, 0);
    }

    public int setSocketOption(int socket, int level, int option, MemorySegment value) {
        return invokeFunction(SETSOCKOPT, socket, level, option, value.address(), value.byteSize());
    }

    public int receiveMessage(int socket, MemorySegment buffer, int flags) {
        return invokeFunction(RECV, socket, buffer.address(), buffer.byteSize(), flags, 0);
    }

    /** Waits until the file is readable. Returns 0 after the timeout; a negative timeout waits forever. */
    public int pollReadable(int file, int timeoutMillis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollFd = arena.allocate(8, 4); // struct pollfd: int fd, short events, short revents
            pollFd.set(JAVA_INT, 0, file);
            pollFd.set(JAVA_SHORT, 4, (short) 1); // POLLIN
            return invokeFunction(POLL, pollFd.address(), 1, timeoutMillis, 0, 0);
        }
    }

    private int invokeFunction(MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (int) (long) INVOKER.invokeExact(function, callState, a, b, c, d, e);
        } catch (Throwable t) {
            throw new IllegalStateException("a call to the C library failed", t);
        }
    }
}
