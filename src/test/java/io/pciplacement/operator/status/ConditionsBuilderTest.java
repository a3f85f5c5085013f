package io.pciplacement.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What gets into the messages of conditions and events. */
class ConditionsBuilderTest {

    private static String message(String text) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, Instant.EPOCH);
        conditions.isFalse("Ready", "Reason", text);
        return conditions.find("Ready").map(Condition::getMessage).orElseThrow();
    }

    @Test
    void aMessageIsOneLineWithoutControls() {
        assertThat(message("a\nb\u001b[2J\u202e")).isEqualTo("a b\\u001b[2J\\u202e");
    }

    @Test
    void aMessageIsCutBetweenCharacters() {
        String cut = message("😀".repeat(5_000));
        assertThat(cut.codePointCount(0, cut.length())).isEqualTo(4_096);
        assertThat(cut).endsWith("😀...");
    }

    /** Kubernetes counts the bytes of an event's note, and takes none that is longer. */
    @Test
    void aNoteIsCutByItsBytes() {
        for (String text : new String[] {"x".repeat(2_000), "é".repeat(1_000), "a" + "😀".repeat(400)}) {
            String note = EventRecorder.note(text);
            assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(1_000, 1_024);
            assertThat(note).endsWith("...");
        }
        assertThat(EventRecorder.note("short\n")).isEqualTo("short ");
    }
}
