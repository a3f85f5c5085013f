package io.pciplacement.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogfmtLoggerTest {

    private static final String PREFIX = "time=2026-01-02T03:04:05Z level=warn msg=read";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final LogfmtLogger log = new LogfmtLogger(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));

    private String line(String value) {
        log.warn("read", "driver", value);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void writesPlainValuesUnquoted() {
        assertThat(line("vfio-pci")).isEqualTo(PREFIX + " driver=vfio-pci\n");
    }

    /** Line ends of every kind, terminal escapes of seven and eight bits, and bidirectional controls. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\u001b", "\u007f", "\u0085", "\u009b", "\u2028", "\u2029", "\u202e", "\u2066"})
    void replacesControlCharacters(String control) {
        assertThat(line("a" + control + "b")).isEqualTo(PREFIX + " driver=\"a b\"\n");
    }
}
