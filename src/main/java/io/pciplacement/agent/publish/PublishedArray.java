package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/**
 * A list in a published status.
 *
 * @param entries number of its entries
 * @param json the list, null if it was not requested
 */
record PublishedArray(int entries, @Nullable String json) {

    /** Reads the list that a parser has just entered; without its text, a long list needs no memory. */
    static PublishedArray read(JsonParser parser, JsonFactory factory, boolean withText) throws IOException {
        int entries = 0;
        StringWriter text = new StringWriter();
        try (JsonGenerator copy = factory.createGenerator(text)) {
            copy.writeStartArray();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                entries++;
                if (withText) {
                    copy.copyCurrentStructure(parser);
                } else {
                    parser.skipChildren();
                }
            }
            copy.writeEndArray();
        }
        return new PublishedArray(entries, withText ? text.toString() : null);
    }
}
