package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.server.ManagementSettings;
import io.pciplacement.webhook.WebhookSettings;
import io.pciplacement.webhook.certificate.CertificateSettings;
import io.pciplacement.webhook.certificate.CertificateSettings.SelfSigned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages refer only to existing pages, files, settings and values of the chart. */
class DocsTest {

    private static final Path CHART = Path.of("deploy/helm/pci-placement-operator");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]*)(?:#([^)]*))?\\)");
    private static final Pattern FILE = Pattern.compile("`((?:deploy|docs|examples|hack|src)/[A-Za-z0-9_./-]*)");
    private static final Pattern VALUE = Pattern.compile(
            "`(?:--set )?((?:image|operator|openstack|leaderElection|agent|webhook|networkPolicy|rbac|metrics)"
                    + "(?:\\.[a-zA-Z]+)+)\\b");

    /** The first cell of a row of a table: in the changelog, the old name of a value. */
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `[^|]*\\|");

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            List<Path> pages = new ArrayList<>(
                    docs.filter(page -> page.toString().endsWith(".md")).toList());
            pages.add(Path.of("README.md"));
            pages.add(Path.of("hack/README.md"));
            return pages;
        }
    }

    /** Returns the anchors that common Markdown renderers generate for the headings. */
    private static Set<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void linkTargetsExist() throws IOException {
        for (Path page : pages()) {
            for (var link : LINK.matcher(Files.readString(page)).results().toList()) {
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                assertThat(target).as("%s: %s", page, link.group()).exists();
                if (link.group(2) != null) {
                    assertThat(anchors(target)).as("%s: %s", page, link.group()).contains(link.group(2));
                }
            }
        }
    }

    @Test
    void namedFilesExist() throws IOException {
        for (Path page : pages()) {
            for (var file : FILE.matcher(Files.readString(page)).results().toList()) {
                assertThat(Path.of(file.group(1))).as("%s", page).exists();
            }
        }
    }

    @Test
    void alertsHaveTheirRunbooks() throws IOException {
        JsonNode rules = new YAMLMapper()
                .readTree(CHART.resolve("monitoring/alerts.yaml").toFile())
                .at("/groups/0/rules");
        Set<String> alerts = new TreeSet<>();
        for (JsonNode rule : rules) {
            String alert = rule.path("alert").asText();
            alerts.add(alert);
            assertThat(rule.at("/annotations/summary").asText()).as(alert).isNotEmpty();
            assertThat(rule.at("/annotations/description").asText()).as(alert).endsWith(".");
            assertThat(rule.at("/annotations/runbook_url").asText())
                    .isEqualTo("docs/troubleshooting.md#" + alert.toLowerCase(Locale.ROOT));
        }
        assertThat(Files.readAllLines(Path.of("docs/troubleshooting.md")).stream()
                        .filter(line -> line.startsWith("### Pci"))
                        .map(line -> line.substring(4)))
                .containsExactlyInAnyOrderElementsOf(alerts);
    }

    @Test
    void namedChartValuesExist() throws IOException {
        JsonNode values = new YAMLMapper().readTree(CHART.resolve("values.yaml").toFile());
        for (Path page : pages()) {
            String text = Files.readString(page);
            if (page.endsWith("CHANGELOG.md")) {
                text = FIRST_CELL.matcher(text).replaceAll("|");
            }
            for (var value : VALUE.matcher(text).results().toList()) {
                assertThat(values.at("/" + value.group(1).replace('.', '/')).isMissingNode())
                        .as("%s: %s", page, value.group(1))
                        .isFalse();
            }
        }
    }

    /** The chart sets only settings that the operator has. */
    @Test
    void settingsOfTheChartExist() throws IOException {
        Set<String> known = new TreeSet<>();
        Map.of(
                        OperatorSettings.class, "PCI_",
                        CertificateSettings.class, "PCI_WEBHOOK_",
                        WebhookSettings.class, "PCI_WEBHOOK_",
                        ManagementSettings.class, "PCI_HTTP_",
                        SelfSigned.class, "PCI_WEBHOOK_CERTIFICATE_")
                .forEach((settings, prefix) -> Arrays.stream(settings.getMethods())
                        .map(method -> prefix
                                + SettingsDocTest.propertyName(method)
                                        .replace('-', '_')
                                        .toUpperCase(Locale.ROOT))
                        .forEach(known::add));
        Pattern.compile("\\$\\{(PCI_[A-Z_]+)")
                .matcher(Files.readString(Path.of("src/main/resources/application.properties")))
                .results()
                .forEach(match -> known.add(match.group(1)));
        Set<String> given = Pattern.compile("\\bPCI_[A-Z_]+")
                .matcher(Files.readString(CHART.resolve("templates/operator.yaml")))
                .results()
                .map(match -> match.group())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(given).isNotEmpty();
        assertThat(known).containsAll(given);
    }
}
