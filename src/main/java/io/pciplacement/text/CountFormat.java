package io.pciplacement.text;

/** Formatter of numbers with what they count, in singular or plural, for messages. */
public final class CountFormat {

    private CountFormat() {}

    /** Formats a number with a noun whose plural ends with s: {@code 1 device}, {@code 2 devices}. */
    public static String format(long count, String noun) {
        return format(count, noun, noun + "s");
    }

    /** Formats a number with words that depend on it: {@code 1 device is}, {@code 2 devices are}. */
    public static String format(long count, String singular, String plural) {
        return count + " " + (count == 1 ? singular : plural);
    }
}
