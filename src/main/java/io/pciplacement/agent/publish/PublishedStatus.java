package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pciplacement.agent.sysfs.SkippedDevices;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a HostPciInventory shows, or is to show, of this agent. Two that are equal need no write; when the list was read
 * is not part of it.
 *
 * @param hash the list's, or null where there is no list
 * @param entries how many the list has, or -1
 */
record PublishedStatus(
        @Nullable String version,
        @Nullable String bootId,
        @Nullable String hash,
        int entries,
        boolean truncated,
        @Nullable String error,
        SkippedDevices skipped) {

    /**
     * The agent's part of an object as the API server returns it.
     *
     * @param list the published list, to be applied again when the next scan fails; null where there is none
     */
    record Parsed(PublishedStatus shown, @Nullable SerializedDeviceList list) {}

    /** Reads no more than it needs: an object with thousands of devices costs a moment and no memory. */
    static PublishedStatus.Parsed read(JsonFactory factory, byte[] object, boolean withList) throws IOException {
        PublishedStatus.StatusParser reading = new PublishedStatus.StatusParser(factory, withList);
        try (JsonParser json = factory.createParser(object)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean status = json.currentName().equals("status");
                if (json.nextToken() == JsonToken.START_OBJECT && status) {
                    reading.status(json);
                } else {
                    json.skipChildren();
                }
            }
        }
        return reading.result();
    }

    /** The values as they come along; their order in the object does not matter. */
    private static final class StatusParser {
        private final JsonFactory factory;
        private final boolean withList;
        private @Nullable String version;
        private @Nullable String bootId;
        private @Nullable String scannedAt;
        private @Nullable String hash;
        private @Nullable String error;
        private boolean truncated;
        private SkippedDevices skipped = SkippedDevices.NONE;
        private int entries = -1;
        private @Nullable String array;

        StatusParser(JsonFactory factory, boolean withList) {
            this.factory = factory;
            this.withList = withList;
        }

        void status(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("agent") && value == JsonToken.START_OBJECT) {
                    agent(json);
                } else if (name.equals("devices") && value == JsonToken.START_ARRAY) {
                    devices(json);
                } else {
                    json.skipChildren();
                }
            }
        }

        private void agent(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                switch (name) {
                    case "version" -> version = json.getValueAsString();
                    case "bootId" -> bootId = json.getValueAsString();
                    case "scannedAt" -> scannedAt = json.getValueAsString();
                    case "inventoryHash" -> hash = json.getValueAsString();
                    case "error" -> error = json.getValueAsString();
                    case "truncated" -> truncated = json.getValueAsBoolean();
                    case "skipped" -> skipped(json);
                    default -> json.skipChildren();
                }
            }
        }

        private void skipped(JsonParser json) throws IOException {
            List<SkippedDevices.Group> groups = new ArrayList<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.START_ARRAY && name.equals("reasons")) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        groups.add(group(json));
                    }
                } else {
                    json.skipChildren();
                }
            }
            skipped = new SkippedDevices(groups);
        }

        private static SkippedDevices.Group group(JsonParser json) throws IOException {
            String reason = "";
            int count = 0;
            List<String> addresses = new ArrayList<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("reason")) {
                    reason = json.getValueAsString("");
                } else if (name.equals("count")) {
                    count = json.getValueAsInt();
                } else if (name.equals("addresses") && value == JsonToken.START_ARRAY) {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        addresses.add(json.getValueAsString(""));
                    }
                } else {
                    json.skipChildren();
                }
            }
            return new SkippedDevices.Group(reason, count, addresses);
        }

        private void devices(JsonParser json) throws IOException {
            entries = 0;
            StringWriter text = new StringWriter();
            try (JsonGenerator copy = factory.createGenerator(text)) {
                copy.writeStartArray();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    entries++;
                    if (withList) {
                        copy.copyCurrentStructure(json);
                    } else {
                        json.skipChildren();
                    }
                }
                copy.writeEndArray();
            }
            array = withList ? text.toString() : null;
        }

        PublishedStatus.Parsed result() {
            SerializedDeviceList list = array == null || hash == null
                    ? null
                    : new SerializedDeviceList(
                            array, hash, entries, scannedAt, truncated ? String.valueOf(error) : null);
            return new PublishedStatus.Parsed(
                    new PublishedStatus(version, bootId, hash, entries, truncated, error, skipped), list);
        }
    }
}
