package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.operator.metrics.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/metrics.md, the alerts, the dashboard and the code name the same metrics, with the same labels. */
class MetricsDocTest {

    private static final Pattern USED = Pattern.compile("\\bpci_[a-z_]+\\b");
    private static final Path MONITORING = Path.of("deploy/helm/pci-placement-operator/monitoring");

    @Test
    void everyMetricIsDocumentedAndNoOther() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .map(String::strip)
                        .limit(4)
                        .collect(Collectors.joining("|")))
                .toList();
        List<String> known = Arrays.stream(Metric.values())
                .map(metric -> "|`%s`|%s|%s"
                        .formatted(
                                metric.exported(),
                                metric.kind().name().toLowerCase(Locale.ROOT),
                                metric.labels().stream()
                                        .map(label -> "`" + label + "`")
                                        .collect(Collectors.joining(", "))))
                .toList();
        assertThat(rows).isEqualTo(known);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alerts.yaml", "dashboard.json"})
    void whatIsAskedForExists(String file) throws IOException {
        Set<String> used = USED.matcher(Files.readString(MONITORING.resolve(file)))
                .results()
                .map(match -> match.group().replaceFirst("_(count|sum|max|bucket)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(used).isNotEmpty();
        assertThat(Arrays.stream(Metric.values()).map(Metric::exported)).containsAll(used);
    }
}
