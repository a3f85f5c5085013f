package io.pciplacement;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;

/** Generator of docs/crds.md, the field reference of the custom resources, from deploy/crds. */
final class CrdsPage {

    private static final Path CRDS = Path.of("deploy/crds");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Every object has these; Kubernetes documents them itself. */
    private static final Set<String> STANDARD_FIELDS = Set.of(".apiVersion", ".kind", ".metadata");

    /** A field of a schema, with its path below the object. */
    record Field(String path, JsonNode schema, boolean required) {

        String description() {
            return schema.path("description").asText();
        }
    }

    /** A validation rule of a schema: where it applies, and what the API server says if it is violated. */
    private record Rule(String path, String message) {}

    private CrdsPage() {}

    static List<JsonNode> definitions() throws IOException {
        try (var files = Files.list(CRDS)) {
            List<JsonNode> definitions = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                // Not Jackson's own YAML: it does not follow the schemas' aliases.
                definitions.add(JSON.valueToTree(new Yaml().load(Files.readString(file))));
            }
            return definitions;
        }
    }

    static JsonNode columns(JsonNode definition) {
        return definition.at("/spec/versions/0/additionalPrinterColumns");
    }

    private static JsonNode schema(JsonNode definition) {
        return definition.at("/spec/versions/0/schema/openAPIV3Schema");
    }

    /** All fields at every depth, in the order of the schema; those of list elements have {@code []} in their path. */
    static List<Field> fields(JsonNode definition) {
        List<Field> fields = new ArrayList<>();
        collect("", schema(definition), fields);
        return fields;
    }

    private static void collect(String path, JsonNode schema, List<Field> fields) {
        Set<String> required = StreamSupport.stream(schema.path("required").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.toSet());
        schema.path("properties").properties().forEach(property -> {
            String field = path + "." + property.getKey();
            if (!STANDARD_FIELDS.contains(field)) {
                fields.add(new Field(field, property.getValue(), required.contains(property.getKey())));
                collect(field, property.getValue(), fields);
            }
        });
        if (schema.has("items")) {
            collect(path + "[]", schema.path("items"), fields);
        }
    }

    static String page() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Custom resources

                Field reference of the custom resources of `pciplacement.io/v1alpha1`, as `kubectl explain` shows it. All are
                cluster-scoped. This page is generated from `deploy/crds`:
                `mvn test -Dtest=CrdsDocTest -Dcrds.write=true`.
                """);
        for (JsonNode definition : definitions()) {
            kind(definition, page);
        }
        return page.toString();
    }

    private static void kind(JsonNode definition, StringBuilder page) {
        JsonNode names = definition.at("/spec/names");
        page.append("\n## %s\n\n".formatted(names.path("kind").asText()));
        page.append("Short name `%s`. %s\n"
                .formatted(
                        names.path("shortNames").path(0).asText(),
                        text(schema(definition).path("description").asText())));
        page.append("\n### Fields of %s\n\n".formatted(names.path("kind").asText()));
        page.append("| field | type | default | description |\n|---|---|---|---|\n");
        for (Field field : fields(definition)) {
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            field.path().substring(1),
                            type(field.schema()),
                            standard(field),
                            text(field.description())));
        }
        rules(definition, page);
        page.append("\n### Columns of kubectl get %s\n\n"
                .formatted(names.path("shortNames").path(0).asText()));
        page.append("| column | shown | description |\n|---|---|---|\n");
        for (JsonNode column : columns(definition)) {
            page.append("| %s | %s | %s |\n"
                    .formatted(
                            column.path("name").asText(),
                            column.path("priority").asInt() == 0 ? "always" : "with `-o wide`",
                            text(column.path("description").asText())));
        }
    }

    private static void rules(JsonNode definition, StringBuilder page) {
        List<Rule> rules = new ArrayList<>();
        rules("", schema(definition), rules);
        if (!rules.isEmpty()) {
            page.append("\n### Rules of %s\n\nThe API server rejects objects that violate one of these rules.\n\n"
                    .formatted(definition.at("/spec/names/kind").asText()));
            page.append("| field | message |\n|---|---|\n");
            rules.forEach(rule -> page.append("| %s | %s |\n"
                    .formatted(
                            rule.path().isEmpty() ? "" : "`" + rule.path().substring(1) + "`", text(rule.message()))));
        }
    }

    private static void rules(String path, JsonNode schema, List<Rule> rules) {
        schema.path("x-kubernetes-validations")
                .forEach(rule -> rules.add(new Rule(path, rule.path("message").asText())));
        schema.path("properties")
                .properties()
                .forEach(property -> rules(path + "." + property.getKey(), property.getValue(), rules));
        if (schema.has("items")) {
            rules(path + "[]", schema.path("items"), rules);
        }
    }

    private static String type(JsonNode schema) {
        String type = schema.path("type").asText();
        if (type.equals("array")) {
            return "list of " + type(schema.path("items"));
        }
        if (schema.has("additionalProperties")) {
            return "map of " + type(schema.path("additionalProperties"));
        }
        if (schema.has("enum")) {
            return StreamSupport.stream(schema.path("enum").spliterator(), false)
                    .map(value -> "`" + value.asText() + "`")
                    .collect(Collectors.joining(", "));
        }
        return schema.path("format").asText().equals("date-time") ? "time (RFC 3339)" : type;
    }

    private static String standard(Field field) {
        if (field.schema().has("default")) {
            return "`" + field.schema().path("default").asText() + "`";
        }
        return field.required() ? "required" : "";
    }

    private static String text(String plain) {
        return plain.replaceAll("[|*<]", "\\\\$0").replace("docs/reasons.md", "[reasons.md](reasons.md)");
    }
}
