package io.pciplacement.agent.sysfs;

/** Sanitizer of strings read from the host: the CRD accepts only printable ASCII of limited length. */
public final class PrintableText {

    private static final char REPLACEMENT = '?';

    private PrintableText() {}

    /**
     * Replaces each code point that is not printable ASCII, and truncates to a length. Surrogate pairs are replaced as
     * a whole, so the result is always valid text.
     */
    public static String sanitize(String text, int maxLength) {
        if (text.length() <= maxLength && isPrintable(text)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(Math.min(text.length(), maxLength));
        for (int i = 0; i < text.length() && clean.length() < maxLength; ) {
            int codePoint = text.codePointAt(i);
            clean.append(isPrintable(codePoint) ? (char) codePoint : REPLACEMENT);
            i += Character.charCount(codePoint);
        }
        return clean.toString();
    }

    private static boolean isPrintable(int codePoint) {
        return codePoint >= ' ' && codePoint <= '~';
    }

    // A loop, not a stream: called for each driver name of each scan.
    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPrintable(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
