package io.pciplacement.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * Compatibility of the CRDs with those of the last release in src/test/resources/released: within an API version,
 * existing manifests must stay valid and readers of objects must keep working. A release copies deploy/crds there
 * (docs/CONTRIBUTING.md).
 */
class CrdCompatibilityTest {

    private static final Path NOW = Path.of("deploy/crds");
    private static final Path RELEASED = Path.of("src/test/resources/released");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode readYaml(Path file) throws IOException {
        return JSON.valueToTree(new Yaml().load(Files.readString(file)));
    }

    /**
     * Prefixes of changes that look incompatible and are accepted. Those made for security reject values that
     * endangered the operator, and Kubernetes still accepts changes to other fields of an object with such a value. A
     * release empties the list.
     */
    private static final List<String> TIGHTENED = List.of(
            "v1alpha1.spec.selectors[].addressRegex.domain pattern was absent",
            "v1alpha1.spec.selectors[].addressRegex.bus pattern was absent",
            "v1alpha1.spec.selectors[].addressRegex.slot pattern was absent",
            "v1alpha1.spec.selectors[].addressRegex.function pattern was absent",
            // Rules of a new field.
            "v1alpha1.spec: !has(self.constraints) || ",
            // Weaker than the rule that it replaces: reporting may also be set to Nova, and disabled if nothing is
            // left.
            "v1alpha1: oldSelf.spec.reporting != 'Enabled' || self.spec.reporting != 'Disabled' || ");

    private static List<Path> releasedCrds() throws IOException {
        try (var files = Files.list(RELEASED)) {
            return files.sorted().toList();
        }
    }

    @Test
    void crdsAreCompatibleWithReleases() throws IOException {
        assertThat(releasedCrds()).isNotEmpty();
        Set<String> tightened = new TreeSet<>();
        for (Path older : releasedCrds()) {
            Path newer = NOW.resolve(older.getFileName());
            assertThat(newer).exists();
            for (String change : SchemaChanges.between(readYaml(older), readYaml(newer))) {
                assertThat(TIGHTENED).as("%s: %s", newer, change).anyMatch(change::startsWith);
                TIGHTENED.stream().filter(change::startsWith).forEach(tightened::add);
            }
        }
        assertThat(tightened).containsExactlyInAnyOrderElementsOf(TIGHTENED);
    }

    private static List<String> changesAfter(Consumer<ObjectNode> change) throws IOException {
        Path file = NOW.resolve("pcidevicespecs.pciplacement.io.yaml");
        ObjectNode changed = (ObjectNode) readYaml(file);
        change.accept(changed);
        return SchemaChanges.between(readYaml(file), changed);
    }

    private static ObjectNode nodeAt(JsonNode crd, String path) {
        return (ObjectNode) crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/" + path);
    }

    /** Each kind of incompatible change is detected. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "field",
                "type",
                "enum",
                "required",
                "bound",
                "pattern",
                "default",
                "rule",
                "list",
                "version",
                "scope",
                "kind",
                "status"
            })
    void incompatibleChangeIsFound(String what) throws IOException {
        List<String> found = changesAfter(crd -> {
            ObjectNode spec = nodeAt(crd, "spec");
            ObjectNode fields = (ObjectNode) spec.path("properties");
            switch (what) {
                case "field" -> fields.remove("priority");
                case "type" -> ((ObjectNode) fields.path("priority")).put("type", "string");
                case "enum" ->
                    fields.putObject("remoteManaged")
                            .put("type", "boolean")
                            .put("default", false)
                            .putArray("enum")
                            .add(true);
                case "required" -> spec.withArray("required").add("traits");
                case "bound" -> ((ObjectNode) fields.path("selectors")).put("maxItems", 1);
                case "pattern" -> ((ObjectNode) fields.path("resourceClass")).put("pattern", "^A$");
                case "default" -> ((ObjectNode) fields.path("priority")).put("default", 7);
                case "rule" ->
                    spec.withArray("x-kubernetes-validations").addObject().put("rule", "false");
                case "list" -> ((ObjectNode) fields.path("traits")).put("x-kubernetes-list-type", "map");
                case "version" -> ((ObjectNode) crd.at("/spec/versions/0")).put("served", false);
                case "scope" -> ((ObjectNode) crd.path("spec")).put("scope", "Namespaced");
                case "kind" -> ((ObjectNode) crd.at("/spec/names")).put("kind", "PciSpec");
                case "status" -> ((ObjectNode) nodeAt(crd, "status").path("properties")).remove("conditions");
                default -> throw new IllegalArgumentException(what);
            }
        });
        assertThat(found).hasSize(1);
    }

    @Test
    void additionsAreCompatible() throws IOException {
        assertThat(changesAfter(crd -> {
                    ObjectNode fields = (ObjectNode) nodeAt(crd, "spec").path("properties");
                    fields.putObject("another").put("type", "string").put("maxLength", 3);
                    ((ObjectNode) fields.path("selectors")).put("maxItems", 100_000);
                    ((ObjectNode) crd.at("/spec/names")).withArray("shortNames").add("another");
                    nodeAt(crd, "spec").put("description", "Other words.");
                }))
                .isEmpty();
    }
}
