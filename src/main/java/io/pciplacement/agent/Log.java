package io.pciplacement.agent;

import java.io.PrintStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lines for people and for log collectors: {@code time=... level=... msg="..." key=value}, one for a thing worth
 * knowing.
 */
final class Log {

    private final PrintStream out;
    private final Clock clock;

    Log(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /** @param pairs keys and values in turn */
    void info(String message, @Nullable Object... pairs) {
        line("info", message, pairs);
    }

    /** @param pairs keys and values in turn */
    void warn(String message, @Nullable Object... pairs) {
        line("warn", message, pairs);
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
        boolean plain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c != '"' && c != '=' && c != 0x7f);
        if (plain) {
            line.append(value);
            return;
        }
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else {
                line.append(Character.isISOControl(c) ? ' ' : c);
            }
        }
        line.append('"');
    }
}
