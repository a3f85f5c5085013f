package io.pciplacement.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExponentialBackoffTest {

    private final ExponentialBackoff backoff = new ExponentialBackoff(Duration.ofSeconds(2), Duration.ofSeconds(60));

    @ParameterizedTest
    @CsvSource({"0, 2000", "1, 4000", "4, 32000", "5, 60000", "1000000, 60000"})
    void delaysBetweenHalfAndAllOfTheDoubledDelay(int earlierFailures, long millis) {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(backoff.delayAfter(earlierFailures, random))
                    .isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
        }
        assertThat(backoff.delayAfter(earlierFailures))
                .isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
    }
}
