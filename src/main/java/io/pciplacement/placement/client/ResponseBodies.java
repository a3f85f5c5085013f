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

/** JSON readers for the bodies of Placement's responses. */
final class ResponseBodies {

    /** Maximum length of an invalid value in a message. */
    private static final int MAX_QUOTED_LENGTH = 60;

    /** Type that Placement returns for a consumer without a type; it rejects this type in requests. */
    static final String UNKNOWN_TYPE = Allocation.UNKNOWN_TYPE;

    private ResponseBodies() {}

    /** Parsed as a stream: the listing of a large cloud has tens of megabytes, most of it links. */
    static List<ResourceProvider> readProviders(InputStream body) throws IOException {
        return readElements(body, "resource_providers", ResponseLimits.MAX_PROVIDERS, parser -> {
            requireToken(parser, parser.currentToken(), JsonToken.START_OBJECT);
            return readProvider(parser);
        });
    }

    /** Reader of the value at the current position of a parser. */
    @FunctionalInterface
    private interface Element<T> {
        T readElement(JsonParser parser) throws IOException;
    }

    /** Reads the elements of one array of the body, which must be an object. */
    private static <T> List<T> readElements(InputStream body, String field, int limit, Element<T> element)
            throws IOException {
        @Nullable List<T> elements = null;
        try (JsonParser parser = ResponseLimits.STREAMING_FACTORY.createParser(body)) {
            requireToken(parser, parser.nextToken(), JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isRequestedField = field.equals(parser.currentName());
                JsonToken value = parser.nextToken();
                if (isRequestedField) {
                    requireToken(parser, value, JsonToken.START_ARRAY);
                    elements = new ArrayList<>();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        if (elements.size() == limit) {
                            throw new ResponseTooLargeException(
                                    "the response has more than %d %s".formatted(limit, field));
                        }
                        elements.add(element.readElement(parser));
                    }
                } else {
                    parser.skipChildren();
                }
            }
            requireToken(parser, parser.currentToken(), JsonToken.END_OBJECT);
        }
        if (elements == null) {
            throw new JsonParseException(null, "'%s' is missing".formatted(field));
        }
        return elements;
    }

    static ResourceProvider readProvider(InputStream body) throws IOException {
        try (JsonParser parser = ResponseLimits.STREAMING_FACTORY.createParser(body)) {
            requireToken(parser, parser.nextToken(), JsonToken.START_OBJECT);
            return readProvider(parser);
        }
    }

    private static ResourceProvider readProvider(JsonParser parser) throws IOException {
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
                case "uuid" -> uuid = parseUuid(parser.getText());
                case "name" -> name = parser.getText();
                case "parent_provider_uuid" -> parent = parseUuid(parser.getText());
                case "root_provider_uuid" -> root = parseUuid(parser.getText());
                case "generation" -> generation = parser.getIntValue();
                default -> parser.skipChildren();
            }
        }
        requireToken(parser, parser.currentToken(), JsonToken.END_OBJECT);
        if (uuid == null || name == null || root == null || generation < 0) {
            throw new JsonParseException(parser, "a provider without uuid, name, root or generation");
        }
        return new ResourceProvider(uuid, name, parent, root, generation);
    }

    private static void requireToken(JsonParser parser, @Nullable JsonToken token, JsonToken expected)
            throws IOException {
        if (token != expected) {
            throw new JsonParseException(parser, "%s instead of %s".formatted(token, expected));
        }
    }

    static ProviderInventories readInventories(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREE_MAPPER.readTree(body);
        Map<ResourceClass, Inventory> byClass = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                requireField(json, "inventories").properties()) {
            JsonNode one = entry.getValue();
            byClass.put(
                    new ResourceClass(entry.getKey()),
                    new Inventory(
                            requireInteger(one, "total"),
                            requireInteger(one, "reserved"),
                            requireInteger(one, "min_unit"),
                            requireInteger(one, "max_unit"),
                            requireInteger(one, "step_size"),
                            requireField(one, "allocation_ratio").asDouble()));
        }
        return new ProviderInventories(readGeneration(json), byClass);
    }

    static ProviderTraits readTraits(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREE_MAPPER.readTree(body);
        return new ProviderTraits(readGeneration(json), readTraitNames(json));
    }

    static Set<Trait> readTraitNames(InputStream body) throws IOException {
        return new TreeSet<>(
                readElements(body, "traits", ResponseLimits.MAX_NAMES, parser -> new Trait(readString(parser))));
    }

    private static List<Trait> readTraitNames(JsonNode json) throws IOException {
        return StreamSupport.stream(requireField(json, "traits").spliterator(), false)
                .map(name -> new Trait(name.asText()))
                .toList();
    }

    static Set<ResourceClass> readResourceClasses(InputStream body) throws IOException {
        return new TreeSet<>(
                readElements(body, "resource_classes", ResponseLimits.MAX_NAMES, ResponseBodies::readResourceClass));
    }

    private static ResourceClass readResourceClass(JsonParser parser) throws IOException {
        requireToken(parser, parser.currentToken(), JsonToken.START_OBJECT);
        @Nullable String name = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean isName = "name".equals(parser.currentName());
            parser.nextToken();
            if (isName) {
                name = readString(parser);
            } else {
                parser.skipChildren();
            }
        }
        requireToken(parser, parser.currentToken(), JsonToken.END_OBJECT);
        if (name == null) {
            throw new JsonParseException(parser, "a resource class without name");
        }
        return new ResourceClass(name);
    }

    private static String readString(JsonParser parser) throws IOException {
        requireToken(parser, parser.currentToken(), JsonToken.VALUE_STRING);
        return parser.getText();
    }

    static int readNewGeneration(InputStream body) throws IOException {
        return readGeneration(ResponseLimits.TREE_MAPPER.readTree(body));
    }

    static ProviderAllocations readProviderAllocations(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREE_MAPPER.readTree(body);
        TreeMap<UUID, Map<ResourceClass, Integer>> byConsumer = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                requireField(json, "allocations").properties()) {
            byConsumer.put(parseUuid(entry.getKey()), readAmounts(entry.getValue()));
        }
        return new ProviderAllocations(readGeneration(json), byConsumer);
    }

    static Allocation readAllocation(InputStream body) throws IOException {
        JsonNode json = ResponseLimits.TREE_MAPPER.readTree(body);
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry :
                requireField(json, "allocations").properties()) {
            resources.put(parseUuid(entry.getKey()), readAmounts(entry.getValue()));
        }
        JsonNode generation = json.path("consumer_generation");
        return new Allocation(
                resources,
                json.path("project_id").asText(""),
                json.path("user_id").asText(""),
                generation.isInt() ? generation.intValue() : null,
                json.path("consumer_type").asText(UNKNOWN_TYPE));
    }

    private static Map<ResourceClass, Integer> readAmounts(JsonNode holder) throws IOException {
        Map<ResourceClass, Integer> amounts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                requireField(holder, "resources").properties()) {
            amounts.put(new ResourceClass(entry.getKey()), entry.getValue().asInt());
        }
        return Map.copyOf(amounts);
    }

    private static UUID parseUuid(String text) throws IOException {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new JsonParseException(
                    null, "'%s' is not a uuid".formatted(SafeText.singleLine(text, MAX_QUOTED_LENGTH)), e);
        }
    }

    private static int readGeneration(JsonNode json) throws IOException {
        return requireInteger(json, "resource_provider_generation");
    }

    private static int requireInteger(JsonNode json, String field) throws IOException {
        JsonNode value = requireField(json, field);
        if (!value.canConvertToInt()) {
            throw new JsonParseException(null, "'%s' is not an integer".formatted(field));
        }
        return value.intValue();
    }

    private static JsonNode requireField(JsonNode json, String field) throws IOException {
        JsonNode value = json.get(field);
        if (value == null || value.isNull()) {
            throw new JsonParseException(null, "'%s' is missing".formatted(field));
        }
        return value;
    }
}
