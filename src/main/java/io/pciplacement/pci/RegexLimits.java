package io.pciplacement.pci;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Optional;

/**
 * Bounds of the regular expressions that users write for fields of an address. RE2 runs in time linear in the text, but
 * a counted repetition of a group multiplies its program, and evaluation recurses once per instruction. A field has at
 * most four hexadecimal digits, so nothing useful is lost.
 *
 * <p>The CRD has the same bounds as a pattern, so that the API server refuses such an expression without the webhook.
 */
public final class RegexLimits {

    /** The longest expression, in characters. */
    public static final int MAX_LENGTH = 64;

    /** The greatest count of a repetition: the most digits that a field has. */
    static final int MAX_REPEAT = 4;

    /** The most instructions of a program; with the other bounds few expressions reach it. */
    static final int MAX_PROGRAM = 128;

    private RegexLimits() {}

    /** What is wrong with an expression and what to write instead, as a clause that follows it; empty if nothing is. */
    static Optional<String> problem(String regex) {
        if (regex.length() > MAX_LENGTH) {
            return Optional.of("has %d characters, at most %d are allowed".formatted(regex.length(), MAX_LENGTH));
        }
        return repetition(regex).or(() -> program(regex));
    }

    private static Optional<String> program(String regex) {
        try {
            int size = Pattern.compile(regex).programSize();
            return size <= MAX_PROGRAM
                    ? Optional.empty()
                    : Optional.of("compiles to %d instructions, at most %d are allowed; write a simpler expression"
                            .formatted(size, MAX_PROGRAM));
        } catch (PatternSyntaxException e) {
            return Optional.of(
                    "is not a regular expression of the RE2 syntax (no look-around, no back references): %s '%s'"
                            .formatted(e.getDescription(), e.getPattern()));
        }
    }

    /** Looks for what makes a program large before it is compiled. */
    private static Optional<String> repetition(String regex) {
        boolean repeatable = false;
        int i = 0;
        while (i < regex.length()) {
            char c = regex.charAt(i);
            char next = i + 1 < regex.length() ? regex.charAt(i + 1) : 0;
            if (c == '{') {
                int end = repeatable ? repetitionEnd(regex, i) : -1;
                if (end < 0) {
                    return Optional.of(
                            "has a '{' that is not allowed: only a single character or a class may be repeated, at most %d times, such as {2}, {1,} or {2,4}"
                                    .formatted(MAX_REPEAT));
                }
                i = end;
                repeatable = false;
            } else if (c == '\\' && (next == 'p' || next == 'P')) {
                return Optional.of("has a class of Unicode (\\%s); write hexadecimal digits".formatted(next));
            } else if (c == '\\' && next != '{') {
                repeatable = true;
                i += 2;
            } else {
                repeatable = c != ')' && c != '\\';
                i++;
            }
        }
        return Optional.empty();
    }

    /** Where a repetition that begins at a brace ends, or -1 where it is none within bounds. */
    private static int repetitionEnd(String regex, int open) {
        int i = open + 1;
        if (i >= regex.length() || !isCount(regex.charAt(i))) {
            return -1;
        }
        i++;
        if (i < regex.length() && regex.charAt(i) == ',') {
            i++;
            if (i < regex.length() && isCount(regex.charAt(i))) {
                i++;
            }
        }
        return i < regex.length() && regex.charAt(i) == '}' ? i + 1 : -1;
    }

    private static boolean isCount(char c) {
        return c >= '0' && c <= '0' + MAX_REPEAT;
    }
}
