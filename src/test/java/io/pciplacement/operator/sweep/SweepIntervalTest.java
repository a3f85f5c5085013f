package io.pciplacement.operator.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepIntervalTest {

    private static Duration nextDelay(Duration interval, Duration sweepDuration, int seed) {
        return new SweepInterval(interval).nextDelay(sweepDuration, new Random(seed));
    }

    /** The delay is up to a tenth shorter, at random. */
    @ParameterizedTest
    @CsvSource({
        // Sweeps use at most 1/50 of the time of a worker of Placement ...
        "PT1M, PT0S, PT1M",
        "PT1M, PT1S, PT1M",
        "PT1M, PT3S, PT2M30S",
        "PT10S, PT1S, PT50S",
        // ... a slow sweep does not delay the next for long ...
        "PT1M, PT30S, PT10M",
        "PT10S, PT30S, PT1M40S",
        // ... and short configured intervals are not extended.
        "PT1S, PT30S, PT1S",
        "PT9.999S, PT30S, PT9.999S",
        "PT0.001S, PT0S, PT0.001S",
    })
    void extendsTheIntervalForSlowSweeps(Duration interval, Duration sweepDuration, Duration maximum) {
        for (int seed = 0; seed < 200; seed++) {
            assertThat(nextDelay(interval, sweepDuration, seed))
                    .isBetween(maximum.multipliedBy(9).dividedBy(10), maximum);
        }
    }

    @Test
    void delaysAreRandomized() {
        Set<Duration> delays = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            delays.add(nextDelay(Duration.ofMinutes(1), Duration.ZERO, seed));
        }
        assertThat(delays).hasSizeGreaterThan(90);
    }
}
