package io.pciplacement.agent.log;

import java.util.HashSet;
import java.util.Set;

/** Reporter of defects that a loop survives: each kind once, so that one that repeats does not flood the log. */
public final class DefectLogger {

    private static final int MOST_KINDS = 20;

    private final LogfmtLogger log;
    private final Set<String> reported = new HashSet<>();

    public DefectLogger(LogfmtLogger log) {
        this.log = log;
    }

    /** @param what what failed, as {@code "scan the PCI devices"} */
    public void report(String what, Throwable defect) {
        StackTraceElement[] stack = defect.getStackTrace();
        String kind = defect.getClass() + (stack.length == 0 ? "" : " at " + stack[0]);
        if (reported.size() < MOST_KINDS && reported.add(kind)) {
            log.defect("cannot " + what, defect);
        }
    }
}
