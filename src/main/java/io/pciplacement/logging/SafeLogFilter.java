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
 * Filter in front of the console: every message becomes one line of a bounded length without control characters, as do
 * the messages of exceptions, wherever they come from. Nothing is filtered out.
 */
@LoggingFilter(name = SafeLogFilter.NAME)
public final class SafeLogFilter implements Filter {

    /** As {@code quarkus.log.console.filter} names it. */
    static final String NAME = "safe-text";

    static final int MAX_MESSAGE = 8_000;

    /** So many causes are looked at; more are no help to a reader. */
    private static final int MAX_CAUSES = 16;

    private static final ExtFormatter MESSAGES = new PatternFormatter("%s");

    @Override
    public boolean isLoggable(LogRecord record) {
        if (record instanceof ExtLogRecord extended) {
            String message = MESSAGES.formatMessage(extended);
            if (message != null) {
                String safe = SafeText.line(message, MAX_MESSAGE);
                if (!safe.equals(message)) {
                    extended.setMessage(safe, ExtLogRecord.FormatStyle.NO_FORMAT);
                    extended.setParameters(null);
                }
            }
        }
        Throwable thrown = record.getThrown();
        if (thrown != null && isUnsafe(thrown, MAX_CAUSES)) {
            record.setThrown(safe(thrown, MAX_CAUSES));
        }
        return true;
    }

    private static boolean isUnsafe(@Nullable Throwable thrown, int depth) {
        if (thrown == null) {
            return false;
        }
        String text = thrown.toString();
        if (depth == 0 || !SafeText.line(text, MAX_MESSAGE).equals(text) || isUnsafe(thrown.getCause(), depth - 1)) {
            return true;
        }
        for (Throwable suppressed : thrown.getSuppressed()) {
            if (isUnsafe(suppressed, depth - 1)) {
                return true;
            }
        }
        return false;
    }

    private static Throwable safe(Throwable thrown, int depth) {
        Throwable cause = thrown.getCause();
        SafeThrowable safe = new SafeThrowable(
                SafeText.line(thrown.toString(), MAX_MESSAGE),
                cause == null || depth == 1 ? null : safe(cause, depth - 1),
                thrown.getStackTrace());
        if (depth > 1) {
            for (Throwable suppressed : thrown.getSuppressed()) {
                safe.addSuppressed(safe(suppressed, depth - 1));
            }
        }
        return safe;
    }

    /** Copy of a throwable for the log, whose text is safe. */
    private static final class SafeThrowable extends Throwable {

        private static final long serialVersionUID = 1;

        private final String text;

        SafeThrowable(String text, @Nullable Throwable cause, StackTraceElement[] frames) {
            super(text, cause);
            this.text = text;
            setStackTrace(frames);
        }

        /** With the name of the class that it is a copy of, where this one's would stand. */
        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return text;
        }
    }
}
