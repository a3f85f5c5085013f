package io.pciplacement.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;

/**
 * Streaming reader of AdmissionReview bodies. It keeps the few fields that decisions need and skips the rest, so that
 * the memory for one request depends on the limits below and not on what a client sends: as a tree, JSON such as
 * {@code [{},{},...]} takes thirty times its size. The API server checks objects against the CRDs before it calls the
 * webhook; other clients do not, hence the limits here.
 */
final class AdmissionReviewReader {

    /** More than the largest valid specs and statuses, before and after a change, have together. */
    static final int MAX_VALUES = 20_000;

    /** The largest maxItems of a list in the specs and in the status of a PciAllocation. */
    static final int MAX_ITEMS = 64;

    private static final Set<String> METADATA = Set.of("name", "deletionTimestamp");

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Field names are chosen by clients, so they are neither interned nor kept in a symbol table. */
    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(100).build())
            .build();

    private final JsonParser parser;
    private int values;
    private String uid = "";
    private JsonNode kind = MissingNode.getInstance();
    private JsonNode object = MissingNode.getInstance();
    private JsonNode oldObject = MissingNode.getInstance();

    private AdmissionReviewReader(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * Reads one AdmissionReview.
     *
     * @throws UnreadableReviewException if the body is not one, or exceeds the limits
     */
    static AdmissionReview readReview(byte[] body) throws UnreadableReviewException {
        try (JsonParser parser = JSON.createParser(body)) {
            return new AdmissionReviewReader(parser).parseReview();
        } catch (JsonProcessingException e) {
            // Not the exception's message, which quotes the body.
            throw new UnreadableReviewException("the body is not valid JSON");
        } catch (IOException e) {
            throw new UnreadableReviewException("the body is not valid UTF-8");
        }
    }

    private AdmissionReview parseReview() throws IOException, UnreadableReviewException {
        parser.nextToken();
        expectObject("the body");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            if (enterField().equals("request")) {
                expectObject("request");
                parseRequest();
            } else {
                parser.skipChildren();
            }
        }
        if (uid.isEmpty() || !kind.path("kind").isTextual()) {
            throw new UnreadableReviewException("request.uid or request.kind is missing");
        }
        return new AdmissionReview(
                uid, kind.path("group").asText(), kind.path("kind").textValue(), object, oldObject);
    }

    private void parseRequest() throws IOException, UnreadableReviewException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            switch (enterField()) {
                case "uid" -> uid = parseValue().asText();
                case "kind" -> kind = parseValue();
                case "object" -> object = parseObject();
                case "oldObject" -> oldObject = parseObject();
                default -> parser.skipChildren();
            }
        }
    }

    private JsonNode parseObject() throws IOException, UnreadableReviewException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return MissingNode.getInstance();
        }
        expectObject("the reviewed object");
        ObjectNode reduced = NODES.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = enterField();
            switch (name) {
                case "metadata" -> reduced.set(name, parseMetadata());
                case "spec" -> reduced.set(name, parseFields());
                // The status of a host is its device list, by far the largest part of the object.
                case "status" -> {
                    if (kind.path("kind").asText().equals("PciAllocation")) {
                        reduced.set(name, parseFields());
                    } else {
                        parser.skipChildren();
                    }
                }
                default -> parser.skipChildren();
            }
        }
        return reduced;
    }

    private JsonNode parseMetadata() throws IOException, UnreadableReviewException {
        expectObject("metadata");
        ObjectNode reduced = NODES.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = enterField();
            if (METADATA.contains(name)) {
                reduced.set(name, parseValue());
            } else {
                parser.skipChildren();
            }
        }
        return reduced;
    }

    private JsonNode parseFields() throws IOException, UnreadableReviewException {
        expectObject("spec or status");
        return parseValue();
    }

    private JsonNode parseValue() throws IOException, UnreadableReviewException {
        if (++values > MAX_VALUES) {
            throw new UnreadableReviewException("the object has more than %d values".formatted(MAX_VALUES));
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                ObjectNode node = NODES.objectNode();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = enterField();
                    node.set(name, parseValue());
                }
                yield node;
            }
            case START_ARRAY -> {
                ArrayNode node = NODES.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (node.size() == MAX_ITEMS) {
                        throw new UnreadableReviewException("a list has more than %d items".formatted(MAX_ITEMS));
                    }
                    if (parser.currentToken() == JsonToken.VALUE_NULL) {
                        throw new UnreadableReviewException("a list contains null");
                    }
                    node.add(parseValue());
                }
                yield node;
            }
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parseNumber();
            case VALUE_TRUE, VALUE_FALSE -> NODES.booleanNode(parser.getBooleanValue());
            default -> NODES.nullNode();
        };
    }

    private JsonNode parseNumber() throws IOException {
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            case BIG_INTEGER -> NODES.numberNode(parser.getBigIntegerValue());
            default -> NODES.numberNode(parser.getDoubleValue());
        };
    }

    /** Moves to the value of the current field and returns the name of the field. */
    private String enterField() throws IOException {
        String name = parser.currentName();
        parser.nextToken();
        return name;
    }

    private void expectObject(String what) throws UnreadableReviewException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new UnreadableReviewException("%s is not an object".formatted(what));
        }
    }
}
