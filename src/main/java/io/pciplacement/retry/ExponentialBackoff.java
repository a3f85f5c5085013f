package io.pciplacement.retry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Exponential backoff with an upper bound and jitter of 25 %, so that many clients do not retry at the same time. */
public record ExponentialBackoff(Duration initialDelay, Duration maxDelay) {

    /**
     * The delay after a failure.
     *
     * @param failures number of failures before it
     */
    public Duration delayAfter(int failures) {
        long millis = Math.min(maxDelay.toMillis(), initialDelay.toMillis() << Math.min(failures, 16));
        return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.75, 1.25)));
    }
}
