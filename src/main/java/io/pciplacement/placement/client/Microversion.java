package io.pciplacement.placement.client;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Placement's API. */
record Microversion(int major, int minor) implements Comparable<Microversion> {

    /** What this client speaks: every kind of request it makes has the form of this version. */
    static final Microversion NEEDED = new Microversion(1, 39);

    /** The last version whose allocations do not name the consumer's type. */
    static final Microversion WITHOUT_CONSUMER_TYPE = new Microversion(1, 37);

    /** Who has the needed one, for messages. */
    static final String NEEDED_SINCE = "Placement 7.0 (Yoga)";

    private static final Pattern FORM = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

    static Optional<Microversion> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new Microversion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public int compareTo(Microversion other) {
        return Comparator.comparingInt(Microversion::major)
                .thenComparingInt(Microversion::minor)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
