package io.pciplacement.novaconf;

/**
 * Recognizer of regular expressions that Python's {@code re} and RE2 both accept and match alike: characters,
 * {@code .}, sets, groups, {@code |}, repetitions, anchors, and escapes of classes and punctuation, all in ASCII. An
 * allow-list, since the two differ in more ways than a list of differences would have: {@code 8(?i)1}, {@code [\w-a]}
 * and {@code ^*} are accepted by one of them only, {@code a{,2}} and {@code [[:digit:]]} mean different things.
 */
final class PortableRegex {

    private static final String SPECIAL = "\\^$.|?*+()[]{}";

    /** Doubled in a set, Python reserves them for operations on sets. */
    private static final String RESERVED_IN_SETS = "-&~|[";

    private static final int END = -1;

    private final String regex;
    private int at;

    private PortableRegex(String regex) {
        this.regex = regex;
    }

    static boolean accepts(String regex) {
        PortableRegex reading = new PortableRegex(regex);
        // Python has flags for the whole expression at its start only.
        reading.skip("(?i)");
        return reading.alternatives() && reading.peek() == END;
    }

    private int peek() {
        return at < regex.length() ? regex.charAt(at) : END;
    }

    private boolean skip(String text) {
        if (!regex.startsWith(text, at)) {
            return false;
        }
        at += text.length();
        return true;
    }

    private boolean alternatives() {
        do {
            while (peek() != END && peek() != '|' && peek() != ')') {
                if (!piece()) {
                    return false;
                }
            }
        } while (skip("|"));
        return true;
    }

    private boolean piece() {
        // Python repeats no anchor.
        if (skip("^") || skip("$") || skip("\\A") || skip("\\b") || skip("\\B")) {
            return !isRepetition(peek());
        }
        return atom() && repetition();
    }

    private boolean atom() {
        if (skip("(?:") || skip("(?i:") || (!regex.startsWith("(?", at) && skip("("))) {
            return alternatives() && skip(")");
        }
        if (skip("[")) {
            return set();
        }
        return skip(".") || classEscape() || character(SPECIAL) != END;
    }

    private static boolean isRepetition(int c) {
        return c == '*' || c == '+' || c == '?' || c == '{';
    }

    /** None, or one that may be lazy; one after the other is possessive for the newest Pythons, wrong for the rest. */
    private boolean repetition() {
        if (peek() == '{') {
            at++;
            int least = number();
            int most = skip(",") ? peek() == '}' ? Integer.MAX_VALUE : number() : least;
            if (least == END || most < least || !skip("}")) {
                return false;
            }
        } else if (!skip("*") && !skip("+") && !skip("?")) {
            return true;
        }
        skip("?");
        return !isRepetition(peek());
    }

    /** RE2 counts to 1000. */
    private int number() {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        return at == begin || at - begin > 3 ? END : Integer.parseInt(regex, begin, at, 10);
    }

    private boolean classEscape() {
        return skip("\\d") || skip("\\D") || skip("\\w") || skip("\\W") || skip("\\s") || skip("\\S");
    }

    /** A printable character of ASCII, escaped if it is one of these; {@link #END} where there is none. */
    private int character(String special) {
        int c = peek();
        boolean escaped = c == '\\';
        if (escaped) {
            at++;
            c = peek();
        }
        boolean fits = c >= ' ' && c < 0x7f && (escaped ? !isAlphanumeric(c) : special.indexOf(c) < 0);
        at += fits ? 1 : 0;
        return fits ? c : END;
    }

    private static boolean isAlphanumeric(int c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** What comes after the bracket. */
    private boolean set() {
        skip("^");
        boolean first = true;
        while (first || !skip("]")) {
            boolean hyphen = peek() == '-';
            if (isDoubled() || (hyphen && !first && !regex.startsWith("-]", at))) {
                return false;
            }
            if (classEscape()) {
                if (peek() == '-' && !regex.startsWith("-]", at)) {
                    return false;
                }
            } else if (hyphen) {
                at++;
            } else if (!range()) {
                return false;
            }
            first = false;
        }
        return true;
    }

    private boolean isDoubled() {
        int c = peek();
        return c != END
                && RESERVED_IN_SETS.indexOf(c) >= 0
                && regex.startsWith(Character.toString(c).repeat(2), at);
    }

    private boolean range() {
        int low = character("\\[]^-");
        if (low == END || regex.startsWith("-]", at) || !skip("-")) {
            return low != END;
        }
        int high = character("\\[]^-");
        return low <= high;
    }
}
