package io.pciplacement.operator.sweep;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Interval between two sweeps.
 *
 * @param interval the configured interval, extended if a sweep takes long
 */
record SweepInterval(Duration interval) {

    /** A sweep keeps one worker of Placement busy while it runs; it may use at most 1/50 of that worker's time. */
    private static final int DURATION_FACTOR = 50;

    /**
     * Limits the extension: a sweep that is slow because Placement is busy must not delay the next for half an hour.
     */
    private static final int MAX_EXTENSION = 10;

    /** Configured intervals shorter than this are not extended. */
    private static final Duration MIN_EXTENDED_INTERVAL = Duration.ofSeconds(10);

    /**
     * Delay until the next sweep, shortened at random by up to a tenth: the operators of several clouds must not query
     * one Placement at the same time forever.
     *
     * @param sweepDuration duration of the last sweep
     */
    Duration nextDelay(Duration sweepDuration, RandomGenerator random) {
        Duration delay = proportionalDelay(sweepDuration);
        return delay.minusMillis(random.nextLong(delay.toMillis() / 10 + 1));
    }

    private Duration proportionalDelay(Duration sweepDuration) {
        Duration delay = sweepDuration.multipliedBy(DURATION_FACTOR);
        if (interval.compareTo(MIN_EXTENDED_INTERVAL) < 0 || delay.compareTo(interval) < 0) {
            return interval;
        }
        Duration maximum = interval.multipliedBy(MAX_EXTENSION);
        return delay.compareTo(maximum) < 0 ? delay : maximum;
    }
}
