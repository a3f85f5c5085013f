package io.pciplacement.agent.log;

import java.util.HashSet;
import java.util.Set;

/** Tells of a failure that goes on without flooding the log: each kind once, every so many attempts, and the end. */
public final class RepeatedFailureLogger {

    private static final int EVERY = 50;
    /** Reasons that never repeat, with a time in them say, are told as the first ones were. */
    private static final int MOST_KINDS = 10;

    private final LogfmtLogger log;
    private final String what;
    private final Set<String> told = new HashSet<>();
    private int count;

    /** @param what what is tried, as {@code "publish the devices"} */
    public RepeatedFailureLogger(LogfmtLogger log, String what) {
        this.log = log;
        this.what = what;
    }

    public void failed(String reason) {
        if (told.size() < MOST_KINDS && told.add(reason)) {
            log.warn("cannot " + what, "reason", reason);
        } else if (count % EVERY == 0) {
            log.warn("still cannot " + what, "reason", reason, "attempts", count);
        }
        count++;
    }

    public void over() {
        if (count > 0) {
            log.info("can " + what + " again", "failures", count);
            told.clear();
            count = 0;
        }
    }
}
