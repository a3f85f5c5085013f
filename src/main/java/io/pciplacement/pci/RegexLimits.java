package io.pciplacement.pci;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Optional;

/**
 * Limits of the regular expressions that users write for fields of an address. RE2 runs in time linear in the input,
 * but a counted repetition of a group multiplies the size of the program, and evaluation recurses once per instruction.
 * A field has at most four hexadecimal digits, so the limits exclude no useful expression.
 *
 * <p>The CRD has the same limits as a pattern, so the API server rejects such an expression without the webhook.
 */
public final class RegexLimits {

    /** Maximum length of an expression, in characters. */
    public static final int MAX_LENGTH = 64;

    /** Maximum count of a repetition: the maximum number of digits in a field. */
    static final int MAX_REPEAT = 4;

    /** Maximum number of instructions of a compiled program; with the other limits few expressions reach it. */
    static final int MAX_PROGRAM = 128;

    private RegexLimits() {}

    /**
     * What is wrong with an expression and what to write instead, as a clause that follows it; empty if it is valid.
     */
    static Optional<String> findProblem(String regex) {
        if (regex.length() > MAX_LENGTH) {
            return Optional.of("has %d characters, at most %d are allowed".formatted(regex.length(), MAX_LENGTH));
        }
        return checkRepetitions(regex).or(() -> checkProgramSize(regex));
    }

    private static Optional<String> checkProgramSize(String regex) {
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

    /** Rejects, before compilation, the constructs that make a program large. */
    private static Optional<String> checkRepetitions(String regex) {
        boolean repeatable = false;
        int i = 0;
        while (i < regex.length()) {
            char c = regex.charAt(i);
            char next = i + 1 < regex.length() ? regex.charAt(i + 1) : 0;
            if (c == '{') {
                int end = repeatable ? findRepetitionEnd(regex, i) : -1;
                if (end < 0) {
                    return Optional.of(
                            "has a '{' that is not allowed: only a single character or a class may be repeated, at most %d times, such as {2}, {1,} or {2,4}"
                                    .formatted(MAX_REPEAT));
                }
                i = end;
                repeatable = false;
            } else if (c == '\\' && (next == 'p' || next == 'P')) {
                return Optional.of("has a Unicode character class (\\%s); write hexadecimal digits".formatted(next));
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

    /** End of the repetition that starts at a brace, or -1 if it is not a repetition within the limits. */
    private static int findRepetitionEnd(String regex, int open) {
        int i = open + 1;
        if (i >= regex.length() || !isAllowedCount(regex.charAt(i))) {
            return -1;
        }
        i++;
        if (i < regex.length() && regex.charAt(i) == ',') {
            i++;
            if (i < regex.length() && isAllowedCount(regex.charAt(i))) {
                i++;
            }
        }
        return i < regex.length() && regex.charAt(i) == '}' ? i + 1 : -1;
    }

    private static boolean isAllowedCount(char c) {
        return c >= '0' && c <= '0' + MAX_REPEAT;
    }
}
