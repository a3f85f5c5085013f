package io.pciplacement.logging;

import io.pciplacement.text.SafeText;
import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Log filter of the console that sanitizes messages: every message, and the message of every exception, becomes one
 * line of bounded length without control characters. No record is filtered out. A failed request to the API server that
 * the libraries log, such as the write of a finalizer during an outage, is logged in one line without stack trace.
 */
@LoggingFilter(name = SafeLogFilter.NAME)
public final class SafeLogFilter implements Filter {

    /** Value of {@code quarkus.log.console.filter}. */
    static final String NAME = "safe-text";

    static final int MAX_MESSAGE = 8_000;

    private static final ExtFormatter MESSAGE_FORMATTER = new PatternFormatter("%s");

    @Override
    public boolean isLoggable(LogRecord record) {
        if (record instanceof ExtLogRecord extended) {
            if (record.getThrown() != null && isLibrary(record.getLoggerName())) {
                replaceFailedRequest(extended, record.getThrown());
            }
            String message = MESSAGE_FORMATTER.formatMessage(extended);
            if (message != null) {
                String safe = SafeText.singleLine(message, MAX_MESSAGE);
                if (!safe.equals(message)) {
                    extended.setMessage(safe, ExtLogRecord.FormatStyle.NO_FORMAT);
                    extended.setParameters(null);
                }
            }
        }
        Throwable thrown = record.getThrown();
        if (thrown != null && needsSanitizing(thrown, CauseChain.MAX_CAUSES)) {
            record.setThrown(sanitizedCopy(thrown, CauseChain.MAX_CAUSES));
        }
        return true;
    }

    private static boolean isLibrary(@Nullable String logger) {
        return logger != null && (logger.startsWith("io.javaoperatorsdk.") || logger.startsWith("io.fabric8."));
    }

    private static void replaceFailedRequest(ExtLogRecord record, Throwable thrown) {
        new CauseChain(thrown).findFailedRequest().ifPresent(why -> {
            record.setMessage(
                    "%s: %s".formatted(MESSAGE_FORMATTER.formatMessage(record), why),
                    ExtLogRecord.FormatStyle.NO_FORMAT);
            record.setParameters(null);
            record.setThrown(null);
        });
    }

    private static boolean needsSanitizing(@Nullable Throwable thrown, int depth) {
        if (thrown == null) {
            return false;
        }
        String text = thrown.toString();
        if (depth == 0
                || !SafeText.singleLine(text, MAX_MESSAGE).equals(text)
                || needsSanitizing(thrown.getCause(), depth - 1)) {
            return true;
        }
        for (Throwable suppressed : thrown.getSuppressed()) {
            if (needsSanitizing(suppressed, depth - 1)) {
                return true;
            }
        }
        return false;
    }

    private static Throwable sanitizedCopy(Throwable thrown, int depth) {
        Throwable cause = thrown.getCause();
        SafeThrowable copy = new SafeThrowable(
                SafeText.singleLine(thrown.toString(), MAX_MESSAGE),
                cause == null || depth == 1 ? null : sanitizedCopy(cause, depth - 1),
                thrown.getStackTrace());
        if (depth > 1) {
            for (Throwable suppressed : thrown.getSuppressed()) {
                copy.addSuppressed(sanitizedCopy(suppressed, depth - 1));
            }
        }
        return copy;
    }

    /** Copy of a throwable for the log, with a sanitized text. */
    private static final class SafeThrowable extends Throwable {

        private static final long serialVersionUID = 1;

        private final String text;

        SafeThrowable(String text, @Nullable Throwable cause, StackTraceElement[] frames) {
            super(text, cause);
            this.text = text;
            setStackTrace(frames);
        }

        /** The text of the original, which starts with the name of its class. */
        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return text;
        }
    }
}
