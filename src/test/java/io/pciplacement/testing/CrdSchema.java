package io.pciplacement.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/** Validator of values against the schemas in deploy/crds, as far as the agent's fields use them. */
public final class CrdSchema {

    private static final int MAX_INT = Integer.MAX_VALUE;

    private CrdSchema() {}

    /**
     * Returns the errors for which an API server would reject the object.
     *
     * @param plural plural name of the CRD
     * @param path field below the object, with dots between names
     */
    public static List<String> violations(String plural, String path, JsonNode value) {
        Path file = Path.of("deploy/crds/" + plural + ".pciplacement.io.yaml");
        try {
            JsonNode schema = new ObjectMapper()
                    .valueToTree(new Yaml().load(Files.readString(file)))
                    .at("/spec/versions/0/schema/openAPIV3Schema");
            for (String name : path.split("\\.")) {
                schema = schema.path("properties").path(name);
            }
            if (schema.isMissingNode()) {
                throw new IllegalArgumentException("there is no field " + path + " in " + file);
            }
            List<String> found = new ArrayList<>();
            validate(path, schema, value, found);
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void validate(String path, JsonNode schema, JsonNode value, List<String> found) {
        switch (schema.path("type").asText()) {
            case "object" -> object(path, schema, value, found);
            case "array" -> {
                check(value.isArray() && value.size() <= schema.path("maxItems").asInt(MAX_INT), path, value, found);
                for (int i = 0; i < value.size(); i++) {
                    validate(path + "[" + i + "]", schema.path("items"), value.get(i), found);
                }
            }
            case "string" -> check(value.isTextual() && matchesType(schema, value.asText()), path, value, found);
            case "integer" -> check(value.isInt(), path, value, found);
            case "boolean" -> check(value.isBoolean(), path, value, found);
            default -> throw new IllegalArgumentException(path + " has an unknown type");
        }
    }

    private static void object(String path, JsonNode schema, JsonNode value, List<String> found) {
        check(value.isObject(), path, value, found);
        schema.path("required").forEach(name -> check(value.has(name.asText()), path + "." + name, value, found));
        value.properties().forEach(field -> {
            JsonNode its = schema.path("properties").path(field.getKey());
            String where = path + "." + field.getKey();
            if (its.isMissingNode()) {
                found.add(where + " is not in the schema");
            } else {
                validate(where, its, field.getValue(), found);
            }
        });
    }

    private static boolean matchesType(JsonNode schema, String text) {
        boolean known = true;
        for (JsonNode constant : schema.path("enum")) {
            known = constant.asText().equals(text);
            if (known) {
                break;
            }
        }
        return known
                && text.codePointCount(0, text.length())
                        <= schema.path("maxLength").asInt(MAX_INT)
                && (!schema.has("pattern")
                        || Pattern.compile(schema.path("pattern").asText())
                                .matcher(text)
                                .find());
    }

    private static void check(boolean right, String path, JsonNode value, List<String> found) {
        if (!right) {
            found.add(path + ": " + value);
        }
    }
}
