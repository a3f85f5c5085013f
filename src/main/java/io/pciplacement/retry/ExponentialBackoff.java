package io.pciplacement.retry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses that double up to a last one, each longer or shorter by chance, so that many do not come back together. */
public record ExponentialBackoff(Duration first, Duration last) {

    /**
     * The pause after a failure.
     *
     * @param failures how many came before it
     */
    public Duration after(int failures) {
        long millis = Math.min(last.toMillis(), first.toMillis() << Math.min(failures, 16));
        return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.75, 1.25)));
    }
}
