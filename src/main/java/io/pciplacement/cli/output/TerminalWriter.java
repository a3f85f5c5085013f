package io.pciplacement.cli.output;

import io.pciplacement.text.SafeText;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Sanitizing writer for all output of the command. The output contains strings from hosts, users and Placement. They
 * cannot add rows or hide earlier output: only control sequences of {@link ColorOptions} reach the terminal, and
 * {@code println} prints exactly one line.
 */
public final class TerminalWriter extends PrintWriter {

    private static final int MAX_LINE = 20_000;
    private static final String ESC = Character.toString(0x1b);

    /** Prefix of the control sequences of this program; random for each run, so that it cannot be forged. */
    private static final String MARKER = ESC + UUID.randomUUID();

    private static final Pattern MARKER_PATTERN = Pattern.compile(MARKER, Pattern.LITERAL);

    public TerminalWriter(Writer out) {
        super(out, true);
    }

    /** Creates a control sequence that the writer passes through, from the characters after ESC. */
    static String controlSequence(String rest) {
        return MARKER + rest;
    }

    @Override
    public void println(String text) {
        writeSanitized(text, piece -> SafeText.line(piece, MAX_LINE));
        println();
    }

    private void writeSanitized(String text, UnaryOperator<String> sanitizer) {
        String sanitized = MARKER_PATTERN.splitAsStream(text).map(sanitizer).collect(Collectors.joining(ESC));
        super.write(sanitized, 0, sanitized.length());
    }

    @Override
    public void println(Object value) {
        println(String.valueOf(value));
    }

    @Override
    public void write(String text, int offset, int length) {
        writeSanitized(text.substring(offset, offset + length), SafeText::terminal);
    }

    @Override
    public void write(char[] text, int offset, int length) {
        write(new String(text, offset, length));
    }

    @Override
    public void write(int character) {
        write(Character.toString((char) character));
    }
}
