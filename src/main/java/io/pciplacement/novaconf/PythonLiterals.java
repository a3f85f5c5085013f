package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python's rules for blanks, numbers and truth values in strings, as Nova applies them. */
final class PythonLiterals {

    private static final Pattern HEX = Pattern.compile(
            "[ \\t\\n\\x0B\\f\\r]*([+-]?)(?:0[xX]_?)?([0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*)[ \\t\\n\\x0B\\f\\r]*");
    private static final Set<String> TRUE_VALUES = Set.of("1", "t", "true", "on", "y", "yes");
    private static final Set<String> FALSE_VALUES = Set.of("0", "f", "false", "off", "n", "no");

    private PythonLiterals() {}

    /**
     * Whether {@code str.isspace()} is true for a character. No Java method has the same rules: {@code strip} and
     * {@code isBlank} exclude U+0085 and the no-break spaces, {@code \s} in a regular expression all non-ASCII blanks.
     */
    static boolean isPythonSpace(int codePoint) {
        return switch (codePoint) {
            case 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0x85, 0xa0, ' ' -> true;
            default ->
                (codePoint >= 0x09 && codePoint <= 0x0d)
                        || (codePoint >= 0x1c && codePoint <= 0x1f)
                        || (codePoint >= 0x2000 && codePoint <= 0x200a);
        };
    }

    /** As Python's {@code text.strip()}. */
    static String stripBlanks(String text) {
        int begin = 0;
        // All these blanks are in the basic multilingual plane.
        while (begin < text.length() && isPythonSpace(text.charAt(begin))) {
            begin++;
        }
        return stripTrailing(text.substring(begin));
    }

    /** As Python's {@code text.rstrip()}. */
    static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isPythonSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /**
     * As Python's {@code int(text, 16)}, which also accepts {@code 0x8086}, surrounding blanks, {@code 80_86}, and the
     * decimal digits of any script.
     */
    static OptionalInt parseHex(String text) {
        Matcher matcher = HEX.matcher(toAscii(text));
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        String digits = matcher.group(2).replace("_", "").replaceFirst("^0+(?=.)", "");
        int value = digits.length() > 7 ? Integer.MAX_VALUE : Integer.parseInt(digits, 16);
        return OptionalInt.of(matcher.group(1).equals("-") ? -value : value);
    }

    /**
     * Converts non-ASCII digits and blanks to ASCII. Keeps ASCII unchanged, because Python accepts fewer ASCII blanks
     * here.
     */
    private static String toAscii(String text) {
        StringBuilder ascii = new StringBuilder(text.length());
        text.codePoints().forEach(codePoint -> {
            if (codePoint < 0x7f) {
                ascii.append((char) codePoint);
            } else if (isPythonSpace(codePoint)) {
                ascii.append(' ');
            } else if (Character.isDigit(codePoint)) {
                ascii.append(Character.digit(codePoint, 10));
            } else {
                ascii.append('?');
            }
        });
        return ascii.toString();
    }

    /** Whether a value is false in Python: null, false, 0, and empty values. */
    static boolean isFalsy(@Nullable JsonNode value) {
        return value == null
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.doubleValue() == 0)
                || (value.isTextual() && value.textValue().isEmpty())
                || (value.isContainerNode() && value.isEmpty());
    }

    /** Parses a boolean tag for which Nova treats every value that is not true as false. */
    static boolean parseLenientBoolean(@Nullable JsonNode value) {
        return value != null && !value.isContainerNode() && TRUE_VALUES.contains(toStrippedLowerCase(value));
    }

    /** Parses a boolean tag for which Nova rejects other values. Returns null if it is not set. */
    static @Nullable Boolean parseStrictBoolean(String tag, @Nullable JsonNode value) throws UntranslatableException {
        if (value == null || value.isNull()) {
            return null;
        }
        String text = value.isContainerNode() ? "" : toStrippedLowerCase(value);
        if (!TRUE_VALUES.contains(text) && !FALSE_VALUES.contains(text)) {
            throw UntranslatableException.alsoRejectedByNova("%s: %s is neither true nor false".formatted(tag, value));
        }
        return TRUE_VALUES.contains(text);
    }

    private static String toStrippedLowerCase(JsonNode value) {
        return stripBlanks(value.asText()).toLowerCase(Locale.ROOT);
    }
}
