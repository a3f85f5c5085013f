package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The table of docs/nova-coexistence.md shows the measured behaviour of several Nova releases; with
 * {@code -Dcoexistence.write=true} it is rewritten.
 */
class CoexistencePageTest {

    private static final Path PAGE = Path.of("docs/nova-coexistence.md");
    private static final String BEGIN = "<!-- measured: begin -->\n";
    private static final String END = "<!-- measured: end -->";
    private static final String OPERATOR_TRAIT = "CUSTOM_PCI_PLACEMENT_OPERATOR";

    private final JsonNode answers;

    CoexistencePageTest() throws IOException {
        answers = new JsonMapper()
                .readTree(NovaConfExamples.DIRECTORY.resolve("answers.json").toFile());
    }

    private static String describeBehaviour(String situation, JsonNode answer) {
        if (answer.has("rejected")) {
            assertThat(answer.path("message").asText()).contains("Nova does not support disabling it");
            return "does not start";
        }
        JsonNode provider = answer.path("tree").path("0000:81:00.0");
        if (provider.isMissingNode()) {
            return situation.contains("nothing below") ? "starts" : "removes it";
        }
        boolean same = provider.path("inventory").has("CUSTOM_NIC")
                && provider.at("/inventory/CUSTOM_NIC/reserved").asInt() == 1
                && (situation.contains("without")
                        || provider.path("traits").toString().contains(OPERATOR_TRAIT));
        return same ? "does not change it" : "rewrites it";
    }

    private String expectedTable() {
        List<String> versions = answers.path("coexistence").properties().stream()
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        List<String> lines = new ArrayList<>();
        lines.add("| `report_in_placement`, device_spec and the tree | " + String.join(" | ", versions) + " |");
        lines.add("|---|" + "---|".repeat(versions.size()));
        answers.path("coexistence").path(versions.getFirst()).properties().forEach(entry -> {
            StringBuilder line = new StringBuilder("| " + entry.getKey());
            versions.forEach(version -> line.append(" | ")
                    .append(describeBehaviour(
                            entry.getKey(),
                            answers.path("coexistence").path(version).path(entry.getKey()))));
            lines.add(line.append(" |").toString());
        });
        return String.join("\n", lines) + "\n";
    }

    @Test
    void tableMatchesMeasuredAnswers() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        String actual = page.substring(begin, page.indexOf(END));
        if (Boolean.getBoolean("coexistence.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + expectedTable() + page.substring(page.indexOf(END)));
            actual = expectedTable();
        }
        assertThat(actual).isEqualTo(expectedTable());
    }

    /** Each situation that the page quotes was measured. */
    @Test
    void quotedSituationsWereMeasured() throws IOException {
        String page = Files.readString(PAGE).replaceAll("\\s+", " ");
        List<String> quoted = Pattern.compile("\"((?:on|off), [^\"]+)\"")
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(quoted).hasSizeGreaterThan(4);
        assertThat(quoted)
                .allSatisfy(situation -> assertThat(
                                answers.path("coexistence").path("34.0.0").has(situation))
                        .as(situation)
                        .isTrue());
    }

    @Test
    void schedulerRequiresOwnerNovaTraitOnceAllComputesAreNewEnough() {
        assertThat(answers.at("/scheduler/oldest nova-compute 72").toString()).isEqualTo("{\"root\":[],\"pci\":[]}");
        assertThat(answers.at("/scheduler/oldest nova-compute 73").toString())
                .isEqualTo("{\"root\":[\"OWNER_NOVA\"],\"pci\":[\"OWNER_NOVA\"]}");
    }
}
