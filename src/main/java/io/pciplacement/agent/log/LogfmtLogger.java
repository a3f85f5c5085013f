package io.pciplacement.agent.log;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Logger in logfmt, for people and for log collectors: {@code time=... level=... msg="..." key=value}, one line per
 * event.
 */
public final class LogfmtLogger {

    private final PrintStream out;
    private final Clock clock;

    public LogfmtLogger(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /** @param pairs alternating keys and values */
    public void info(String message, @Nullable Object... pairs) {
        writeLine("info", message, pairs);
    }

    /** @param pairs alternating keys and values */
    public void warn(String message, @Nullable Object... pairs) {
        writeLine("warn", message, pairs);
    }

    /** Logs a bug of this program, with the stack trace on the same line. */
    public void logDefect(String message, Throwable defect) {
        StringWriter stack = new StringWriter();
        defect.printStackTrace(new PrintWriter(stack));
        warn(message + ": internal error, please report it", "error", defect, "stack", stack);
    }

    private void writeLine(String level, String message, @Nullable Object... pairs) {
        StringBuilder line = new StringBuilder(160)
                .append("time=")
                .append(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .append(" level=")
                .append(level)
                .append(" msg=");
        appendValue(line, message);
        for (int i = 0; i + 1 < pairs.length; i += 2) {
            line.append(' ').append(pairs[i]).append('=');
            appendValue(line, String.valueOf(pairs[i + 1]));
        }
        out.println(line);
    }

    /** Appends a value, quoted if necessary. Control characters are replaced, so a value never spans lines. */
    private static void appendValue(StringBuilder line, String value) {
        if (isPlainValue(value)) {
            line.append(value);
            return;
        }
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else {
                line.append(isVisible(c) ? c : ' ');
            }
        }
        line.append('"');
    }

    /**
     * False for characters that a terminal or a log collector may interpret as a command or a line end, including bidi
     * controls.
     */
    private static boolean isVisible(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    // A loop, not a stream, to keep the start of the agent fast.
    private static boolean isPlainValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c == '"' || c == '=' || c >= 0x7f) {
                return false;
            }
        }
        return !value.isEmpty();
    }
}
