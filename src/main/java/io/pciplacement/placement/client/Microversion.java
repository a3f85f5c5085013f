package io.pciplacement.placement.client;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Microversion of the Placement API. */
record Microversion(int major, int minor) implements Comparable<Microversion> {

    /** The microversion of this client's requests. */
    static final Microversion REQUIRED = new Microversion(1, 39);

    /** The last microversion whose allocations do not contain the type of the consumer. */
    static final Microversion WITHOUT_CONSUMER_TYPE = new Microversion(1, 37);

    /** The first release with the required microversion, for messages. */
    static final String REQUIRED_SINCE = "Placement 7.0 (Yoga)";

    private static final Pattern PATTERN = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

    static Optional<Microversion> parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
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
