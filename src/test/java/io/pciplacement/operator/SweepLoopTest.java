package io.pciplacement.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepLoopTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 999, 3_000, 60_000, 3_600_000})
    void aPauseIsShorterByATenthAtMost(long millis) {
        Duration pause = Duration.ofMillis(millis);
        for (int seed = 0; seed < 200; seed++) {
            assertThat(SweepLoop.shortened(pause, new Random(seed)))
                    .isBetween(pause.multipliedBy(9).dividedBy(10), pause);
        }
    }

    @Test
    void pausesDiffer() {
        Set<Duration> pauses = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            pauses.add(SweepLoop.shortened(Duration.ofSeconds(60), new Random(seed)));
        }
        assertThat(pauses).hasSizeGreaterThan(90);
    }
}
