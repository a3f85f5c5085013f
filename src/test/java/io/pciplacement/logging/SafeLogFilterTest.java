package io.pciplacement.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

/** External text cannot forge a log line or exceed the maximum length of one. */
class SafeLogFilterTest {

    private static final String FORGED = "x\n12:00:00.000 ERROR [SweepLoop] forged\u001b[2J\u202e\u2028";

    private final PatternFormatter formatter = new PatternFormatter(format());

    private static String format() {
        return properties().getProperty("quarkus.log.console.format");
    }

    private static Properties properties() {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(Path.of("src/main/resources/application.properties"))));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return properties;
    }

    private static ExtLogRecord record(String format, Object... parameters) {
        ExtLogRecord record = new ExtLogRecord(
                Level.WARN, format, ExtLogRecord.FormatStyle.PRINTF, SafeLogFilterTest.class.getName());
        record.setLoggerName("test");
        record.setParameters(parameters);
        return record;
    }

    private String format(ExtLogRecord record) {
        assertThat(new SafeLogFilter().isLoggable(record)).isTrue();
        return formatter.format(record);
    }

    @Test
    void consoleUsesFilter() {
        assertThat(properties().getProperty("quarkus.log.console.filter")).isEqualTo(SafeLogFilter.NAME);
    }

    @Test
    void messageBecomesOneLine() {
        String line = format(record("node %s: %d%%", FORGED, 7));
        assertThat(line.strip())
                .endsWith("node x 12:00:00.000 ERROR [SweepLoop] forged\\u001b[2J\\u202e : 7%")
                .doesNotContainPattern("[\\p{Cntrl}\\u202e\\u2028]");
    }

    /** As when the API server is unavailable while java-operator-sdk writes a finalizer. */
    @Test
    void failedRequestOfLibraryHasNoStackTrace() {
        ExtLogRecord record = record("event of %s failed", "gpu-07");
        record.setLoggerName("io.javaoperatorsdk.operator.processing.event.EventProcessor");
        record.setThrown(new IllegalStateException(new KubernetesClientException("Connection was closed " + FORGED)));
        assertThat(format(record).strip())
                .contains("event of gpu-07 failed: Connection was closed x")
                .doesNotContain("\n", "IllegalStateException");
        // As when an informer starts while the API server does not run.
        record.setThrown(new CompletionException(new ConnectException("Connection refused: /127.0.0.1:6443")));
        assertThat(format(record).strip())
                .contains("Connection refused: /127.0.0.1:6443")
                .doesNotContain("\n", "CompletionException");
        ExtLogRecord defect = record("event of %s failed", "gpu-07");
        defect.setLoggerName("io.javaoperatorsdk.operator.processing.event.EventProcessor");
        defect.setThrown(new IllegalStateException("defect"));
        assertThat(format(defect)).contains("\tat ", "defect");
    }

    @Test
    void messageIsTruncated() {
        assertThat(format(record("%s", "y".repeat(15_000_000)))).hasSizeLessThan(SafeLogFilter.MAX_MESSAGE + 100);
    }

    @Test
    void safeMessageIsUnchanged() {
        ExtLogRecord record = record("%s", "ü 😀 plain");
        IllegalStateException plain = new IllegalStateException("plain");
        record.setThrown(plain);
        assertThat(format(record)).contains("ü 😀 plain");
        assertThat(record.getThrown()).isSameAs(plain);
    }

    @Test
    void exceptionMessagesBecomeOneLineEach() {
        IOException cause = new IOException(FORGED);
        IllegalStateException thrown = new IllegalStateException("outer", cause);
        thrown.addSuppressed(new IOException(FORGED));
        ExtLogRecord record = record("failed");
        record.setThrown(thrown);
        assertThat(format(record).lines())
                .noneMatch(line -> line.startsWith("12:00:00.000 ERROR [SweepLoop] forged"))
                .anyMatch(line -> line.startsWith("Caused by: java.io.IOException: x 12:00:00.000 ERROR"));
        StringWriter stack = new StringWriter();
        record.getThrown().printStackTrace(new PrintWriter(stack));
        assertThat(stack.toString())
                .startsWith("java.lang.IllegalStateException: outer")
                .contains("at io.pciplacement.logging.SafeLogFilterTest.exceptionMessagesBecomeOneLineEach");
    }

    @Test
    void cyclicCausesAreTruncated() {
        Exception one = new Exception(FORGED);
        Exception other = new Exception("other", one);
        one.initCause(other);
        ExtLogRecord record = record("failed");
        record.setThrown(one);
        assertThat(format(record)).contains("java.lang.Exception: other");
    }
}
