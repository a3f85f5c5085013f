package io.pciplacement.novaconf;

/**
 * Recognizer of regular expressions that Python's {@code re} and RE2 both accept and match alike: characters,
 * {@code .}, sets, groups, {@code |}, repetitions, anchors, and escapes of classes and punctuation, all in ASCII. An
 * allow-list, since the two differ in more ways than a list of differences would have: {@code 8(?i)1}, {@code [\w-a]}
 * and {@code ^*} are accepted by one of them only, {@code a{,2}} and {@code [[:digit:]]} mean different things.
 */
public final class PortableRegex {

    private static final String SPECIAL_CHARACTERS = "\\^$.|?*+()[]{}";

    /** Python reserves these characters, if doubled in a set, for set operations. */
    private static final String RESERVED_IN_SETS = "-&~|[";

    private static final int END = -1;

    private final String regex;
    private int position;

    private PortableRegex(String regex) {
        this.regex = regex;
    }

    public static boolean isPortable(String regex) {
        PortableRegex parser = new PortableRegex(regex);
        // Python accepts flags for the whole expression only at its start.
        parser.skipIfNext("(?i)");
        return parser.parseAlternatives() && parser.currentChar() == END;
    }

    private int currentChar() {
        return position < regex.length() ? regex.charAt(position) : END;
    }

    private boolean skipIfNext(String text) {
        if (!regex.startsWith(text, position)) {
            return false;
        }
        position += text.length();
        return true;
    }

    private boolean parseAlternatives() {
        do {
            while (currentChar() != END && currentChar() != '|' && currentChar() != ')') {
                if (!parsePiece()) {
                    return false;
                }
            }
        } while (skipIfNext("|"));
        return true;
    }

    private boolean parsePiece() {
        // Python does not allow a repeated anchor.
        if (skipIfNext("^") || skipIfNext("$") || skipIfNext("\\A") || skipIfNext("\\b") || skipIfNext("\\B")) {
            return !isRepetition(currentChar());
        }
        return parseAtom() && parseRepetition();
    }

    private boolean parseAtom() {
        if (skipIfNext("(?:") || skipIfNext("(?i:") || (!regex.startsWith("(?", position) && skipIfNext("("))) {
            return parseAlternatives() && skipIfNext(")");
        }
        if (skipIfNext("[")) {
            return parseSet();
        }
        return skipIfNext(".") || skipClassEscape() || parseCharacter(SPECIAL_CHARACTERS) != END;
    }

    private static boolean isRepetition(int c) {
        return c == '*' || c == '+' || c == '?' || c == '{';
    }

    /**
     * An optional repetition, which may be lazy. Two in a row are possessive in the newest Pythons and an error in
     * others.
     */
    private boolean parseRepetition() {
        if (currentChar() == '{') {
            position++;
            int min = parseCount();
            int max = skipIfNext(",") ? currentChar() == '}' ? Integer.MAX_VALUE : parseCount() : min;
            if (min == END || max < min || !skipIfNext("}")) {
                return false;
            }
        } else if (!skipIfNext("*") && !skipIfNext("+") && !skipIfNext("?")) {
            return true;
        }
        skipIfNext("?");
        return !isRepetition(currentChar());
    }

    /** Parses a count; RE2 allows at most 1000. */
    private int parseCount() {
        int begin = position;
        while (currentChar() >= '0' && currentChar() <= '9') {
            position++;
        }
        return position == begin || position - begin > 3 ? END : Integer.parseInt(regex, begin, position, 10);
    }

    private boolean skipClassEscape() {
        return skipIfNext("\\d")
                || skipIfNext("\\D")
                || skipIfNext("\\w")
                || skipIfNext("\\W")
                || skipIfNext("\\s")
                || skipIfNext("\\S");
    }

    /** Parses a printable ASCII character, escaped if it is a special one. Returns {@link #END} if there is none. */
    private int parseCharacter(String special) {
        int c = currentChar();
        boolean escaped = c == '\\';
        if (escaped) {
            position++;
            c = currentChar();
        }
        boolean valid = c >= ' ' && c < 0x7f && (escaped ? !isAlphanumeric(c) : special.indexOf(c) < 0);
        position += valid ? 1 : 0;
        return valid ? c : END;
    }

    private static boolean isAlphanumeric(int c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** Parses a set after its opening bracket. */
    private boolean parseSet() {
        skipIfNext("^");
        boolean first = true;
        while (first || !skipIfNext("]")) {
            boolean hyphen = currentChar() == '-';
            if (isDoubledOperator() || (hyphen && !first && !regex.startsWith("-]", position))) {
                return false;
            }
            if (skipClassEscape()) {
                if (currentChar() == '-' && !regex.startsWith("-]", position)) {
                    return false;
                }
            } else if (hyphen) {
                position++;
            } else if (!parseRange()) {
                return false;
            }
            first = false;
        }
        return true;
    }

    private boolean isDoubledOperator() {
        int c = currentChar();
        return c != END
                && RESERVED_IN_SETS.indexOf(c) >= 0
                && regex.startsWith(Character.toString(c).repeat(2), position);
    }

    private boolean parseRange() {
        int low = parseCharacter("\\[]^-");
        if (low == END || regex.startsWith("-]", position) || !skipIfNext("-")) {
            return low != END;
        }
        int high = parseCharacter("\\[]^-");
        return low <= high;
    }
}
