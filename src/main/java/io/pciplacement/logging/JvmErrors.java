package io.pciplacement.logging;

import java.util.Arrays;

/** Classification of JVM errors, and truncation of stack traces. */
public final class JvmErrors {

    private static final int MAX_FRAMES = 30;

    private JvmErrors() {}

    /** Whether the JVM may be in an inconsistent state and must be restarted. */
    public static boolean isFatal(Throwable thrown) {
        return thrown instanceof VirtualMachineError && !(thrown instanceof StackOverflowError);
    }

    /** Truncates the stack trace before it is logged; that of a stack overflow has a thousand frames. */
    public static void truncateStackTrace(Throwable thrown) {
        StackTraceElement[] frames = thrown.getStackTrace();
        thrown.setStackTrace(Arrays.copyOf(frames, Math.min(frames.length, MAX_FRAMES)));
    }
}
