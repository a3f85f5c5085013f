package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tables of docs/nova-coexistence.md show the measured behaviour of several Nova releases, and each row of the
 * other tables names what shows it: a test, a scenario, a task guide that a test runs, or a measured situation. With
 * {@code -Dcoexistence.write=true} the measured tables are rewritten.
 */
class CoexistencePageTest {

    private static final Path PAGE = Path.of("docs/nova-coexistence.md");
    private static final String OPERATOR_TRAIT = "CUSTOM_PCI_PLACEMENT_OPERATOR";
    private static final Pattern MEASURED = Pattern.compile(
            "(?<=<!-- (?<name>measured|releases): begin -->\n).*?(?=<!-- \\k<name>: end -->)", Pattern.DOTALL);
    private static final Pattern SITUATION = Pattern.compile("\"((?:on|off), [^\"]+)\"");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w+)`");
    private static final Pattern LINK = Pattern.compile(
            "\\[[^]]+]\\((?:\\.\\./src/test/resources/scenarios/\\w+|tasks/[a-z0-9-]+\\.md)(?:#[a-z0-9-]+)?\\)");

    private final JsonNode answers = NovaAnswers.read();
    private final JsonNode situations = answers.path("coexistence");
    private final List<String> versions = NovaAnswers.sortedKeys(situations);

    private static String describe(JsonNode answer) {
        if (answer.has("rejected")) {
            assertThat(answer.path("message").asText())
                    .containsAnyOf("Nova does not support disabling it", "requires pci.report_in_placement");
            return "does not start";
        }
        Map<String, Integer> providersByWrite = new TreeMap<>();
        answer.path("writes").forEach(writes -> {
            List<String> names = new ArrayList<>();
            writes.forEach(one -> names.add(one.asText()));
            providersByWrite.merge(String.join(" and ", names), 1, Integer::sum);
        });
        return providersByWrite.isEmpty()
                ? "nothing"
                : providersByWrite.entrySet().stream()
                        .map(entry -> describe(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static String describe(String writes, int providers) {
        return switch (writes) {
            case "removed" -> "removes " + providers;
            case "created" -> "creates " + providers;
            default -> "%s of %d".formatted(writes, providers);
        };
    }

    private String situationTable() {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        situations
                .path(versions.getFirst())
                .properties()
                .forEach(entry -> rows.put(
                        entry.getKey(),
                        versions.stream()
                                .map(version ->
                                        describe(situations.path(version).path(entry.getKey())))
                                .toList()));
        return table("`report_in_placement`, and what nova.conf and Placement have", versions, rows);
    }

    /** What each release requires, which tags have no effect, and which traits it removes unless they are listed. */
    private String releaseTable() {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String version : versions) {
            JsonNode release = answers.path("releases").path(version);
            rows.put(
                    version,
                    List.of(
                            release.path("os-traits").asText(),
                            joinCode(Stream.of("managed", "live_migratable", "one_time_use")
                                    .filter(tag -> release.path("tags")
                                            .valueStream()
                                            .noneMatch(known -> known.asText().equals(tag)))),
                            joinCode(Stream.of("OWNER_NOVA", "HW_PCI_LIVE_MIGRATABLE", "HW_PCI_ONE_TIME_USE")
                                    .filter(trait -> !situations
                                            .path(version)
                                            .path("on, exported, but not " + trait)
                                            .path("writes")
                                            .isEmpty()))));
        }
        return table(
                "Nova",
                List.of("os-traits at least", "tags without effect", "traits that it does not derive from tags"),
                rows);
    }

    private static String joinCode(Stream<String> names) {
        String joined = names.map("`%s`"::formatted).collect(Collectors.joining(", "));
        return joined.isEmpty() ? "none" : joined;
    }

    private static String table(String first, List<String> columns, Map<String, List<String>> rows) {
        StringBuilder table = new StringBuilder(
                "| %s | %s |\n|---|%s\n".formatted(first, String.join(" | ", columns), "---|".repeat(columns.size())));
        rows.forEach((name, cells) -> table.append("| %s | %s |\n".formatted(name, String.join(" | ", cells))));
        return table.toString();
    }

    @Test
    void tablesMatchMeasuredAnswers() throws IOException {
        Map<String, String> expected = Map.of("measured", situationTable(), "releases", releaseTable());
        String page = Files.readString(PAGE);
        if (Boolean.getBoolean("coexistence.write")) {
            page = MEASURED.matcher(page)
                    .replaceAll(match -> Matcher.quoteReplacement(expected.get(match.group("name"))));
            Files.writeString(PAGE, page);
        }
        Map<String, String> actual = MEASURED.matcher(page)
                .results()
                .collect(Collectors.toMap(match -> match.group("name"), MatchResult::group));
        assertThat(actual).isEqualTo(expected);
    }

    /** From nothing, every release creates exactly the providers that the operator plans, and one write is complete. */
    @Test
    void exportedConfigurationResultsInThePlannedTree() {
        for (String version : versions) {
            JsonNode created = situations.path(version).path("on, exported, nothing below its root");
            assertThat(created.path("tree").properties())
                    .as(version)
                    .hasSize(3)
                    .allSatisfy(provider -> assertThat(provider.getValue().asText())
                            .contains(OPERATOR_TRAIT, "OWNER_NOVA", "COMPUTE_MANAGED_PCI_DEVICE"));
            assertThat(situations
                            .path(version)
                            .path("on, exported, Nova's providers without the ownership trait")
                            .path("tree"))
                    .as(version)
                    .isEqualTo(created.path("tree"));
            assertThat(describe(situations.path(version).path("on, exported")))
                    .as(version)
                    .isEqualTo("nothing");
        }
    }

    /** Rows of the tables in which people read what happens; the measured tables are their own evidence. */
    private static List<List<String>> rowsWithEvidence() throws IOException {
        String page = MEASURED.matcher(Files.readString(PAGE)).replaceAll("");
        List<List<String>> rows = page.lines()
                .filter(line -> line.startsWith("| "))
                .map(line ->
                        List.of(line.substring(2).replaceFirst(" ?\\|$", "").split(" \\| ")))
                .toList();
        assertThat(rows).hasSizeGreaterThan(20);
        return rows;
    }

    @Test
    void everyRowNamesWhatShowsIt() throws IOException {
        for (List<String> row : rowsWithEvidence()) {
            String evidence = row.getLast();
            if (evidence.equals("shown by")) {
                continue;
            }
            assertThat(evidence).as("%s", row).isNotBlank();
            String rest = LINK.matcher(SITUATION
                            .matcher(TEST.matcher(evidence).replaceAll(""))
                            .replaceAll(""))
                    .replaceAll("");
            assertThat(rest)
                    .as("neither a test, a scenario, a guide nor a situation, in %s", row)
                    .matches("[, ]*");
        }
    }

    @Test
    void namedTestsExist() throws IOException {
        Map<String, Path> classes;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            classes = files.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""), file -> file, (one, _) -> one));
        }
        List<MatchResult> named = TEST.matcher(Files.readString(PAGE)).results().toList();
        assertThat(named).hasSizeGreaterThan(10);
        for (MatchResult test : named) {
            assertThat(classes).as(test.group()).containsKey(test.group(1));
            assertThat(Files.readString(classes.get(test.group(1))))
                    .as(test.group())
                    .contains(" void %s(".formatted(test.group(2)));
        }
    }

    /** Each situation that the page quotes was measured, for every release. */
    @Test
    void quotedSituationsWereMeasured() throws IOException {
        String page = Files.readString(PAGE).replaceAll("\\s+", " ");
        List<String> quoted =
                SITUATION.matcher(page).results().map(match -> match.group(1)).toList();
        assertThat(quoted).hasSizeGreaterThan(4);
        assertThat(versions)
                .hasSize(6)
                .allSatisfy(version -> assertThat(NovaAnswers.sortedKeys(situations.path(version)))
                        .as(version)
                        .containsAll(quoted));
    }

    @Test
    void schedulerRequiresOwnerNovaTraitOnceAllComputesAreNewEnough() {
        assertThat(answers.at("/scheduler/oldest nova-compute 72").toString()).isEqualTo("{\"root\":[],\"pci\":[]}");
        assertThat(answers.at("/scheduler/oldest nova-compute 73").toString())
                .isEqualTo("{\"root\":[\"OWNER_NOVA\"],\"pci\":[\"OWNER_NOVA\"]}");
    }
}
