package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimitedLoggerTest {

    /** Close to the overflow of the clock. */
    private long now = Long.MAX_VALUE - Duration.ofSeconds(5).toNanos();

    private final List<String> lines = new ArrayList<>();
    private final RateLimitedLogger log = new RateLimitedLogger(lines::add, () -> now);

    @Test
    void suppressedLinesAreCounted() {
        log.logWarning("first");
        log.logWarning("second");
        now += Duration.ofSeconds(9).toNanos();
        log.logWarning("third");
        assertThat(lines).containsExactly("first");
        now += Duration.ofSeconds(1).toNanos();
        log.logWarning("fourth");
        now += Duration.ofSeconds(10).toNanos();
        log.logWarning("fifth");
        assertThat(lines).containsExactly("first", "fourth (and 2 more like it since the last one)", "fifth");
    }

    @Test
    void eachLineIsSafeAndOfLimitedLength() {
        log.logWarning("a\u001b[31m\nb" + "x".repeat(1_000));
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("a\\u001b[31m bx")
                .endsWith("x...")
                .hasSize(500);
    }
}
