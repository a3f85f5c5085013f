package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/values.md is generated from the chart's values.yaml, and values.schema.json has the same values. */
class ValuesDocTest {

    private static final Path CHART = Path.of("deploy/helm/pci-placement-operator");
    private static final Path PAGE = Path.of("docs/values.md");
    private static final Pattern VALUE = Pattern.compile("( *)([A-Za-z]+):(?: (.*))?");

    /** {@code -Dgoldens=write} updates the page. */
    @Test
    void pageIsGeneratedFromValues() throws IOException {
        String page = page(Files.readAllLines(CHART.resolve("values.yaml")));
        if ("write".equals(System.getProperty("goldens"))) {
            Files.writeString(PAGE, page);
        }
        assertThat(page).isEqualTo(Files.readString(PAGE));
    }

    /** Generates one row for each value: its path, its default, and the comment above it. */
    private static String page(List<String> lines) {
        StringBuilder page = new StringBuilder("""
                # Values of the chart

                Generated from the comments in `deploy/helm/pci-placement-operator/values.yaml`:
                `mvn test -Dtest=ValuesDocTest -Dgoldens=write`.

                | value | default | description |
                |---|---|---|
                """);
        List<String> path = new ArrayList<>();
        List<String> comment = new ArrayList<>();
        for (int i = 2; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher value = VALUE.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.add(line.strip().substring(1).strip());
            } else if (value.matches()) {
                path = new ArrayList<>(path.subList(0, value.group(1).length() / 2));
                path.add(value.group(2));
                String given = value.group(3);
                boolean list = i + 1 < lines.size() && lines.get(i + 1).strip().startsWith("- ");
                String shown = given != null
                        ? given
                        : list ? "[{" + lines.get(i + 1).strip().substring(2) + "}]" : null;
                if (shown != null || !comment.isEmpty()) {
                    page.append("| `%s` | %s | %s |\n"
                            .formatted(
                                    String.join(".", path),
                                    shown == null ? "" : "`" + shown + "`",
                                    String.join(" ", comment).replace("|", "\\|")));
                }
                comment.clear();
            } else if (line.isBlank()) {
                comment.clear();
            }
        }
        return page.toString();
    }

    @Test
    void schemaHasTheSameValues() throws IOException {
        JsonNode values = new YAMLMapper().readTree(CHART.resolve("values.yaml").toFile());
        JsonNode schema =
                new ObjectMapper().readTree(CHART.resolve("values.schema.json").toFile());
        Set<String> known = new TreeSet<>();
        addSchemaPaths("", schema, known);
        // Set by Helm itself for subcharts.
        known.remove("global");
        Set<String> given = new TreeSet<>();
        addValuePaths("", values, schema, given);
        assertThat(known).isEqualTo(given);
    }

    private static void addSchemaPaths(String path, JsonNode schema, Set<String> found) {
        schema.path("properties").properties().forEach(property -> {
            String name = path + property.getKey();
            if (property.getValue().has("properties")) {
                addSchemaPaths(name + ".", property.getValue(), found);
            } else {
                found.add(name);
            }
        });
    }

    private static void addValuePaths(String path, JsonNode values, JsonNode schema, Set<String> found) {
        values.properties().forEach(value -> {
            String name = path + value.getKey();
            JsonNode below = schema.path("properties").path(value.getKey());
            if (below.has("properties")) {
                addValuePaths(name + ".", value.getValue(), below, found);
            } else {
                found.add(name);
            }
        });
    }
}
