package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.operator.metrics.MetricName;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/metrics.md, the alerts, the dashboard and the code name the same metrics, with the same labels. */
class MetricsDocTest {

    private static final Pattern USED = Pattern.compile("\\bpci_[a-z_]+\\b");
    private static final Pattern BY = Pattern.compile("\\bby *\\(([^)]*)\\)");
    private static final Pattern SELECTOR = Pattern.compile("\\b(pci_[a-z_]+)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("([a-z_]+) *(=~|!~|!=|=) *\"([^\"]*)\"");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{([a-z_]+)}}");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path MONITORING = Path.of("deploy/helm/pci-placement-operator/monitoring");

    @Test
    void documentsExactlyTheExportedMetrics() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .map(String::strip)
                        .limit(4)
                        .collect(Collectors.joining("|")))
                .toList();
        List<String> known = Arrays.stream(MetricName.values())
                .map(metric -> "|`%s`|%s|%s"
                        .formatted(
                                metric.prometheusName(),
                                metric.meterKind().name().toLowerCase(Locale.ROOT),
                                metric.labelNames().stream()
                                        .map(label -> "`" + label + "`")
                                        .collect(Collectors.joining(", "))))
                .toList();
        assertThat(rows).isEqualTo(known);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alerts.yaml", "dashboard.json"})
    void queriedMetricsExist(String file) throws IOException {
        Set<String> used = USED.matcher(Files.readString(MONITORING.resolve(file)))
                .results()
                .map(match -> match.group().replaceFirst("_(count|sum|max|bucket)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(used).isNotEmpty();
        assertThat(Arrays.stream(MetricName.values()).map(MetricName::prometheusName))
                .containsAll(used);
    }

    /** A query with a misspelt label or value returns no result and no error. */
    @ParameterizedTest
    @MethodSource("queries")
    void queriedLabelsExist(String expression, String legend) throws IOException {
        assertThat(expression)
                .as("this test supports only by")
                .doesNotContainPattern("\\b(without|on|ignoring|group_left|group_right)\\b");
        List<MetricName> metrics = USED.matcher(expression)
                .results()
                .map(match -> metric(match.group()))
                .toList();
        Set<String> by = new TreeSet<>();
        BY.matcher(expression)
                .results()
                .forEach(match -> by.addAll(List.of(match.group(1).split(", *"))));
        assertThat(metrics)
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(metric.labelNames()).containsAll(by));
        for (var selector : SELECTOR.matcher(expression).results().toList()) {
            MetricName metric = metric(selector.group(1));
            for (var matcher : MATCHER.matcher(selector.group(2)).results().toList()) {
                assertThat(metric.labelNames()).as("%s", metric).contains(matcher.group(1));
                if (!matcher.group(2).endsWith("~")) {
                    assertThat(Files.readAllLines(Path.of("docs/metrics.md")))
                            .as("`%s` in the row of %s", matcher.group(3), metric.prometheusName())
                            .anyMatch(line -> line.startsWith("| `" + metric.prometheusName() + "`")
                                    && line.contains("`" + matcher.group(3) + "`"));
                }
            }
        }
        assertThat(LEGEND.matcher(legend).results().map(match -> match.group(1)).toList())
                .isSubsetOf(by);
    }

    static Stream<Arguments> queries() throws IOException {
        Stream.Builder<Arguments> all = Stream.builder();
        YAML.readTree(MONITORING.resolve("alerts.yaml").toFile())
                .findValues("expr")
                .forEach(expression -> all.add(Arguments.of(expression.asText(), "")));
        for (JsonNode panel : dashboard().path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                all.add(Arguments.of(
                        target.path("expr").asText(),
                        target.path("legendFormat").asText()));
            }
        }
        return all.build();
    }

    private static JsonNode dashboard() throws IOException {
        return YAML.readTree(MONITORING.resolve("dashboard.json").toFile());
    }

    private static MetricName metric(String used) {
        String exported = used.replaceFirst("_(count|sum|max|bucket)$", "");
        return Arrays.stream(MetricName.values())
                .filter(metric -> metric.prometheusName().equals(exported))
                .findFirst()
                .orElseThrow(() -> new AssertionError(used + " is not a metric of the operator"));
    }

    /** The user selects the data source when they load the dashboard. */
    @Test
    void dashboardUsesSelectedDataSource() throws IOException {
        JsonNode variable = dashboard().at("/templating/list/0");
        assertThat(variable.path("type").asText()).isEqualTo("datasource");
        assertThat(variable.path("query").asText()).isEqualTo("prometheus");
        List<JsonNode> sources = dashboard().findValues("datasource");
        assertThat(sources)
                .hasSameSizeAs(dashboard().path("panels"))
                .allSatisfy(source -> assertThat(source.path("uid").asText())
                        .isEqualTo("${" + variable.path("name").asText() + "}"));
    }
}
