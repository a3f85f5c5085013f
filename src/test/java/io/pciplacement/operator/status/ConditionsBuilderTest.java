package io.pciplacement.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Sanitizing and truncation of messages of conditions and events. */
class ConditionsBuilderTest {

    private static String message(String text) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, Instant.EPOCH);
        conditions.setFalse("Ready", "Reason", text);
        return conditions.findCondition("Ready").map(Condition::getMessage).orElseThrow();
    }

    @Test
    void removesControlCharactersFromMessages() {
        assertThat(message("a\nb\u001b[2J\u202e")).isEqualTo("a b\\u001b[2J\\u202e");
    }

    @Test
    void truncatesMessagesBetweenCharacters() {
        String cut = message("😀".repeat(5_000));
        assertThat(cut.codePointCount(0, cut.length())).isEqualTo(4_096);
        assertThat(cut).endsWith("😀...");
    }

    /** Kubernetes rejects event notes of more than 1024 bytes. */
    @Test
    void truncatesNotesByBytes() {
        for (String text : new String[] {"x".repeat(2_000), "é".repeat(1_000), "a" + "😀".repeat(400)}) {
            String note = EventRecorder.truncateNote(text);
            assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(1_000, 1_024);
            assertThat(note).endsWith("...");
        }
        assertThat(EventRecorder.truncateNote("short\n")).isEqualTo("short ");
    }
}
