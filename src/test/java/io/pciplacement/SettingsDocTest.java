package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.server.ManagementSettings;
import io.pciplacement.webhook.WebhookSettings;
import io.pciplacement.webhook.certificate.CertificateSettings;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/settings.md lists the environment variables that the operator and the agent read, with their types and defaults,
 * and the values of the chart that set them.
 */
class SettingsDocTest {

    private static final Path PAGE = Path.of("docs/settings.md");
    private static final Path MAIN = Path.of("src/main/java/io/pciplacement");
    private static final Path PROPERTIES = Path.of("src/main/resources/application.properties");
    private static final Path CHART = Path.of("deploy/helm/pci-placement-operator");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(PCI_[A-Z_]+):([^}]*)}");
    private static final Pattern AGENT_VARIABLE =
            Pattern.compile("\"(NODE_NAME|PCI_AGENT_[A-Z_]+|KUBERNETES_SERVICE_[A-Z]+)\"");
    private static final Pattern AGENT_DURATION =
            Pattern.compile("\"(PCI_AGENT_[A-Z_]+)\",\\s*\"([0-9]+(?:ms|s|m|h))\"");
    private static final Pattern CLOUD_VARIABLE = Pattern.compile("\"(OS_[A-Z_]+|XDG_[A-Z_]+|HOME)\"");

    /** The operator's settings, as Quarkus reads them. */
    private static final List<Class<?>> MAPPINGS =
            List.of(OperatorSettings.class, WebhookSettings.class, CertificateSettings.class, ManagementSettings.class);

    /** Defaults of the agent that are not literals in its code; durations are. */
    private static final Map<String, String> AGENT_DEFAULTS = Map.ofEntries(
            Map.entry("NODE_NAME", "required"),
            Map.entry("PCI_AGENT_SYSFS", "`/sys`"),
            Map.entry("PCI_AGENT_API_SERVER", ""),
            Map.entry("PCI_AGENT_TOKEN_FILE", "`/var/run/secrets/kubernetes.io/serviceaccount/token`"),
            Map.entry("PCI_AGENT_CA_FILE", "`/var/run/secrets/kubernetes.io/serviceaccount/ca.crt`"),
            Map.entry("PCI_AGENT_NAMESPACE", ""),
            Map.entry("PCI_AGENT_LIBVIRT_SOCKET", ""),
            Map.entry("PCI_AGENT_LIBVIRT_URI", "`qemu:///system`"),
            Map.entry("PCI_AGENT_HEALTH", "`false`"),
            Map.entry("KUBERNETES_SERVICE_HOST", ""),
            Map.entry("KUBERNETES_SERVICE_PORT", "`443`"));

    /** A row of one of the page's tables. */
    private record Row(String variable, String type, String defaultValue, String helmValue) {}

    /** Returns the rows of the sections with these titles, by variable. */
    private static Map<String, Row> rows(String... sections) throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        String section = "";
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                section = line.substring(3);
            } else if (line.startsWith("| `") && List.of(sections).contains(section)) {
                List<String> cells = Arrays.stream(line.split("\\|"))
                        .skip(1)
                        .map(String::strip)
                        .toList();
                if (cells.size() == 5) {
                    String variable = cells.getFirst().replace("`", "");
                    Row row = new Row(variable, cells.get(1), cells.get(2), cells.get(3));
                    assertThat(rows.put(variable, row)).as(variable).isNull();
                    assertThat(cells.get(4)).as(variable).endsWith(".");
                }
            }
        }
        return rows;
    }

    @Test
    void listsOperatorSettings() throws IOException {
        Map<String, Row> expected = new TreeMap<>();
        for (Class<?> mapping : MAPPINGS) {
            collect(mapping.getAnnotation(ConfigMapping.class).prefix() + ".", mapping, expected);
        }
        PLACEHOLDER
                .matcher(Files.readString(PROPERTIES))
                .results()
                .forEach(match -> expected.putIfAbsent(
                        match.group(1), new Row(match.group(1), "path", "`" + match.group(2) + "`", "")));
        Map<String, Row> listed = rows("Operator", "Webhook", "Probes and metrics");
        assertThat(listed.keySet()).isEqualTo(expected.keySet());
        expected.forEach((variable, row) -> {
            assertThat(listed.get(variable).type()).as(variable).isEqualTo(row.type());
            assertThat(listed.get(variable).defaultValue()).as(variable).isEqualTo(row.defaultValue());
        });
    }

    private static void collect(String prefix, Class<?> mapping, Map<String, Row> found) {
        for (Method method : mapping.getDeclaredMethods()) {
            String name = prefix + propertyName(method);
            if (method.getReturnType().isInterface() && method.getReturnType().getEnclosingClass() == mapping) {
                collect(name + ".", method.getReturnType(), found);
            } else {
                WithDefault given = method.getAnnotation(WithDefault.class);
                String variable = variable(name);
                found.put(
                        variable,
                        new Row(
                                variable,
                                type(method.getGenericReturnType()),
                                given == null ? "" : "`" + given.value() + "`",
                                ""));
            }
        }
    }

    /** Returns the name of the property that a method of a mapping reads. */
    static String propertyName(Method method) {
        WithName ownName = method.getAnnotation(WithName.class);
        return ownName != null
                ? ownName.value()
                : method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** Returns the environment variable of a property, as SmallRye Config maps it. */
    private static String variable(String property) {
        return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static String type(Type type) {
        if (type instanceof ParameterizedType of) {
            String element = type(of.getActualTypeArguments()[0]);
            return of.getRawType() == Optional.class ? element : "list of " + element;
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isEnum()) {
            return Arrays.stream(raw.getEnumConstants())
                    .map(constant -> "`%s`".formatted(new ObjectMapper().convertValue(constant, String.class)))
                    .collect(Collectors.joining(", "));
        }
        return raw == int.class ? "integer" : raw.getSimpleName().toLowerCase(Locale.ROOT);
    }

    @Test
    void listsQuarkusSettingsWithTheirDefaults() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(PROPERTIES)));
        Map<String, String> defaults = new TreeMap<>();
        properties.forEach((name, value) -> defaults.put(variable(name.toString()), "`" + value + "`"));
        Map<String, Row> listed = rows("Logging and threads");
        assertThat(listed).isNotEmpty();
        listed.forEach(
                (variable, row) -> assertThat(row.defaultValue()).as(variable).isEqualTo(defaults.get(variable)));
    }

    @Test
    void listsConnectionSettings() throws IOException {
        assertThat(rows("Connection to Placement").keySet())
                .isEqualTo(findMatches(CLOUD_VARIABLE, sources("placement")).keySet());
        List<String> fixed = new ArrayList<>();
        for (RecordComponent component : ConnectionSettings.class.getRecordComponents()) {
            fixed.add("| `%s` | `%ds` |".formatted(component.getName(), seconds(component)));
        }
        assertThat(Files.readAllLines(PAGE).stream()
                        .filter(line -> fixed.stream().anyMatch(line::startsWith)))
                .hasSameSizeAs(fixed);
    }

    private static long seconds(RecordComponent component) {
        try {
            return ((Duration) component.getAccessor().invoke(ConnectionSettings.DEFAULT)).toSeconds();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void listsAgentSettings() throws IOException {
        String sources = sources("agent");
        Map<String, Row> listed = rows("Node agent");
        assertThat(listed.keySet())
                .isEqualTo(findMatches(AGENT_VARIABLE, sources).keySet());
        Map<String, String> defaults = new TreeMap<>(AGENT_DEFAULTS);
        findMatches(AGENT_DURATION, sources).forEach((variable, value) -> defaults.put(variable, "`" + value + "`"));
        assertThat(listed.keySet()).isEqualTo(defaults.keySet());
        listed.forEach(
                (variable, row) -> assertThat(row.defaultValue()).as(variable).isEqualTo(defaults.get(variable)));
    }

    private static String sources(String directory) throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(MAIN.resolve(directory))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .sorted()
                    .toList()) {
                sources.append(Files.readString(file));
            }
        }
        return sources.toString();
    }

    /** Returns the matches of a pattern: the first group, with the second as value if there is one. */
    private static Map<String, String> findMatches(Pattern pattern, String text) {
        Map<String, String> found = new TreeMap<>();
        pattern.matcher(text)
                .results()
                .forEach(match -> found.put(match.group(1), match.groupCount() > 1 ? match.group(2) : ""));
        return found;
    }

    /**
     * Each Helm value exists, and the template that sets the variable uses it; no variable of a template is missing.
     */
    @Test
    void helmValuesSetTheVariables() throws IOException {
        JsonNode values = new YAMLMapper().readTree(CHART.resolve("values.yaml").toFile());
        String helpers = Files.readString(CHART.resolve("templates/_helpers.tpl"));
        String operator = Files.readString(CHART.resolve("templates/operator.yaml"));
        String agent = Files.readString(CHART.resolve("templates/agent.yaml"));
        Map<String, Row> operatorRows =
                rows("Operator", "Webhook", "Probes and metrics", "Logging and threads", "Connection to Placement");
        Map<String, Row> agentRows = rows("Node agent");
        assertTemplateUsesValues(operatorRows, operator, helpers, values);
        assertTemplateUsesValues(agentRows, agent, helpers, values);
        assertThat(operatorRows.keySet()).containsAll(variables(operator));
        assertThat(agentRows.keySet()).containsAll(variables(agent));
    }

    private static void assertTemplateUsesValues(
            Map<String, Row> rows, String template, String helpers, JsonNode values) {
        rows.forEach((variable, row) -> {
            String value = row.helmValue().replace("`", "");
            if (!value.isEmpty()) {
                assertThat(values.at("/" + value.replace('.', '/')).isMissingNode())
                        .as("%s: %s", variable, value)
                        .isFalse();
                assertThat(template).contains("name: " + variable);
                assertThat(template + helpers).contains(".Values." + value);
                // The templates leave some variables out if the value is the operator's default.
                if (variable.startsWith("PCI_") && !row.defaultValue().isEmpty()) {
                    assertThat("`%s`"
                                    .formatted(values.at("/" + value.replace('.', '/'))
                                            .asText()))
                            .as("default of %s and %s", variable, value)
                            .isEqualTo(row.defaultValue());
                }
            }
        });
    }

    private static Set<String> variables(String template) {
        return Pattern.compile("name: ([A-Z][A-Z_]+)\\b")
                .matcher(template)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
