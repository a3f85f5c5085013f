package io.pciplacement.logging;

import java.util.Arrays;

/** Classification of errors of the Java virtual machine, and stack traces of a bounded length. */
public final class JvmErrors {

    private static final int MAX_FRAMES = 30;

    private JvmErrors() {}

    /** Whether the JVM may be damaged, so that only a restart helps. */
    public static boolean isFatal(Throwable thrown) {
        return thrown instanceof VirtualMachineError && !(thrown instanceof StackOverflowError);
    }

    /** Truncates the stack trace before it is logged: that of a stack overflow has a thousand frames. */
    public static void truncateStackTrace(Throwable thrown) {
        StackTraceElement[] frames = thrown.getStackTrace();
        thrown.setStackTrace(Arrays.copyOf(frames, Math.min(frames.length, MAX_FRAMES)));
    }
}
