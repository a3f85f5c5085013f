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
 * What a nova.conf of a host that is taken over can do to who pipes {@code pci import} into {@code kubectl apply}, and
 * what PciDeviceSpecs can do to a nova.conf: nothing but what the same in ordinary characters does.
 */
class HostileConfigTest {

    private static final int ROUNDS = 200;

    private final Random random = new Random(20261128);
    private final JsonMapper json = new JsonMapper();

    @TempDir
    private Path folder;

    private static List<Object> documents(String yaml) {
        List<Object> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml).forEach(document -> {
            if (document != null) {
                documents.add(document);
            }
        });
        return documents;
    }

    private ObjectNode hostile(String... keys) {
        ObjectNode node = json.createObjectNode();
        for (String key : keys) {
            if (random.nextBoolean()) {
                node.put(key, HostileText.of(random));
            }
        }
        return node;
    }

    /** One line of a nova.conf: an entry, an alias, or no JSON at all. */
    private String option() throws IOException {
        String rest = HostileText.of(random);
        ObjectNode entry = hostile("physical_network", "resource_class", "traits", "x" + rest, "devname");
        return switch (random.nextInt(5)) {
            case 0 -> "device_spec = not json" + rest;
            case 1 -> "device_spec = " + json.writeValueAsString(entry.put("vendor_id", "8086"));
            // As JSON lets it be written raw.
            case 2 -> "device_spec = " + SafeRaw.of(json.writeValueAsString(entry));
            case 3 -> "alias = " + json.writeValueAsString(hostile("name", "traits", "resource_class", "device_type"));
            default -> rest + " = " + rest;
        };
    }

    /** The line ends of YAML that are none of JSON, as they are. */
    private static final class SafeRaw {
        static String of(String text) {
            return text + Character.toString(0x2028) + "kind: Secret";
        }
    }

    @Test
    void an_import_is_PciDeviceSpecs_and_nothing_else() throws IOException {
        int specs = 0;
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder conf = new StringBuilder("[pci]\n");
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                conf.append(option()).append('\n');
            }
            Path file = Files.writeString(
                    folder.resolve("nova.conf"),
                    conf.toString().replace('\ud83d', '?').replace('\ude00', '?'));
            CliResult ran = CliResult.pci("import", file.toString());
            assertThat(ran.out().codePoints()).as(ran.out()).noneMatch(HostileConfigTest::isHarmful);
            assertThat(ran.err().codePoints()).as(ran.err()).noneMatch(HostileConfigTest::isHarmful);
            for (Object document : documents(ran.out())) {
                assertThat(((Map<?, ?>) document).get("kind")).as(ran.out()).isEqualTo("PciDeviceSpec");
                assertThat(((Map<?, ?>) document).keySet())
                        .map(String::valueOf)
                        .containsExactly("apiVersion", "kind", "metadata", "spec");
                specs++;
            }
            // Nothing is lost either: what YAML says JSON says, too.
            JsonNode list = json.readTree(
                    CliResult.pci("import", file.toString(), "-o", "json").out());
            assertThat(json.valueToTree(documents(ran.out())).toString())
                    .isEqualTo(list.get("items").toString());
        }
        assertThat(specs).isGreaterThan(ROUNDS / 10);
    }

    @Test
    void an_export_is_one_option_a_selector_and_nothing_else() throws IOException {
        int entries = 0;
        for (int round = 0; round < ROUNDS; round++) {
            ObjectNode object = json.createObjectNode()
                    .put("apiVersion", "pciplacement.io/v1alpha1")
                    .put("kind", "PciDeviceSpec");
            object.putObject("metadata").put("name", HostileText.of(random));
            ObjectNode spec = object.putObject("spec");
            spec.setAll(hostile("physicalNetwork"));
            ObjectNode selector = spec.putArray("selectors").addObject();
            selector.put("vendorId", "8086").setAll(hostile("serialNumber", "address"));
            if (random.nextInt(3) == 0) {
                selector.putObject("addressRegex").put("bus", HostileText.of(random));
            }
            Path file = folder.resolve("spec.json");
            Files.writeString(file, SafeText.json(object.toString()));
            // UTF-8 has no half of a surrogate pair.
            String network = spec.has("physicalNetwork")
                    ? new String(spec.path("physicalNetwork").asText().getBytes(UTF_8), UTF_8)
                    : null;
            CliResult ran = CliResult.pci("export", "-f", file.toString());
            assertThat(ran.out().codePoints()).as(ran.out()).noneMatch(HostileConfigTest::isHarmful);
            for (String line : ran.out().lines().toList()) {
                assertThat(line).matches("\\[pci]|#.*|device_spec = \\{.*}");
            }
            // As Nova reads it.
            NovaPciOptions written = NovaPciOptions.fromFiles(List.of(OsloConfigFile.parse("nova.conf", ran.out())));
            assertThat(written.problems()).as(ran.out()).isEmpty();
            for (NovaPciOptions.RawEntry entry : written.deviceSpecs()) {
                assertThat(entry.object().path("physical_network").asText(null))
                        .as(ran.out())
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
