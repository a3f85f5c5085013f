package io.pciplacement.operator.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatchCanaryTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Duration TOLERANCE = Duration.ofSeconds(60);

    private static boolean isUpToDate(long behind) {
        return WatchCanary.isUpToDate(Optional.of(NOW), Optional.of(NOW.minusSeconds(behind)), TOLERANCE);
    }

    @Test
    void toleratesSmallLagOfTheWatch() {
        assertThat(isUpToDate(0)).isTrue();
        assertThat(isUpToDate(60)).isTrue();
        assertThat(isUpToDate(-600)).isTrue();
        assertThat(isUpToDate(61)).isFalse();
    }

    @Test
    void isUpToDateBeforeAnyRenewalIsKnown() {
        assertThat(WatchCanary.isUpToDate(Optional.empty(), Optional.of(NOW), TOLERANCE))
                .isTrue();
        assertThat(WatchCanary.isUpToDate(Optional.of(NOW), Optional.empty(), TOLERANCE))
                .isTrue();
    }
}
