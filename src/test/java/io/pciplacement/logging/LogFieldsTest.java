package io.pciplacement.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogFieldsTest {

    @AfterEach
    void clearFields() {
        MDC.clear();
    }

    @Test
    void closingScopeRestoresPreviousFields() {
        MDC.put("other", "stays");
        try (var _ = LogFields.withFields(Map.of(LogFields.NODE, "one"))) {
            try (var _ = LogFields.withFields(Map.of(LogFields.NODE, "two", LogFields.REQUEST, "req"))) {
                assertThat(MDC.getMap())
                        .containsOnly(
                                Map.entry("other", "stays"),
                                Map.entry(LogFields.NODE, "two"),
                                Map.entry(LogFields.REQUEST, "req"));
            }
            assertThat(MDC.getMap()).containsOnly(Map.entry("other", "stays"), Map.entry(LogFields.NODE, "one"));
        }
        assertThat(MDC.getMap()).containsOnly(Map.entry("other", "stays"));
    }

    /** A pool's thread may have been created while another host was processed. */
    @Test
    void wrappedTaskHasFieldsOfCallerOnly() throws Exception {
        Callable<Map<String, Object>> currentFields = MDC::getMap;
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            try (var _ = LogFields.withFields(Map.of(LogFields.NODE, "first", LogFields.CONSUMER, "consumer-1"))) {
                assertThat(pool.submit(LogFields.withCurrentFields(currentFields))
                                .get())
                        .containsEntry(LogFields.CONSUMER, "consumer-1");
            }
            try (var _ = LogFields.withFields(Map.of(LogFields.NODE, "second"))) {
                assertThat(pool.submit(LogFields.withCurrentFields(currentFields))
                                .get())
                        .containsOnly(Map.entry(LogFields.NODE, "second"));
            }
        }
    }
}
