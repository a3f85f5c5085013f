package io.pciplacement.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatedFailureLoggerTest {

    private final List<String> lines = new ArrayList<>();

    private final RepeatedFailureLogger logger = new RepeatedFailureLogger(new RepeatedFailureLogger.Sink() {
        @Override
        public void logFailure(String reason) {
            lines.add(reason);
        }

        @Override
        public void logReminder(String reason, int attempts) {
            lines.add("still " + reason + " after " + attempts);
        }

        @Override
        public void logRecovery(int failures) {
            lines.add("recovered after " + failures);
        }
    });

    @Test
    void logsEachReasonOnceAndTheRecovery() {
        logger.onFailure("a");
        logger.onFailure("b");
        logger.onFailure("a");
        logger.onSuccess();
        logger.onSuccess();
        logger.onFailure("a");
        assertThat(lines).containsExactly("a", "b", "recovered after 3", "a");
    }

    @Test
    void logsReminders() {
        for (int i = 0; i < 120; i++) {
            logger.onFailure("a");
        }
        assertThat(lines).containsExactly("a", "still a after 50", "still a after 100");
    }

    @Test
    void limitsReasonsThatNeverRepeat() {
        for (int i = 0; i < 40; i++) {
            logger.onFailure("failed at " + i);
        }
        assertThat(lines).hasSize(10);
    }

    @Test
    void sinkWithoutRemindersLogsThemAsFailures() {
        RepeatedFailureLogger simple = new RepeatedFailureLogger(lines::add);
        for (int i = 0; i < 60; i++) {
            simple.onFailure("a");
        }
        simple.onSuccess();
        assertThat(lines).containsExactly("a", "a");
    }
}
