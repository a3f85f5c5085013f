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

    private static Duration after(Duration interval, Duration took, int seed) {
        return new SweepInterval(interval).after(took, new Random(seed));
    }

    /** Up to a tenth shorter by chance. */
    @ParameterizedTest
    @CsvSource({
        // A look costs a fiftieth of Placement's time at most ...
        "PT1M, PT0S, PT1M",
        "PT1M, PT1S, PT1M",
        "PT1M, PT3S, PT2M30S",
        "PT10S, PT1S, PT50S",
        // ... and one in the middle of other work does not put off the next for long ...
        "PT1M, PT30S, PT10M",
        "PT10S, PT30S, PT1M40S",
        // ... and who wants to look every second does.
        "PT1S, PT30S, PT1S",
        "PT9.999S, PT30S, PT9.999S",
        "PT0.001S, PT0S, PT0.001S",
    })
    void isTheIntervalOrAsMuchLongerAsIsFair(Duration interval, Duration took, Duration longest) {
        for (int seed = 0; seed < 200; seed++) {
            assertThat(after(interval, took, seed))
                    .isBetween(longest.multipliedBy(9).dividedBy(10), longest);
        }
    }

    @Test
    void pausesDiffer() {
        Set<Duration> pauses = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            pauses.add(after(Duration.ofMinutes(1), Duration.ZERO, seed));
        }
        assertThat(pauses).hasSizeGreaterThan(90);
    }
}
