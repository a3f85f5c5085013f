package io.pciplacement.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.cli.CliResult;
import io.pciplacement.cli.PciCommand;
import io.pciplacement.cli.audit.AttachmentRow;
import io.pciplacement.cli.doctor.CheckResult;
import io.pciplacement.cli.doctor.CloudSnapshot;
import io.pciplacement.cli.heal.AllocationHealer;
import io.pciplacement.cli.output.TerminalWriter;
import io.pciplacement.pci.HostAttachments.Knowledge;
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
 * Strings from hosts, users and Placement can neither control the terminal of the user of {@code pci} nor add rows to
 * the output; JSON and YAML contain the original strings.
 */
class TerminalOutputTest {

    /** Clears the screen, sets the title, changes the text direction and adds lines. */
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
    private Path directory;

    @BeforeEach
    void writeObjects() throws IOException {
        String escaped = new JsonMapper().writeValueAsString(HOSTILE);
        int number = 0;
        for (JsonNode object :
                new JsonMapper().readTree(OBJECTS.formatted(escaped.substring(1, escaped.length() - 1)))) {
            Files.writeString(directory.resolve(number++ + ".json"), SafeText.escapeJson(object.toString()));
        }
    }

    private static void assertHarmless(String text) {
        assertThat(text).contains("FORGED 4", "\\u001b[2J");
        text.lines().forEach(line -> {
            assertThat(line.strip()).doesNotStartWith("FORGED");
            assertThat(line.codePoints()).as(line).noneMatch(SafeText::isUnsafe);
        });
    }

    private void assertHarmlessInEveryFormat(String... subcommand) throws IOException {
        String[] arguments = new String[subcommand.length + 2];
        System.arraycopy(subcommand, 0, arguments, 0, subcommand.length);
        arguments[subcommand.length] = "-f";
        arguments[subcommand.length + 1] = directory.toString();
        assertHarmless(CliResult.pci(arguments).out());
        String[] structured = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, structured, 0, arguments.length);
        structured[arguments.length] = "-o";
        structured[arguments.length + 1] = "json";
        String json = CliResult.pci(structured).out();
        assertThat(json.lines().flatMapToInt(String::codePoints)).noneMatch(SafeText::isUnsafe);
        JsonNode value = new JsonMapper().readTree(json);
        assertThat(value.findValuesAsText("FORGED")).isEmpty();
        assertThat(stringsIn(value)).anyMatch(text -> text.contains(HOSTILE));
        structured[arguments.length + 1] = "yaml";
        String yaml = CliResult.pci(structured).out();
        assertThat(yaml.lines().flatMapToInt(String::codePoints)).noneMatch(SafeText::isUnsafe);
        assertThat(new YAMLMapper().readTree(yaml)).isEqualTo(value);
    }

    private static List<String> stringsIn(JsonNode value) {
        return value.isTextual()
                ? List.of(value.textValue())
                : value.valueStream()
                        .flatMap(child -> stringsIn(child).stream())
                        .toList();
    }

    @Test
    void statusIsSanitized() throws IOException {
        assertHarmlessInEveryFormat("status", "--all");
    }

    @Test
    void planIsSanitized() throws IOException {
        assertHarmlessInEveryFormat("plan");
    }

    @Test
    void explainIsSanitized() throws IOException {
        assertHarmlessInEveryFormat("explain", "h", "41:00.0");
    }

    @Test
    void exportsAndErrorsAreSanitized() {
        assertHarmless(CliResult.pci("export", "-f", directory.toString()).out());
        assertHarmless(CliResult.pci("export", "-f", directory.toString()).err());
        for (String mode : List.of("--aliases", "--node=h")) {
            CliResult result = CliResult.pci("export", "-f", directory.toString(), "--for-nova", mode);
            assertHarmless(result.out() + result.err());
        }
        assertHarmless(
                CliResult.pci("status", HOSTILE, "-f", directory.toString()).err());
        assertHarmless(CliResult.pci("import", HOSTILE).err());
        assertHarmless(CliResult.pci(HOSTILE).err());
    }

    /** Output of a subcommand that needs a cluster, for the given data. */
    private static <T> String printedBy(String subcommand, Class<T> type, Consumer<T> print) {
        StringWriter out = new StringWriter();
        CommandLine line = PciCommand.createCommandLine(new PrintWriter(out, true), new PrintWriter(out, true))
                .getSubcommands()
                .get(subcommand);
        print.accept(type.cast(line.getCommand()));
        return out.toString();
    }

    @Test
    void doctorIsSanitized() {
        CheckResult result = new CheckResult(CheckResult.Severity.error, HOSTILE, HOSTILE, HOSTILE);
        CloudSnapshot snapshot = new CloudSnapshot(
                Instant.EPOCH,
                List.of(),
                List.of(),
                Optional.empty(),
                Map.of(),
                Map.of(),
                new CloudSnapshot.PlacementFacts.Unavailable(HOSTILE),
                List.of(result),
                List.of(),
                List.of(HOSTILE));
        assertHarmless(printedBy("doctor", DoctorCommand.class, command -> command.printReport(snapshot)));
    }

    @Test
    void auditIsSanitized() {
        AuditCommand.Row row =
                new AuditCommand.Row(HOSTILE, new UUID(0, 1), HOSTILE, new UUID(0, 2), HOSTILE, 1, HOSTILE, false);
        AttachmentRow attachment = new AttachmentRow(
                HOSTILE,
                HOSTILE,
                HOSTILE,
                List.of(new AttachmentRow.Server(new UUID(0, 1), HOSTILE)),
                HOSTILE,
                HOSTILE);
        AuditCommand.AuditOutput result =
                new AuditCommand.AuditOutput(List.of(row), List.of(attachment), Map.of(HOSTILE, Knowledge.INCOMPLETE));
        assertHarmless(printedBy("audit", AuditCommand.class, command -> command.printResult(result)));
    }

    @Test
    void healIsSanitized() {
        AllocationHealer.AmountRow row =
                new AllocationHealer.AmountRow(new UUID(0, 1), HOSTILE, new UUID(0, 2), HOSTILE, 0, 1);
        AllocationHealer.HealResult result = new AllocationHealer.HealResult(
                HOSTILE, new UUID(0, 1), AllocationHealer.Outcome.SKIPPED, HOSTILE, HOSTILE, List.of(row));
        assertHarmless(printedBy("heal", HealCommand.class, command -> command.printResults(List.of(result))));
    }

    @Test
    void onlyColorSequencesReachTheTerminal() {
        String esc = Character.toString(0x1b);
        String out = CliResult.pci("status", "-f", directory.toString(), "--color", "always")
                .out();
        assertThat(out).contains(esc + "[1mh" + esc + "[0m", esc + "[33mHeld" + esc + "[0m");
        assertHarmless(out.replaceAll(esc + "\\[(1|2|0|31;1|32|33)m", ""));
    }

    @Test
    void printlnPrintsExactlyOneLine() {
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
