package io.pciplacement.retry;

import java.util.HashSet;
import java.util.Set;

/**
 * Logger of a failure that may repeat, without flooding the log: each reason once, a reminder every so many attempts,
 * and the recovery. Not thread-safe.
 */
public final class RepeatedFailureLogger {

    private static final int REMINDER_INTERVAL = 50;

    /** Further reasons are only logged as reminders: some never repeat, for example because they contain a time. */
    private static final int MAX_REASONS = 10;

    private final Sink sink;
    private final Set<String> loggedReasons = new HashSet<>();
    private int failures;

    /** Destination of the log lines. */
    @FunctionalInterface
    public interface Sink {

        /** Logs a reason for the first time. */
        void logFailure(String reason);

        /** @param attempts failed attempts before this one */
        default void logReminder(String reason, int attempts) {
            logFailure(reason);
        }

        /** @param failures failed attempts before the success */
        default void logRecovery(int failures) {}
    }

    public RepeatedFailureLogger(Sink sink) {
        this.sink = sink;
    }

    public void onFailure(String reason) {
        if (loggedReasons.size() < MAX_REASONS && loggedReasons.add(reason)) {
            sink.logFailure(reason);
        } else if (failures % REMINDER_INTERVAL == 0) {
            sink.logReminder(reason, failures);
        }
        failures++;
    }

    public void onSuccess() {
        if (failures > 0) {
            sink.logRecovery(failures);
            loggedReasons.clear();
            failures = 0;
        }
    }
}
