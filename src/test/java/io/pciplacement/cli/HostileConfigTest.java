package io.pciplacement.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.novaconf.NovaPciOptions;
import io.pciplacement.novaconf.OsloConfigFile;
import io.pciplacement.testing.HostileText;
import io.pciplacement.text.SafeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The nova.conf of a compromised host cannot inject anything into the output of {@code pci import}, which is piped into
 * {@code kubectl apply}; and PciDeviceSpecs cannot inject anything into the nova.conf of {@code pci export}.
 */
class HostileConfigTest {

    private static final int ROUNDS = 200;

    private final Random random = new Random(20261128);
    private final JsonMapper json = new JsonMapper();

    @TempDir
    private Path directory;

    private static List<Object> parseDocuments(String yaml) {
        List<Object> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml).forEach(document -> {
            if (document != null) {
                documents.add(document);
            }
        });
        return documents;
    }

    private ObjectNode hostileObject(String... keys) {
        ObjectNode node = json.createObjectNode();
        for (String key : keys) {
            if (random.nextBoolean()) {
                node.put(key, HostileText.of(random));
            }
        }
        return node;
    }

    /** One line of a nova.conf: an entry, an alias, or invalid JSON. */
    private String randomOption() throws IOException {
        String rest = HostileText.of(random);
        ObjectNode entry = hostileObject("physical_network", "resource_class", "traits", "x" + rest, "devname");
        return switch (random.nextInt(5)) {
            case 0 -> "device_spec = not json" + rest;
            case 1 -> "device_spec = " + json.writeValueAsString(entry.put("vendor_id", "8086"));
            // A raw line separator, which JSON allows.
            case 2 -> "device_spec = " + RawLineSeparator.appendTo(json.writeValueAsString(entry));
            case 3 ->
                "alias = " + json.writeValueAsString(hostileObject("name", "traits", "resource_class", "device_type"));
            default -> rest + " = " + rest;
        };
    }

    /** Text with an unescaped line separator of YAML that JSON does not treat as one. */
    private static final class RawLineSeparator {
        static String appendTo(String text) {
            return text + Character.toString(0x2028) + "kind: Secret";
        }
    }

    @Test
    void importPrintsOnlyPciDeviceSpecs() throws IOException {
        int specs = 0;
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder conf = new StringBuilder("[pci]\n");
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                conf.append(randomOption()).append('\n');
            }
            Path file = Files.writeString(
                    directory.resolve("nova.conf"),
                    conf.toString().replace('\ud83d', '?').replace('\ude00', '?'));
            CliResult result = CliResult.pci("import", file.toString());
            assertThat(result.out().codePoints()).as(result.out()).noneMatch(HostileConfigTest::isHarmful);
            assertThat(result.err().codePoints()).as(result.err()).noneMatch(HostileConfigTest::isHarmful);
            for (Object document : parseDocuments(result.out())) {
                assertThat(((Map<?, ?>) document).get("kind")).as(result.out()).isEqualTo("PciDeviceSpec");
                assertThat(((Map<?, ?>) document).keySet())
                        .map(String::valueOf)
                        .containsExactly("apiVersion", "kind", "metadata", "spec");
                specs++;
            }
            // YAML and JSON have the same content.
            JsonNode list = json.readTree(
                    CliResult.pci("import", file.toString(), "-o", "json").out());
            assertThat(json.valueToTree(parseDocuments(result.out())).toString())
                    .isEqualTo(list.get("items").toString());
        }
        assertThat(specs).isGreaterThan(ROUNDS / 10);
    }

    @Test
    void exportPrintsOnlyDeviceSpecOptions() throws IOException {
        int entries = 0;
        for (int round = 0; round < ROUNDS; round++) {
            ObjectNode object = json.createObjectNode()
                    .put("apiVersion", "pciplacement.io/v1alpha1")
                    .put("kind", "PciDeviceSpec");
            object.putObject("metadata").put("name", HostileText.of(random));
            ObjectNode spec = object.putObject("spec");
            spec.setAll(hostileObject("physicalNetwork"));
            ObjectNode selector = spec.putArray("selectors").addObject();
            selector.put("vendorId", "8086").setAll(hostileObject("serialNumber", "address"));
            if (random.nextInt(3) == 0) {
                selector.putObject("addressRegex").put("bus", HostileText.of(random));
            }
            Path file = directory.resolve("spec.json");
            Files.writeString(file, SafeText.escapeJson(object.toString()));
            // UTF-8 cannot encode an unpaired surrogate.
            String network = spec.has("physicalNetwork")
                    ? new String(spec.path("physicalNetwork").asText().getBytes(UTF_8), UTF_8)
                    : null;
            CliResult result = CliResult.pci("export", "-f", file.toString());
            assertThat(result.out().codePoints()).as(result.out()).noneMatch(HostileConfigTest::isHarmful);
            for (String line : result.out().lines().toList()) {
                assertThat(line).matches("\\[pci]|#.*|device_spec = \\{.*}");
            }
            for (String mode : List.of("--aliases", "--node=n")) {
                assertThat(CliResult.pci("export", "-f", file.toString(), "--for-nova", mode)
                                .out()
                                .lines())
                        .allMatch(line ->
                                line.matches("\\[pci]|report_in_placement = true|#.*|(device_spec|alias) = \\{.*}"));
            }
            // Parsed as Nova does.
            NovaPciOptions options = NovaPciOptions.fromFiles(List.of(OsloConfigFile.parse("nova.conf", result.out())));
            assertThat(options.problems()).as(result.out()).isEmpty();
            for (NovaPciOptions.RawEntry entry : options.deviceSpecs()) {
                assertThat(entry.object().path("physical_network").asText(null))
                        .as(result.out())
                        .isEqualTo(network);
                entries++;
            }
        }
        assertThat(entries).isGreaterThan(ROUNDS / 10);
    }

    private static boolean isHarmful(int codePoint) {
        return codePoint != '\n' && SafeText.isUnsafe(codePoint);
    }
}
