package io.pciplacement.agent;

import org.jspecify.annotations.Nullable;

/** Tells of a failure that goes on without flooding the log: the first, each other kind, every so many, and the end. */
final class Trouble {

    private static final int EVERY = 50;

    private final Log log;
    private final String what;
    private @Nullable String last;
    private int count;

    /** @param what what is tried, as {@code "publish the devices"} */
    Trouble(Log log, String what) {
        this.log = log;
        this.what = what;
    }

    void failed(String reason) {
        if (!reason.equals(last)) {
            log.warn("cannot " + what, "reason", reason);
        } else if (count % EVERY == 0) {
            log.warn("still cannot " + what, "reason", reason, "attempts", count);
        }
        last = reason;
        count++;
    }

    void over() {
        if (last != null) {
            log.info("can " + what + " again", "failures", count);
            last = null;
            count = 0;
        }
    }
}
