package io.pciplacement.nova;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts as Nova's Python takes them for numbers and truth values. */
final class PythonText {

    private static final Pattern HEX = Pattern.compile("\\s*([+-]?)(?:0[xX]_?)?([0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*)\\s*");
    private static final Set<String> TRUE = Set.of("1", "t", "true", "on", "y", "yes");
    private static final Set<String> FALSE = Set.of("0", "f", "false", "off", "n", "no");

    private PythonText() {}

    /** What {@code int(text, 16)} makes of it: {@code 0x8086}, { 8086 } and {@code 80_86} are numbers, too. */
    static OptionalInt hex(String text) {
        Matcher matcher = HEX.matcher(text);
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        String digits = matcher.group(2).replace("_", "").replaceFirst("^0+(?=.)", "");
        int value = digits.length() > 7 ? Integer.MAX_VALUE : Integer.parseInt(digits, 16);
        return OptionalInt.of(matcher.group(1).equals("-") ? -value : value);
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
    static @Nullable Boolean strict(String tag, @Nullable JsonNode value) throws Refused {
        if (value == null || value.isNull()) {
            return null;
        }
        String text = value.isContainerNode() ? "" : lower(value);
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw Refused.byNovaToo("%s: %s is neither true nor false".formatted(tag, value));
        }
        return TRUE.contains(text);
    }

    private static String lower(JsonNode value) {
        return value.asText().strip().toLowerCase(Locale.ROOT);
    }
}
