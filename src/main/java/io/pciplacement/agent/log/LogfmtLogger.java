package io.pciplacement.agent.log;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lines for people and for log collectors: {@code time=... level=... msg="..." key=value}, one for a thing worth
 * knowing.
 */
public final class LogfmtLogger {

    private final PrintStream out;
    private final Clock clock;

    public LogfmtLogger(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /** @param pairs keys and values in turn */
    public void info(String message, @Nullable Object... pairs) {
        line("info", message, pairs);
    }

    /** @param pairs keys and values in turn */
    public void warn(String message, @Nullable Object... pairs) {
        line("warn", message, pairs);
    }

    /** A defect of this program, with the stack on the same line. */
    public void defect(String message, Throwable defect) {
        StringWriter stack = new StringWriter();
        defect.printStackTrace(new PrintWriter(stack));
        warn(message + ": a defect, please report it", "error", defect, "stack", stack);
    }

    private void line(String level, String message, @Nullable Object... pairs) {
        StringBuilder line = new StringBuilder(160)
                .append("time=")
                .append(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .append(" level=")
                .append(level)
                .append(" msg=");
        value(line, message);
        for (int i = 0; i + 1 < pairs.length; i += 2) {
            line.append(' ').append(pairs[i]).append('=');
            value(line, String.valueOf(pairs[i + 1]));
        }
        out.println(line);
    }

    /** Quoted where it must be; never more than one line, whatever a server or a file says. */
    private static void value(StringBuilder line, String value) {
        if (plain(value)) {
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
     * False for what a terminal or a log collector may take for a command or the end of a line, bidi controls among it.
     */
    private static boolean isVisible(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    // A loop, not a stream: the first line is written while the agent starts.
    private static boolean plain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c == '"' || c == '=' || c >= 0x7f) {
                return false;
            }
        }
        return !value.isEmpty();
    }
}
