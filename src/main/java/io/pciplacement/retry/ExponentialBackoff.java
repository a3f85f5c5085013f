package io.pciplacement.retry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with jitter: the delay doubles with each failure, up to a maximum. The jitter shortens a delay by
 * up to half, so that many clients do not retry at the same moment and none waits longer than the maximum.
 */
public record ExponentialBackoff(Duration first, Duration max) {

    /** Keeps the shift in range; the maximum applies long before. */
    private static final int MAX_DOUBLINGS = 16;

    /**
     * The delay before the next attempt.
     *
     * @param earlierFailures consecutive failures before the one that just happened
     */
    public Duration delayAfter(int earlierFailures) {
        return delayAfter(earlierFailures, ThreadLocalRandom.current());
    }

    /** As {@link #delayAfter(int)}, with a given source of randomness. */
    public Duration delayAfter(int earlierFailures, RandomGenerator random) {
        long millis = Math.min(max.toMillis(), first.toMillis() << Math.min(earlierFailures, MAX_DOUBLINGS));
        return Duration.ofMillis((long) (millis * random.nextDouble(0.5, 1.0)));
    }
}
