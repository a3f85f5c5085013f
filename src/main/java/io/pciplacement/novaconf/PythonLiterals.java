package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts as Nova's Python takes them: blanks, numbers and truth values. */
final class PythonLiterals {

    private static final Pattern HEX = Pattern.compile(
            "[ \\t\\n\\x0B\\f\\r]*([+-]?)(?:0[xX]_?)?([0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*)[ \\t\\n\\x0B\\f\\r]*");
    private static final Set<String> TRUE = Set.of("1", "t", "true", "on", "y", "yes");
    private static final Set<String> FALSE = Set.of("0", "f", "false", "off", "n", "no");

    private PythonLiterals() {}

    /**
     * Whether {@code str.isspace()} takes a character for a blank. None of Java's own tests does the same:
     * {@code strip} and {@code isBlank} leave out U+0085 and the no-break spaces, a regular expression's {@code \s} all
     * but ASCII's.
     */
    static boolean isSpace(int codePoint) {
        return switch (codePoint) {
            case 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0x85, 0xa0, ' ' -> true;
            default ->
                (codePoint >= 0x09 && codePoint <= 0x0d)
                        || (codePoint >= 0x1c && codePoint <= 0x1f)
                        || (codePoint >= 0x2000 && codePoint <= 0x200a);
        };
    }

    /** What {@code text.strip()} makes of it. */
    static String strip(String text) {
        int begin = 0;
        // All of these blanks are in the basic plane.
        while (begin < text.length() && isSpace(text.charAt(begin))) {
            begin++;
        }
        return stripEnd(text.substring(begin));
    }

    /** What {@code text.rstrip()} makes of it. */
    static String stripEnd(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /**
     * What {@code int(text, 16)} makes of it: {@code 0x8086}, { 8086 } and {@code 80_86} are numbers, too, as are the
     * decimal digits of any script.
     */
    static OptionalInt hex(String text) {
        Matcher matcher = HEX.matcher(ascii(text));
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        String digits = matcher.group(2).replace("_", "").replaceFirst("^0+(?=.)", "");
        int value = digits.length() > 7 ? Integer.MAX_VALUE : Integer.parseInt(digits, 16);
        return OptionalInt.of(matcher.group(1).equals("-") ? -value : value);
    }

    /** Digits and blanks of other scripts as those of ASCII; ASCII as it is, for there Python knows fewer blanks. */
    private static String ascii(String text) {
        StringBuilder ascii = new StringBuilder(text.length());
        text.codePoints().forEach(codePoint -> {
            if (codePoint < 0x7f) {
                ascii.append((char) codePoint);
            } else if (isSpace(codePoint)) {
                ascii.append(' ');
            } else if (Character.isDigit(codePoint)) {
                ascii.append(Character.digit(codePoint, 10));
            } else {
                ascii.append('?');
            }
        });
        return ascii.toString();
    }

    /** Whether Python takes a value for nothing: null, false, 0, and what is empty. */
    static boolean isNothing(@Nullable JsonNode value) {
        return value == null
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.doubleValue() == 0)
                || (value.isTextual() && value.textValue().isEmpty())
                || (value.isContainerNode() && value.isEmpty());
    }

    /** The truth of a tag for which anything that is not true is false. */
    static boolean lenient(@Nullable JsonNode value) {
        return value != null && !value.isContainerNode() && TRUE.contains(lower(value));
    }

    /** The truth of a tag that must be a truth value; null where it says nothing. */
    static @Nullable Boolean strict(String tag, @Nullable JsonNode value) throws UntranslatableException {
        if (value == null || value.isNull()) {
            return null;
        }
        String text = value.isContainerNode() ? "" : lower(value);
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw UntranslatableException.byNovaToo("%s: %s is neither true nor false".formatted(tag, value));
        }
        return TRUE.contains(text);
    }

    private static String lower(JsonNode value) {
        return strip(value.asText()).toLowerCase(Locale.ROOT);
    }
}
