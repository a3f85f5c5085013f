package io.pciplacement.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.cli.CliResult;
import io.pciplacement.cli.PciCommand;
import io.pciplacement.cli.doctor.CheckResult;
import io.pciplacement.cli.doctor.CloudSnapshot;
import io.pciplacement.cli.heal.AllocationHealer;
import io.pciplacement.cli.output.TerminalWriter;
import io.pciplacement.testing.HostileText;
import io.pciplacement.text.SafeText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Nothing that hosts, editors or Placement write steers the terminal of who runs {@code pci}, nor adds a row to what is
 * printed; programs get it as it is.
 */
class TerminalOutputTest {

    /** Clears the screen, sets the title, turns the direction, and begins rows of its own. */
    private static final String HOSTILE = Character.toString(0x1b) + "[2J" + Character.toString(0x1b) + "]0;owned"
            + (char) 0x07 + "\nFORGED 1\rFORGED 2" + (char) 0x85 + "FORGED 3" + (char) 0x2028 + "FORGED 4"
            + (char) 0x202e
            + (char) 0x9b + "31m";

    private static final String OBJECTS = """
            [{"apiVersion": "pciplacement.io/v1alpha1", "kind": "HostPciInventory", "metadata": {"name": "h"},
              "spec": {"reporting": "Enabled", "rootProvider": {"name": "root %1$s"}},
              "status": {
                "agent": {"error": "%1$s", "inventoryHash": "x"},
                "devices": [{"address": "0000:41:00.0", "type": "PF", "vendorId": "10de", "productId": "25b6",
                             "driver": "%1$s", "serialNumber": "%1$s"}],
                "summary": {"devices": 1, "tracked": 1, "providers": 1, "total": 1, "reserved": 0, "used": 0, "free": 1,
                            "held": 0, "conflicting": 0, "unaccounted": 0},
                "providers": [{"name": "h_0000:41:00.0", "uuid": "u", "resourceClass": "%1$s", "traits": ["%1$s"],
                               "deviceSpec": "%1$s", "total": 1, "reserved": 0, "used": 0, "state": "Held",
                               "reason": "%1$s", "message": "%1$s"}],
                "conditions": [{"type": "Ready", "status": "False", "reason": "%1$s", "message": "%1$s"}]}},
             {"apiVersion": "pciplacement.io/v1alpha1", "kind": "PciDeviceSpec", "metadata": {"name": "spec %1$s"},
              "spec": {"selectors": [{"vendorId": "10de", "serialNumber": "%1$s"}], "traits": ["%1$s"],
                       "physicalNetwork": "%1$s", "priority": 7}},
             {"apiVersion": "pciplacement.io/v1alpha1", "kind": "PciDeviceSpec", "metadata": {"name": "spec2 %1$s"},
              "spec": {"selectors": [{"vendorId": "10de"}], "resourceClass": "--%1$s"}},
             {"apiVersion": "pciplacement.io/v1alpha1", "kind": "PciAllocation", "metadata": {"name": "pa %1$s"},
              "spec": {"consumer": {"uuid": "6f2c2c1e-0000-4000-8000-000000000001", "projectId": "%1$s", "userId": "u"},
                       "devices": [{"node": "h", "address": "0000:41:00.0"}]}}]
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void objects() throws IOException {
        String escaped = new JsonMapper().writeValueAsString(HOSTILE);
        int number = 0;
        for (JsonNode object :
                new JsonMapper().readTree(OBJECTS.formatted(escaped.substring(1, escaped.length() - 1)))) {
            Files.writeString(folder.resolve(number++ + ".json"), SafeText.json(object.toString()));
        }
    }

    private static void isHarmless(String text) {
        assertThat(text).contains("FORGED 4", "\\u001b[2J");
        text.lines().forEach(line -> {
            assertThat(line.strip()).doesNotStartWith("FORGED");
            assertThat(line.codePoints()).as(line).noneMatch(SafeText::isUnsafe);
        });
    }

    private void isHarmlessInEveryForm(String... verb) throws IOException {
        String[] arguments = new String[verb.length + 2];
        System.arraycopy(verb, 0, arguments, 0, verb.length);
        arguments[verb.length] = "-f";
        arguments[verb.length + 1] = folder.toString();
        isHarmless(CliResult.pci(arguments).out());
        String[] forProgram = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, forProgram, 0, arguments.length);
        forProgram[arguments.length] = "-o";
        forProgram[arguments.length + 1] = "json";
        String json = CliResult.pci(forProgram).out();
        assertThat(json.lines().flatMapToInt(String::codePoints)).noneMatch(SafeText::isUnsafe);
        JsonNode value = new JsonMapper().readTree(json);
        assertThat(value.findValuesAsText("FORGED")).isEmpty();
        assertThat(texts(value)).anyMatch(text -> text.contains(HOSTILE));
        forProgram[arguments.length + 1] = "yaml";
        String yaml = CliResult.pci(forProgram).out();
        assertThat(yaml.lines().flatMapToInt(String::codePoints)).noneMatch(SafeText::isUnsafe);
        assertThat(new YAMLMapper().readTree(yaml)).isEqualTo(value);
    }

    private static List<String> texts(JsonNode value) {
        return value.isTextual()
                ? List.of(value.textValue())
                : value.valueStream().flatMap(one -> texts(one).stream()).toList();
    }

    @Test
    void status() throws IOException {
        isHarmlessInEveryForm("status", "--all");
    }

    @Test
    void plan() throws IOException {
        isHarmlessInEveryForm("plan");
    }

    @Test
    void explain() throws IOException {
        isHarmlessInEveryForm("explain", "h", "41:00.0");
    }

    @Test
    void exported_files_and_errors() {
        isHarmless(CliResult.pci("export", "-f", folder.toString()).out());
        isHarmless(CliResult.pci("export", "-f", folder.toString()).err());
        isHarmless(CliResult.pci("status", HOSTILE, "-f", folder.toString()).err());
        isHarmless(CliResult.pci("import", HOSTILE).err());
        isHarmless(CliResult.pci(HOSTILE).err());
    }

    /** For verbs that need a cluster: what they print of what they got. */
    private static <T> String printed(String verb, Class<T> type, Consumer<T> work) {
        StringWriter out = new StringWriter();
        CommandLine line = PciCommand.line(new PrintWriter(out, true), new PrintWriter(out, true))
                .getSubcommands()
                .get(verb);
        work.accept(type.cast(line.getCommand()));
        return out.toString();
    }

    @Test
    void doctor() {
        CheckResult symptom = new CheckResult(CheckResult.Severity.error, HOSTILE, HOSTILE, HOSTILE);
        CloudSnapshot patient = new CloudSnapshot(
                Instant.EPOCH,
                List.of(),
                List.of(),
                Optional.empty(),
                Map.of(),
                Map.of(),
                new CloudSnapshot.PlacementFacts.Unavailable(HOSTILE),
                List.of(symptom),
                List.of(),
                List.of(HOSTILE));
        isHarmless(printed("doctor", DoctorCommand.class, command -> command.tell(patient)));
    }

    @Test
    void audit() {
        AuditCommand.Row row =
                new AuditCommand.Row(HOSTILE, new UUID(0, 1), HOSTILE, new UUID(0, 2), HOSTILE, 1, HOSTILE);
        isHarmless(printed("audit", AuditCommand.class, command -> command.tell(List.of(row))));
    }

    @Test
    void heal() {
        AllocationHealer.Row row = new AllocationHealer.Row(new UUID(0, 1), HOSTILE, new UUID(0, 2), HOSTILE, 0, 1);
        AllocationHealer.HealResult healed = new AllocationHealer.HealResult(
                HOSTILE, new UUID(0, 1), AllocationHealer.Outcome.LEFT, HOSTILE, HOSTILE, List.of(row));
        isHarmless(printed("heal", HealCommand.class, command -> command.tell(List.of(healed))));
    }

    @Test
    void colours_reach_the_terminal_and_no_other_sequence() {
        String esc = Character.toString(0x1b);
        String out = CliResult.pci("status", "-f", folder.toString(), "--color", "always")
                .out();
        assertThat(out).contains(esc + "[1mh" + esc + "[0m", esc + "[33mHeld" + esc + "[0m");
        isHarmless(out.replaceAll(esc + "\\[(1|2|0|31;1|32|33)m", ""));
    }

    @Test
    void whatever_is_printed_a_line_is_a_line() {
        Random random = new Random(20261128);
        for (int round = 0; round < 2_000; round++) {
            StringWriter out = new StringWriter();
            String text = HostileText.of(random);
            PrintWriter writer = new TerminalWriter(out);
            writer.println(text);
            assertThat(out.toString()).endsWith(System.lineSeparator());
            assertThat(out.toString().lines().count()).isLessThanOrEqualTo(1);
            writer.print(text);
            writer.printf("%s", text);
            writer.append(text);
            writer.write(text.toCharArray());
            text.chars().forEach(writer::write);
            assertThat(out.toString().codePoints())
                    .noneMatch(codePoint -> codePoint != '\n' && codePoint != '\t' && SafeText.isUnsafe(codePoint));
        }
    }
}
