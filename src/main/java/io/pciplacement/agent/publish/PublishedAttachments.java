package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The state of libvirt in {@code status.agent.libvirt}, and which attachments {@code status.attachments} has. If two of
 * them are equal, no write is necessary.
 *
 * @param lastTransitionTime when {@code reachable} changed, RFC 3339
 * @param hash hash of the attachments; null if there is no list
 * @param servers number of servers in the list; -1 if there is no list
 * @param incomplete whether attachments may be missing or outdated although libvirt is reachable
 * @param error why libvirt is not reachable, or what is missing; null if there is no error
 */
record PublishedAttachments(
        boolean reachable,
        String lastTransitionTime,
        @Nullable String hash,
        int servers,
        boolean incomplete,
        @Nullable String error) {

    /** Writes the field {@code libvirt} of {@code status.agent}. */
    void writeState(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("libvirt");
        out.writeBooleanField("reachable", reachable);
        out.writeStringField("lastTransitionTime", lastTransitionTime);
        OptionalField.write(out, "attachmentsHash", hash);
        out.writeBooleanField("incomplete", incomplete);
        OptionalField.write(out, "error", error);
        out.writeEndObject();
    }

    /** Parser of the fields of an object, which may be in any order. */
    static final class Parser {

        private final JsonFactory factory;
        private final boolean withList;
        private boolean hasState;
        private boolean reachable;
        private String lastTransitionTime = "";
        private @Nullable String hash;
        private int servers = -1;
        private boolean incomplete;
        private @Nullable String error;
        private @Nullable String array;

        Parser(JsonFactory factory, boolean withList) {
            this.factory = factory;
            this.withList = withList;
        }

        void parseState(JsonParser json) throws IOException {
            hasState = true;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                switch (name) {
                    case "reachable" -> reachable = json.getValueAsBoolean();
                    case "lastTransitionTime" -> lastTransitionTime = json.getValueAsString("");
                    case "attachmentsHash" -> hash = json.getValueAsString();
                    case "incomplete" -> incomplete = json.getValueAsBoolean();
                    case "error" -> error = json.getValueAsString();
                    default -> json.skipChildren();
                }
            }
        }

        void parseList(JsonParser json) throws IOException {
            PublishedArray list = PublishedArray.read(json, factory, withList);
            servers = list.entries();
            array = list.json();
        }

        /** What the object has; null if it has neither field. */
        @Nullable PublishedAttachments toResult() {
            return hasState || servers >= 0
                    ? new PublishedAttachments(reachable, lastTransitionTime, hash, servers, incomplete, error)
                    : null;
        }

        /** The published list; null if there is none, or it was not requested. */
        @Nullable SerializedAttachments toList() {
            return array == null || hash == null ? null : new SerializedAttachments(array, hash, servers, null);
        }
    }
}
