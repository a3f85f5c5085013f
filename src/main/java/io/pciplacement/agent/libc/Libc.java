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
 * The few functions of the C library that Java has no method for, or only one that does far more. An answer below zero
 * is a failure, which {@link #errno} names. Not for more than one thread.
 */
public final class Libc {

    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EINVAL = 22;
    public static final int ENOBUFS = 105;

    /** Names are relative to the working directory. */
    public static final int HERE = -100;

    /** O_CLOEXEC | O_NONBLOCK: opening a FIFO would wait for a writer otherwise. */
    public static final int READ = 02000000 | 04000;

    public static final int FOLDER = READ | 010000000; // O_PATH: to find names in it, and nothing else

    private static final Linker LINKER = Linker.nativeLinker();
    private static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    /**
     * Takes whole words and gives one, as all these functions do in the calling conventions of x86-64 and AArch64: so
     * one way of calling, which is costly to make, serves all.
     */
    @SuppressWarnings("restricted")
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));

    private static final MemorySegment OPENAT = function("openat");
    private static final MemorySegment CLOSE = function("close");
    private static final MemorySegment READ_ = function("read");
    private static final MemorySegment READLINKAT = function("readlinkat");
    private static final MemorySegment SOCKET = function("socket");
    private static final MemorySegment BIND = function("bind");
    private static final MemorySegment SETSOCKOPT = function("setsockopt");
    private static final MemorySegment RECV = function("recv");
    private static final MemorySegment POLL = function("poll");

    private final MemorySegment state = Arena.global().allocate(Linker.Option.captureStateLayout());

    private static MemorySegment function(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    /** A text as C has it, for as long as the program runs. */
    public static MemorySegment text(String text) {
        return Arena.global().allocateFrom(text, StandardCharsets.UTF_8);
    }

    /** Why the last call failed. */
    public int errno() {
        return state.get(JAVA_INT, ERRNO);
    }

    public int open(int folder, MemorySegment name, int flags) {
        return call(OPENAT, folder, name.address(), flags, 0, 0);
    }

    public int close(int file) {
        return call(CLOSE, file, 0, 0, 0, 0);
    }

    public int read(int file, MemorySegment into) {
        return call(READ_, file, into.address(), into.byteSize(), 0, 0);
    }

    public int readLink(int folder, MemorySegment name, MemorySegment into) {
        return call(READLINKAT, folder, name.address(), into.address(), into.byteSize(), 0);
    }

    public int socket(int domain, int type, int protocol) {
        return call(SOCKET, domain, type, protocol, 0, 0);
    }

    public int bind(int socket, MemorySegment address) {
        return call(BIND, socket, address.address(), address.byteSize(), 0, 0);
    }

    public int setOption(int socket, int level, int option, MemorySegment value) {
        return call(SETSOCKOPT, socket, level, option, value.address(), value.byteSize());
    }

    public int receive(int socket, MemorySegment into, int flags) {
        return call(RECV, socket, into.address(), into.byteSize(), flags, 0);
    }

    /** Waits until there is something to read. 0 when the time is over; for ever where it is below zero. */
    public int await(int file, int millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = arena.allocate(8, 4); // struct pollfd: int fd, short events, short revents
            asked.set(JAVA_INT, 0, file);
            asked.set(JAVA_SHORT, 4, (short) 1); // POLLIN
            return call(POLL, asked.address(), 1, millis, 0, 0);
        }
    }

    private int call(MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (int) (long) CALL.invokeExact(function, state, a, b, c, d, e);
        } catch (Throwable t) {
            throw new IllegalStateException("a call of the C library failed", t);
        }
    }
}
