package io.pciplacement.it.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the alerts and the queries of the dashboard with promtool. */
class MonitoringIT {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path MONITORING = Path.of("deploy/helm/pci-placement-operator/monitoring");
    /** The content of the chart's PrometheusRule. */
    private static final Path RULES = MONITORING.resolve("alerts.yaml");

    private static final Path CASES = Path.of("src/test/resources/alerts/tests.yaml");
    private static final Pattern METRIC = Pattern.compile("\\bpci_[a-z_]+\\b");

    private static void promtool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("hack/tools/promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    }

    @Test
    void rulesAreValid() throws IOException, InterruptedException {
        promtool("check", "rules", "--lint=all", "--lint-fatal", RULES.toString());
    }

    @Test
    void alertsFireWithTheExpectedText() throws IOException, InterruptedException {
        promtool("test", "rules", CASES.toString());
    }

    /** A negative case must contain the metrics of the alert; without them it would prove nothing. */
    @Test
    void everyAlertHasPositiveAndNegativeCases() throws IOException {
        Set<String> alerts = new TreeSet<>();
        Set<String> fire = new TreeSet<>();
        Set<String> stay = new TreeSet<>();
        JsonNode cases = YAML.readTree(CASES.toFile()).path("tests");
        for (JsonNode rule : YAML.readTree(RULES.toFile()).at("/groups/0/rules")) {
            String alert = rule.path("alert").asText();
            alerts.add(alert);
            Set<String> asked = metrics(rule.path("expr").asText());
            for (JsonNode one : cases) {
                for (JsonNode expected : one.path("alert_rule_test")) {
                    if (expected.path("alertname").asText().equals(alert)) {
                        assertThat(metrics(one.path("input_series").toString()))
                                .as("%s", one.path("name"))
                                .containsAll(asked);
                        (expected.path("exp_alerts").isEmpty() ? stay : fire).add(alert);
                    }
                }
            }
        }
        assertThat(alerts).isNotEmpty();
        assertThat(fire).isEqualTo(alerts);
        assertThat(stay).isEqualTo(alerts);
    }

    private static Set<String> metrics(String text) {
        return METRIC.matcher(text)
                .results()
                .map(match -> match.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Converts the queries to recording rules, because promtool checks only rules. */
    @Test
    void dashboardQueriesAreValid(@TempDir Path directory) throws IOException, InterruptedException {
        var rules = YAML.createObjectNode();
        var group = rules.putArray("groups").addObject().put("name", "dashboard");
        ArrayNode recorded = group.putArray("rules");
        for (JsonNode panel :
                YAML.readTree(MONITORING.resolve("dashboard.json").toFile()).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                recorded.addObject()
                        .put(
                                "record",
                                "panel_%s:%s"
                                        .formatted(
                                                panel.path("id").asText(),
                                                target.path("refId").asText()))
                        .set("expr", target.path("expr"));
            }
        }
        assertThat(recorded).hasSizeGreaterThan(10);
        Path file = Files.write(directory.resolve("dashboard.yaml"), YAML.writeValueAsBytes(rules));
        promtool("check", "rules", file.toString());
    }
}
