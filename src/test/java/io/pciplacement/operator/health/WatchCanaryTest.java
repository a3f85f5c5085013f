package io.pciplacement.operator.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatchCanaryTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static boolean heard(long behind) {
        return WatchCanary.isHeard(Optional.of(NOW), Optional.of(NOW.minusSeconds(behind)), PATIENCE);
    }

    @Test
    void aWatchMayBeALittleBehindOrAhead() {
        assertThat(heard(0)).isTrue();
        assertThat(heard(60)).isTrue();
        assertThat(heard(-600)).isTrue();
        assertThat(heard(61)).isFalse();
    }

    @Test
    void whereNothingIsKnownNothingIsWrong() {
        assertThat(WatchCanary.isHeard(Optional.empty(), Optional.of(NOW), PATIENCE))
                .isTrue();
        assertThat(WatchCanary.isHeard(Optional.of(NOW), Optional.empty(), PATIENCE))
                .isTrue();
    }
}
