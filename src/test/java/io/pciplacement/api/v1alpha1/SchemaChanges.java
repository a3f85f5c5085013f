package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What a newer schema takes from who uses the older one: a field that is gone, an object that was valid and is not any
 * more, another meaning of the same text. What is only new is no such thing.
 */
final class SchemaChanges {

    private static final Set<String> LOWER_BOUNDS =
            Set.of("minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum");
    private static final Set<String> UPPER_BOUNDS =
            Set.of("maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum");

    /** What must not change at all; where it was absent, its coming is a change, too. */
    private static final Set<String> MEANING = Set.of(
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

    /** The breaks between two definitions of a kind, each with the path of what it is about. */
    static List<String> between(JsonNode older, JsonNode newer) {
        SchemaChanges changes = new SchemaChanges();
        changes.definition(older.path("spec"), newer.path("spec"));
        return changes.found;
    }

    private void definition(JsonNode older, JsonNode newer) {
        for (String name : List.of("group", "scope")) {
            same(name, older.path(name), newer.path(name));
        }
        for (String name : List.of("kind", "plural", "singular", "listKind")) {
            same(
                    "names." + name,
                    older.path("names").path(name),
                    newer.path("names").path(name));
        }
        for (String names : List.of("shortNames", "categories")) {
            gone(
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
                same(name + ".subresources", version.path("subresources"), now.path("subresources"));
                schema(name, version.at("/schema/openAPIV3Schema"), now.at("/schema/openAPIV3Schema"));
            }
        }
    }

    private void schema(String path, JsonNode older, JsonNode newer) {
        MEANING.forEach(key -> same(path + " " + key, older.path(key), newer.path(key)));
        LOWER_BOUNDS.forEach(key -> bound(path + " " + key, older.path(key), newer.path(key), 1));
        UPPER_BOUNDS.forEach(key -> bound(path + " " + key, older.path(key), newer.path(key), -1));
        if (newer.has("enum")) {
            if (older.has("enum")) {
                gone(path + " enum", older.path("enum"), newer.path("enum"));
            } else {
                found.add(path + " enum is new");
            }
        }
        if (older.path("nullable").asBoolean() && !newer.path("nullable").asBoolean()) {
            found.add(path + " is not nullable any more");
        }
        gone(path + " required", newer.path("required"), older.path("required"), " is required now");
        gone(path, rules(newer), rules(older), ": is a new rule");
        older.path("properties").properties().forEach(property -> {
            JsonNode now = newer.path("properties").path(property.getKey());
            String field = path + "." + property.getKey();
            if (now.isMissingNode()) {
                found.add(field + " is gone");
            } else {
                schema(field, property.getValue(), now);
            }
        });
        if (older.has("items")) {
            schema(path + "[]", older.path("items"), newer.path("items"));
        }
    }

    private static Set<String> rules(JsonNode schema) {
        return StreamSupport.stream(schema.path("x-kubernetes-validations").spliterator(), false)
                .map(rule -> rule.path("rule").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void same(String path, JsonNode older, JsonNode newer) {
        if (!older.equals(newer)) {
            found.add("%s was %s and is %s".formatted(path, told(older), told(newer)));
        }
    }

    private static String told(JsonNode node) {
        return node.isMissingNode() ? "absent" : node.toString();
    }

    /** @param sense 1 where a greater number allows less */
    private void bound(String path, JsonNode older, JsonNode newer, int sense) {
        boolean tighter = newer.isNumber()
                && (!older.isNumber() || sense * Double.compare(newer.asDouble(), older.asDouble()) > 0);
        if (tighter) {
            found.add("%s was %s and is %s".formatted(path, told(older), told(newer)));
        }
    }

    private void gone(String path, JsonNode older, JsonNode newer) {
        gone(path, older, newer, " is gone");
    }

    private void gone(String path, JsonNode all, JsonNode left, String what) {
        gone(path, texts(all), texts(left), what);
    }

    private void gone(String path, Set<String> all, Set<String> left, String what) {
        all.stream().filter(one -> !left.contains(one)).forEach(one -> found.add(path + ": " + one + what));
    }

    private static Set<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::toString)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
