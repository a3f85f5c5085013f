package io.pciplacement.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The Java types match the hand-written CRD schemas: every field, every enum value, every list. */
class CrdSchemaTest {

    private static final Path CRDS = Path.of("deploy/crds");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode readSchema(String plural) throws IOException {
        // Jackson's YAML parser does not resolve the aliases of the schemas.
        JsonNode crd =
                JSON.valueToTree(new Yaml().load(Files.readString(CRDS.resolve(plural + ".pciplacement.io.yaml"))));
        return crd.at("/spec/versions/0/schema/openAPIV3Schema/properties");
    }

    @ParameterizedTest
    @CsvSource({
        "hostpciinventories, spec,   HostPciInventorySpec",
        "hostpciinventories, status, HostPciInventoryStatus",
        "pcidevicespecs,     spec,   PciDeviceSpecSpec",
        "pcidevicespecs,     status, PciDeviceSpecStatus",
        "pciallocations,     spec,   PciAllocationSpec",
        "pciallocations,     status, PciAllocationStatus",
    })
    void javaTypeMatchesSchema(String plural, String part, String type) throws Exception {
        List<String> differences = new ArrayList<>();
        compare(
                part,
                readSchema(plural).path(part),
                Class.forName("io.pciplacement.api.v1alpha1." + type),
                differences);
        assertThat(differences).isEmpty();
    }

    /** The webhook rejects objects without a component that is not nullable, so the schema must require it. */
    @ParameterizedTest
    @CsvSource({
        "hostpciinventories, spec,   HostPciInventorySpec",
        "pcidevicespecs,     spec,   PciDeviceSpecSpec",
        "pciallocations,     spec,   PciAllocationSpec",
        "pciallocations,     status, PciAllocationStatus",
    })
    void schemaRequiresWhatIsNotNullable(String plural, String part, String type) throws Exception {
        List<String> optional = new ArrayList<>();
        findOptional(
                part, readSchema(plural).path(part), Class.forName("io.pciplacement.api.v1alpha1." + type), optional);
        assertThat(optional).isEmpty();
    }

    private static void findOptional(String path, JsonNode schema, Type type, List<String> optional) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            findOptional(path + "[]", schema.path("items"), list.getActualTypeArguments()[0], optional);
        } else if (type instanceof Class<?> record && record.isRecord()) {
            Set<String> required = new TreeSet<>();
            schema.path("required").forEach(field -> required.add(field.asText()));
            for (RecordComponent component : record.getRecordComponents()) {
                String name = component.getName();
                boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                        || component.getType().isPrimitive();
                if (!nullable && !required.contains(name)) {
                    optional.add(path + "." + name);
                }
                findOptional(
                        path + "." + name, schema.path("properties").path(name), component.getGenericType(), optional);
            }
        }
    }

    private static void compare(String path, JsonNode schema, Type type, List<String> differences) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            compareValue(path, "array", schema.path("type").asText(), differences);
            compare(path + "[]", schema.path("items"), list.getActualTypeArguments()[0], differences);
            return;
        }
        Class<?> raw = (Class<?>) type;
        if (raw == Condition.class || raw == LabelSelector.class) {
            compareValue(path, "object", schema.path("type").asText(), differences);
        } else if (raw.isRecord()) {
            Set<String> fields = new TreeSet<>();
            schema.path("properties").fieldNames().forEachRemaining(fields::add);
            Set<String> components = new TreeSet<>();
            for (RecordComponent component : raw.getRecordComponents()) {
                components.add(component.getName());
                compare(
                        path + "." + component.getName(),
                        schema.path("properties").path(component.getName()),
                        component.getGenericType(),
                        differences);
            }
            compareValue(path, fields.toString(), components.toString(), differences);
        } else if (raw.isEnum()) {
            Set<String> values = new TreeSet<>();
            schema.path("enum").forEach(value -> values.add(value.asText()));
            Set<String> constants = new TreeSet<>();
            Arrays.stream(raw.getEnumConstants())
                    .forEach(constant -> constants.add(JSON.convertValue(constant, String.class)));
            compareValue(path, values.toString(), constants.toString(), differences);
        } else {
            String expected = switch (raw.getSimpleName()) {
                case "String" -> "string";
                case "Integer", "int", "Long", "long" -> "integer";
                case "Boolean", "boolean" -> "boolean";
                default -> "a type this test does not know: " + raw;
            };
            compareValue(path, expected, schema.path("type").asText(), differences);
        }
    }

    private static void compareValue(String path, String one, String other, List<String> differences) {
        if (!one.equals(other)) {
            differences.add("%s: %s is not %s".formatted(path, one, other));
        }
    }

    /** Client-side apply stores the object in an annotation of at most 262,144 bytes. */
    @Test
    void crdFitsIntoLastAppliedAnnotation() throws IOException {
        try (var files = Files.list(CRDS)) {
            assertThat(files.toList())
                    .hasSize(3)
                    .allSatisfy(file -> assertThat(Files.size(file)).isLessThan(200_000));
        }
    }
}
