package io.pciplacement.operator.sweep;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long the operator waits from one look at Placement to the next.
 *
 * @param interval how long where a look is quick
 */
record SweepInterval(Duration interval) {

    /** A sweep costs Placement about as long as it takes; it may cost at most a fiftieth of one worker. */
    private static final int SHARE = 50;

    /** One that takes long because Placement has other work must not put off the next for half an hour. */
    private static final int MOST_INTERVALS = 10;

    /** Who wants to look more often than this has said what it may cost. */
    private static final Duration OFTEN = Duration.ofSeconds(10);

    /**
     * The pause after a look, by up to a tenth shorter by chance: the operators of several clouds must not ask one
     * Placement together for ever.
     *
     * @param took how long the look took
     */
    Duration after(Duration took, RandomGenerator random) {
        Duration pause = fair(took);
        return pause.minusMillis(random.nextLong(pause.toMillis() / 10 + 1));
    }

    private Duration fair(Duration took) {
        Duration fair = took.multipliedBy(SHARE);
        if (interval.compareTo(OFTEN) < 0 || fair.compareTo(interval) < 0) {
            return interval;
        }
        Duration most = interval.multipliedBy(MOST_INTERVALS);
        return fair.compareTo(most) < 0 ? fair : most;
    }
}
