package io.pciplacement.webhook;

import java.time.Duration;
import java.util.function.Consumer;

/** Logger of client errors: at most one line in ten seconds, each of limited length; suppressed lines are counted. */
final class RateLimitedLogger {

    private static final long PAUSE = Duration.ofSeconds(10).toNanos();
    private static final int MAX_LENGTH = 500;

    private final Consumer<String> log;
    private long next = System.nanoTime();
    private long omitted;

    RateLimitedLogger(Consumer<String> log) {
        this.log = log;
    }

    synchronized void logWarning(String line) {
        long now = System.nanoTime();
        if (now - next < 0) {
            omitted++;
            return;
        }
        String text = line.replaceAll("\\p{Cntrl}", " ");
        text = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "..." : text;
        log.accept(omitted == 0 ? text : "%s (and %d more like it since the last one)".formatted(text, omitted));
        omitted = 0;
        next = now + PAUSE;
    }
}
