package io.pciplacement.cli.output;

import io.pciplacement.text.SafeText;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writer of all that the command prints. What it is given holds text of hosts, editors and Placement, so nothing but
 * {@link ColorOptions} reaches the terminal as a control sequence, and {@code println} prints one line, whatever is in
 * it: nobody can add rows or hide what was printed before.
 */
public final class TerminalWriter extends PrintWriter {

    private static final int MAX_LINE = 20_000;
    private static final String ESC = Character.toString(0x1b);

    /** What comes before a control sequence of this program's own: made anew each time, so that none can be forged. */
    private static final String MARK = ESC + UUID.randomUUID();

    private static final Pattern MARKS = Pattern.compile(MARK, Pattern.LITERAL);

    public TerminalWriter(Writer out) {
        super(out, true);
    }

    /** A control sequence that the writer lets through, by what comes after ESC. */
    static String controlSequence(String rest) {
        return MARK + rest;
    }

    @Override
    public void println(String text) {
        raw(text, piece -> SafeText.singleLine(piece, MAX_LINE));
        println();
    }

    private void raw(String text, UnaryOperator<String> safe) {
        String written = MARKS.splitAsStream(text).map(safe).collect(Collectors.joining(ESC));
        super.write(written, 0, written.length());
    }

    @Override
    public void println(Object value) {
        println(String.valueOf(value));
    }

    @Override
    public void write(String text, int offset, int length) {
        raw(text.substring(offset, offset + length), SafeText::forTerminal);
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
