package io.pciplacement.text;

import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * Sanitizer for text from external sources. The result cannot add line breaks, move the cursor of a terminal, or change
 * the direction in which text is displayed.
 *
 * <p>The following characters are escaped, for example ESC as <code>&#92;u001b</code>: controls (C0, C1, DEL), format
 * characters (including all bidirectional controls), unpaired surrogates, and unassigned code points. Escapes are
 * ASCII, so they are readable in a log of any encoding.
 */
public final class SafeText {

    private static final String ELLIPSIS = "...";

    /** Maximum length of a line of a comment. */
    private static final int MAX_COMMENT_LINE = 4_000;

    private static final int MAX_COMMENT_LINES = 100;

    private SafeText() {}

    /**
     * Converts text to one line, for a log, a status message or a table cell: each sequence of line breaks and tabs
     * becomes one space, other unsafe characters are escaped.
     *
     * @param maxCodePoints the maximum length of the result; longer text is truncated and ends with {@code ...}
     */
    public static String singleLine(String text, int maxCodePoints) {
        if (maxCodePoints < ELLIPSIS.length()) {
            throw new IllegalArgumentException("the maximum length %d is too short".formatted(maxCodePoints));
        }
        StringBuilder result = new StringBuilder(Math.min(text.length(), maxCodePoints));
        int length = 0;
        int truncatedLength = 0;
        boolean afterSeparator = false;
        for (int index = 0; index < text.length(); ) {
            int codePoint = text.codePointAt(index);
            index += Character.charCount(codePoint);
            boolean separator = isSeparator(codePoint);
            if (separator && afterSeparator) {
                continue;
            }
            afterSeparator = separator;
            String piece =
                    separator ? " " : isUnsafe(codePoint) ? escapeCodePoint(codePoint) : Character.toString(codePoint);
            length += piece.codePointCount(0, piece.length());
            if (length > maxCodePoints) {
                return result.substring(0, truncatedLength) + ELLIPSIS;
            }
            result.append(piece);
            if (length <= maxCodePoints - ELLIPSIS.length()) {
                truncatedLength = result.length();
            }
        }
        return result.toString();
    }

    /**
     * Sanitizes text of any number of lines for a terminal: tabs and {@code \n} are kept, other unsafe characters are
     * escaped.
     */
    public static String forTerminal(String text) {
        return escapeUnsafe(text, SafeText::escapeCodePoint);
    }

    /** Escapes unsafe characters of a JSON document. Its meaning does not change, and a terminal can display it. */
    public static String escapeJson(String json) {
        return escapeUnsafe(
                json,
                codePoint -> Character.toString(codePoint)
                        .chars()
                        .mapToObj("\\u%04x"::formatted)
                        .collect(Collectors.joining()));
    }

    /**
     * Formats text as a comment of YAML or nova.conf: each line starts with {@code # } and ends with {@code \n}. Long
     * lines are truncated, and lines after the hundredth are omitted.
     */
    public static String yamlComment(String text) {
        StringBuilder comment = new StringBuilder();
        int lines = 0;
        for (String line : text.split("\\R", -1)) {
            if (++lines > MAX_COMMENT_LINES) {
                return comment.append("# ").append(ELLIPSIS).append('\n').toString();
            }
            comment.append(("# " + singleLine(line, MAX_COMMENT_LINE)).stripTrailing())
                    .append('\n');
        }
        return comment.toString();
    }

    /** Whether a character does not simply display as itself: controls, format characters and the like. */
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

    private static String escapeUnsafe(String text, IntFunction<String> escape) {
        IntPredicate unsafe = codePoint -> codePoint != '\n' && codePoint != '\t' && isUnsafe(codePoint);
        if (text.codePoints().noneMatch(unsafe)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(codePoint ->
                        safe.append(unsafe.test(codePoint) ? escape.apply(codePoint) : Character.toString(codePoint)));
        return safe.toString();
    }

    private static boolean isSeparator(int codePoint) {
        return switch (codePoint) {
            case '\t', '\n', 0x0b, '\f', '\r', 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }

    private static String escapeCodePoint(int codePoint) {
        return (Character.isBmpCodePoint(codePoint) ? "\\u%04x" : "\\U%08x").formatted(codePoint);
    }
}
