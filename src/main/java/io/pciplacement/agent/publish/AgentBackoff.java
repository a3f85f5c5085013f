package io.pciplacement.agent.publish;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses that double up to a cap, each shortened by chance, so that a thousand agents do not come back together. */
final class AgentBackoff {

    private final Duration first;
    private final Duration cap;
    private final RandomGenerator random;
    private int failures;

    AgentBackoff(Duration first, Duration cap, RandomGenerator random) {
        this.first = first;
        this.cap = cap;
        this.random = random;
    }

    /** The pause after one more failure: between half and the whole of what its turn allows. */
    Duration next() {
        double whole = Math.min((double) cap.toMillis(), first.toMillis() * Math.pow(2, Math.min(failures, 30)));
        failures++;
        return Duration.ofMillis((long) (whole * (0.5 + 0.5 * random.nextDouble())));
    }

    void reset() {
        failures = 0;
    }
}
