package io.pciplacement.placement.client;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.placement.http.ResponseLimits;
import io.pciplacement.placement.http.ResponseTooLargeException;
import io.pciplacement.text.SafeText;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads the bodies of Placement's answers. */
final class ResponseBodies {

    /** How much of a wrong value a message shows. */
    private static final int MAX_SHOWN = 60;

    /** What Placement says where a consumer has no type; it takes no such type back. */
    static final String UNKNOWN_TYPE = Allocation.UNKNOWN_TYPE;

    private ResponseBodies() {}

    /** As a stream: the listing of a large cloud has tens of megabytes, most of them links. */
    static List<ResourceProvider> providers(InputStream body) throws IOException {
        return elements(body, "resource_providers", ResponseLimits.PROVIDERS, parser -> {
            expect(parser, parser.currentToken(), JsonToken.START_OBJECT);
            return provider(parser);
        });
    }

    /** Reads the value that a parser is at. */
    @FunctionalInterface
    private interface Element<T> {
        T read(JsonParser parser) throws IOException;
    }

    /** The elements of an array in the object that a body is. */
    private static <T> List<T> elements(InputStream body, String field, int limit, Element<T> element)
            throws IOException {
        @Nullable List<T> elements = null;
        try (JsonParser parser = ResponseLimits.STREAMS.createParser(body)) {
            expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = field.equals(parser.currentName());
                JsonToken value = parser.nextToken();
                if (wanted) {
                    expect(parser, value, JsonToken.START_ARRAY);
                    elements = new ArrayList<>();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        if (elements.size() == limit) {
                            throw new ResponseTooLargeException(
                                    "the answer has more than %d %s".formatted(limit, field));
                        }
                        elements.add(element.read(parser));
                    }
                } else {
                    parser.skipChildren();
                }
            }
            expect(parser, parser.currentToken(), JsonToken.END_OBJECT);
        }
        if (elements == null) {
            throw new JsonParseException(null, "there is no '%s'".formatted(field));
        }
        return elements;
    }

    static ResourceProvider provider(InputStream body) throws IOException {
        try (JsonParser parser = ResponseLimits.STREAMS.createParser(body)) {
            expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
            return provider(parser);
        }
    }

    private static ResourceProvider provider(JsonParser parser) throws IOException {
        @Nullable UUID uuid = null;
        @Nullable UUID parent = null;
        @Nullable UUID root = null;
        @Nullable String name = null;
        int generation = -1;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (field) {
                case "uuid" -> uuid = uuid(parser.getText());
                case "name" -> name = parser.getText();
                case "parent_provider_uuid" -> parent = uuid(parser.getText());
                case "root_provider_uuid" -> root = uuid(parser.getText());
                case "generation" -> generation = parser.getIntValue();
                default -> parser.skipChildren();
            }
        }
        expect(parser, parser.currentToken(), JsonToken.END_OBJECT);
        if (uuid == null || name == null || root == null || generation < 0) {
            throw new JsonParseException(parser, "a provider without uuid, name, root or generation");
        }
        return new ResourceProvider(uuid, name, parent, root, generation);
    }

    private static void expect(JsonParser parser, @Nullable JsonToken token, JsonToken expected) throws IOException {
        if (token != expected) {
            throw new JsonParseException(parser, "%s where %s was expected".formatted(token, expected));
        }
    }

    static ProviderInventories inventories(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREES.readTree(body);
        Map<ResourceClass, Inventory> byClass = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : needed(json, "inventories").properties()) {
            JsonNode one = entry.getValue();
            byClass.put(
                    new ResourceClass(entry.getKey()),
                    new Inventory(
                            integer(one, "total"),
                            integer(one, "reserved"),
                            integer(one, "min_unit"),
                            integer(one, "max_unit"),
                            integer(one, "step_size"),
                            needed(one, "allocation_ratio").asDouble()));
        }
        return new ProviderInventories(generation(json), byClass);
    }

    static ProviderTraits traits(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREES.readTree(body);
        return new ProviderTraits(generation(json), traitNames(json));
    }

    static Set<Trait> traitNames(InputStream body) throws IOException {
        return new TreeSet<>(elements(body, "traits", ResponseLimits.NAMES, parser -> new Trait(text(parser))));
    }

    private static List<Trait> traitNames(JsonNode json) throws IOException {
        return StreamSupport.stream(needed(json, "traits").spliterator(), false)
                .map(name -> new Trait(name.asText()))
                .toList();
    }

    static Set<ResourceClass> resourceClasses(InputStream body) throws IOException {
        return new TreeSet<>(elements(body, "resource_classes", ResponseLimits.NAMES, ResponseBodies::resourceClass));
    }

    private static ResourceClass resourceClass(JsonParser parser) throws IOException {
        expect(parser, parser.currentToken(), JsonToken.START_OBJECT);
        @Nullable String name = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = "name".equals(parser.currentName());
            parser.nextToken();
            if (wanted) {
                name = text(parser);
            } else {
                parser.skipChildren();
            }
        }
        expect(parser, parser.currentToken(), JsonToken.END_OBJECT);
        if (name == null) {
            throw new JsonParseException(parser, "a resource class without name");
        }
        return new ResourceClass(name);
    }

    private static String text(JsonParser parser) throws IOException {
        expect(parser, parser.currentToken(), JsonToken.VALUE_STRING);
        return parser.getText();
    }

    static int newGeneration(InputStream body) throws IOException {
        return generation(ResponseLimits.TREES.readTree(body));
    }

    static ProviderAllocations providerAllocations(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREES.readTree(body);
        TreeMap<UUID, Map<ResourceClass, Integer>> byConsumer = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : needed(json, "allocations").properties()) {
            byConsumer.put(uuid(entry.getKey()), amounts(entry.getValue()));
        }
        return new ProviderAllocations(generation(json), byConsumer);
    }

    static Allocation allocation(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREES.readTree(body);
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : needed(json, "allocations").properties()) {
            resources.put(uuid(entry.getKey()), amounts(entry.getValue()));
        }
        JsonNode generation = json.path("consumer_generation");
        return new Allocation(
                resources,
                json.path("project_id").asText(""),
                json.path("user_id").asText(""),
                generation.isInt() ? generation.intValue() : null,
                json.path("consumer_type").asText(UNKNOWN_TYPE));
    }

    private static Map<ResourceClass, Integer> amounts(JsonNode holder) throws IOException {
        Map<ResourceClass, Integer> amounts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : needed(holder, "resources").properties()) {
            amounts.put(new ResourceClass(entry.getKey()), entry.getValue().asInt());
        }
        return Map.copyOf(amounts);
    }

    private static UUID uuid(String text) throws IOException {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new JsonParseException(null, "'%s' is no uuid".formatted(SafeText.line(text, MAX_SHOWN)), e);
        }
    }

    private static int generation(JsonNode json) throws IOException {
        return integer(json, "resource_provider_generation");
    }

    private static int integer(JsonNode json, String field) throws IOException {
        JsonNode value = needed(json, field);
        if (!value.canConvertToInt()) {
            throw new JsonParseException(null, "'%s' is no number".formatted(field));
        }
        return value.intValue();
    }

    private static JsonNode needed(JsonNode json, String field) throws IOException {
        JsonNode value = json.get(field);
        if (value == null || value.isNull()) {
            throw new JsonParseException(null, "there is no '%s'".formatted(field));
        }
        return value;
    }
}
