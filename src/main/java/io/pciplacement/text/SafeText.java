package io.pciplacement.text;

/**
 * Sanitizer for text from outside the program: nothing that it returns can end a line where the caller does not, move
 * the cursor of a terminal, or change the direction in which text is displayed.
 *
 * <p>Characters of these kinds are escaped, an ESC as <code>&#92;u001b</code>: controls (C0, C1, DEL), format
 * characters (among them all bidirectional controls), surrogates without their other half, and code points that Unicode
 * has not assigned. What is added is ASCII, so that a log in any encoding shows it.
 */
public final class SafeText {

    private static final String ELLIPSIS = "...";

    /** The longest line of a comment, and the most lines of one. */
    private static final int MAX_COMMENT_LINE = 4_000;

    private static final int MAX_COMMENT_LINES = 100;

    private SafeText() {}

    /**
     * One line, for a log, a status message or a cell of a table: each run of line ends and tabs becomes one blank,
     * other unsafe characters are escaped.
     *
     * @param maxCodePoints the greatest length of the result; a longer text is cut and ends with {@code ...}
     */
    public static String line(String text, int maxCodePoints) {
        if (maxCodePoints < ELLIPSIS.length()) {
            throw new IllegalArgumentException("a line of %d characters has no room".formatted(maxCodePoints));
        }
        StringBuilder line = new StringBuilder(Math.min(text.length(), maxCodePoints));
        int length = 0;
        int cut = 0;
        boolean gap = false;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            boolean separator = isSeparator(codePoint);
            if (separator && gap) {
                continue;
            }
            gap = separator;
            String piece = separator ? " " : isUnsafe(codePoint) ? escape(codePoint) : Character.toString(codePoint);
            length += piece.codePointCount(0, piece.length());
            if (length > maxCodePoints) {
                return line.substring(0, cut) + ELLIPSIS;
            }
            line.append(piece);
            if (length <= maxCodePoints - ELLIPSIS.length()) {
                cut = line.length();
            }
        }
        return line.toString();
    }

    /** Text of any number of lines for a terminal: only {@code \n} ends a line, other unsafe characters are escaped. */
    public static String terminal(String text) {
        if (text.codePoints().noneMatch(SafeText::isEscapedOnTerminal)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(codePoint -> safe.append(
                        isEscapedOnTerminal(codePoint) ? escape(codePoint) : Character.toString(codePoint)));
        return safe.toString();
    }

    /**
     * A comment in YAML or in a nova.conf: each line begins with {@code # } and ends with {@code \n}. Overlong lines
     * are cut, and what comes after the hundredth line is left out.
     */
    public static String yamlComment(String text) {
        StringBuilder comment = new StringBuilder();
        int lines = 0;
        for (String line : text.split("\\R", -1)) {
            if (++lines > MAX_COMMENT_LINES) {
                return comment.append("# ").append(ELLIPSIS).append('\n').toString();
            }
            comment.append(("# " + line(line, MAX_COMMENT_LINE)).stripTrailing())
                    .append('\n');
        }
        return comment.toString();
    }

    /** Whether a character does something else than being displayed. */
    public static boolean isUnsafe(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    private static boolean isEscapedOnTerminal(int codePoint) {
        return codePoint != '\n' && isUnsafe(codePoint);
    }

    private static boolean isSeparator(int codePoint) {
        return switch (codePoint) {
            case '\t', '\n', 0x0b, '\f', '\r', 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }

    private static String escape(int codePoint) {
        return (Character.isBmpCodePoint(codePoint) ? "\\u%04x" : "\\U%08x").formatted(codePoint);
    }
}
