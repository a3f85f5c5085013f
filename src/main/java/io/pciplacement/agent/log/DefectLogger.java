package io.pciplacement.agent.log;

import java.util.HashSet;
import java.util.Set;

/**
 * Logger of unexpected exceptions that a loop survives. Logs each kind once, so that a repeated one does not flood the
 * log.
 */
public final class DefectLogger {

    private static final int MAX_KINDS = 20;

    private final LogfmtLogger log;
    private final Set<String> loggedKinds = new HashSet<>();

    public DefectLogger(LogfmtLogger log) {
        this.log = log;
    }

    /** @param action what failed, as {@code "scan the PCI devices"} */
    public void logOnce(String action, Throwable defect) {
        StackTraceElement[] stack = defect.getStackTrace();
        String kind = defect.getClass() + (stack.length == 0 ? "" : " at " + stack[0]);
        if (loggedKinds.size() < MAX_KINDS && loggedKinds.add(kind)) {
            log.logDefect("cannot " + action, defect);
        }
    }
}
