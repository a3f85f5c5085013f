package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Finder of incompatible changes between two schemas: removed fields, objects that are no longer valid, and values with
 * another meaning. Additions are compatible.
 */
final class SchemaChanges {

    private static final Set<String> LOWER_BOUNDS =
            Set.of("minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum");
    private static final Set<String> UPPER_BOUNDS =
            Set.of("maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum");

    /** Keywords that must not change; adding one is a change too. */
    private static final Set<String> FIXED_KEYWORDS = Set.of(
            "type",
            "format",
            "pattern",
            "default",
            "additionalProperties",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
            "x-kubernetes-map-type",
            "x-kubernetes-int-or-string",
            "x-kubernetes-preserve-unknown-fields");

    private final List<String> found = new ArrayList<>();

    private SchemaChanges() {}

    /** The incompatible changes between two definitions of a kind, each with the path of the field. */
    static List<String> between(JsonNode older, JsonNode newer) {
        SchemaChanges changes = new SchemaChanges();
        changes.compareDefinitions(older.path("spec"), newer.path("spec"));
        return changes.found;
    }

    private void compareDefinitions(JsonNode older, JsonNode newer) {
        for (String name : List.of("group", "scope")) {
            compareEqual(name, older.path(name), newer.path(name));
        }
        for (String name : List.of("kind", "plural", "singular", "listKind")) {
            compareEqual(
                    "names." + name,
                    older.path("names").path(name),
                    newer.path("names").path(name));
        }
        for (String names : List.of("shortNames", "categories")) {
            findRemoved(
                    "names." + names,
                    older.path("names").path(names),
                    newer.path("names").path(names));
        }
        for (JsonNode version : older.path("versions")) {
            String name = version.path("name").asText();
            JsonNode now = StreamSupport.stream(newer.path("versions").spliterator(), false)
                    .filter(one -> one.path("name").asText().equals(name)
                            && one.path("served").asBoolean())
                    .findFirst()
                    .orElse(null);
            if (now == null) {
                found.add(name + " is not served any more");
            } else {
                compareEqual(name + ".subresources", version.path("subresources"), now.path("subresources"));
                compareSchemas(name, version.at("/schema/openAPIV3Schema"), now.at("/schema/openAPIV3Schema"));
            }
        }
    }

    private void compareSchemas(String path, JsonNode older, JsonNode newer) {
        FIXED_KEYWORDS.forEach(key -> compareEqual(path + " " + key, older.path(key), newer.path(key)));
        LOWER_BOUNDS.forEach(key -> compareBound(path + " " + key, older.path(key), newer.path(key), 1));
        UPPER_BOUNDS.forEach(key -> compareBound(path + " " + key, older.path(key), newer.path(key), -1));
        if (newer.has("enum")) {
            if (older.has("enum")) {
                findRemoved(path + " enum", older.path("enum"), newer.path("enum"));
            } else {
                found.add(path + " enum is new");
            }
        }
        if (older.path("nullable").asBoolean() && !newer.path("nullable").asBoolean()) {
            found.add(path + " is not nullable any more");
        }
        findRemoved(path + " required", newer.path("required"), older.path("required"), " is required now");
        findRemoved(path, validationRules(newer), validationRules(older), ": is a new rule");
        older.path("properties").properties().forEach(property -> {
            JsonNode now = newer.path("properties").path(property.getKey());
            String field = path + "." + property.getKey();
            if (now.isMissingNode()) {
                found.add(field + " is removed");
            } else {
                compareSchemas(field, property.getValue(), now);
            }
        });
        if (older.has("items")) {
            compareSchemas(path + "[]", older.path("items"), newer.path("items"));
        }
    }

    private static Set<String> validationRules(JsonNode schema) {
        return StreamSupport.stream(schema.path("x-kubernetes-validations").spliterator(), false)
                .map(rule -> rule.path("rule").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void compareEqual(String path, JsonNode older, JsonNode newer) {
        if (!older.equals(newer)) {
            found.add("%s was %s and is %s".formatted(path, describe(older), describe(newer)));
        }
    }

    private static String describe(JsonNode node) {
        return node.isMissingNode() ? "absent" : node.toString();
    }

    /** @param sense 1 if a greater number is more restrictive */
    private void compareBound(String path, JsonNode older, JsonNode newer, int sense) {
        boolean tighter = newer.isNumber()
                && (!older.isNumber() || sense * Double.compare(newer.asDouble(), older.asDouble()) > 0);
        if (tighter) {
            found.add("%s was %s and is %s".formatted(path, describe(older), describe(newer)));
        }
    }

    private void findRemoved(String path, JsonNode older, JsonNode newer) {
        findRemoved(path, older, newer, " is removed");
    }

    private void findRemoved(String path, JsonNode all, JsonNode left, String what) {
        findRemoved(path, elements(all), elements(left), what);
    }

    private void findRemoved(String path, Set<String> all, Set<String> left, String what) {
        all.stream().filter(one -> !left.contains(one)).forEach(one -> found.add(path + ": " + one + what));
    }

    private static Set<String> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::toString)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
