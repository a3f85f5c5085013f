package io.pciplacement.webhook;

import io.pciplacement.text.SafeText;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Logger of client errors: at most one line in ten seconds, each of limited length; suppressed lines are counted. */
final class RateLimitedLogger {

    private static final long PAUSE = Duration.ofSeconds(10).toNanos();
    private static final int MAX_LENGTH = 500;

    private final Consumer<String> log;
    private final LongSupplier nanoTime;
    private long next;
    private long omitted;

    RateLimitedLogger(Consumer<String> log) {
        this(log, System::nanoTime);
    }

    RateLimitedLogger(Consumer<String> log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.next = nanoTime.getAsLong();
    }

    synchronized void logWarning(String line) {
        long now = nanoTime.getAsLong();
        if (now - next < 0) {
            omitted++;
            return;
        }
        String text = SafeText.singleLine(line, MAX_LENGTH);
        log.accept(omitted == 0 ? text : "%s (and %d more like it since the last one)".formatted(text, omitted));
        omitted = 0;
        next = now + PAUSE;
    }
}
