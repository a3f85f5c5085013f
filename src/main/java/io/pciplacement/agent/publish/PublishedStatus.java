package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pciplacement.agent.sysfs.SkippedDevices;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The agent's part of a HostPciInventory's status, published or desired. If both are equal, no write is necessary; the
 * time of the scan is not part of the comparison.
 *
 * @param hash the hash of the device list; null if there is no list
 * @param entries number of entries in the list; -1 if there is no list
 * @param attachments what is published of libvirt; null if nothing is
 */
record PublishedStatus(
        @Nullable String version,
        @Nullable String bootId,
        @Nullable String hash,
        int entries,
        boolean truncated,
        @Nullable String error,
        SkippedDevices skipped,
        @Nullable PublishedAttachments attachments) {

    /**
     * The agent's part of an object as the API server returns it.
     *
     * @param list the published list, which is applied again if the next scan fails; null if there is none
     * @param attachments the same for the attachments
     * @param resourceVersion the object's version; null if it has none
     */
    record Parsed(
            PublishedStatus status,
            @Nullable SerializedDeviceList list,
            @Nullable SerializedAttachments attachments,
            @Nullable String resourceVersion) {}

    /**
     * Parses an object as a stream, so that one with thousands of devices needs no memory unless its lists are
     * requested.
     */
    static Parsed parseObject(JsonFactory factory, byte[] object, boolean withList, boolean withAttachments)
            throws IOException {
        StatusParser parser = new StatusParser(factory, withList, withAttachments);
        String resourceVersion = null;
        try (JsonParser json = factory.createParser(object)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                boolean isObject = json.nextToken() == JsonToken.START_OBJECT;
                if (isObject && name.equals("status")) {
                    parser.parseStatus(json);
                } else if (isObject && name.equals("metadata")) {
                    resourceVersion = parseMetadata(json);
                } else {
                    json.skipChildren();
                }
            }
        }
        return parser.toResult(resourceVersion);
    }

    private static @Nullable String parseMetadata(JsonParser json) throws IOException {
        String resourceVersion = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("resourceVersion")) {
                resourceVersion = json.getValueAsString();
            } else {
                json.skipChildren();
            }
        }
        return resourceVersion;
    }

    /** Parser of the status that accepts the fields in any order. */
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
        private @Nullable String deviceArray;
        private final PublishedAttachments.Parser attachments;

        StatusParser(JsonFactory factory, boolean withList, boolean withAttachments) {
            this.attachments = new PublishedAttachments.Parser(factory, withAttachments);
            this.factory = factory;
            this.withList = withList;
        }

        void parseStatus(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("agent") && value == JsonToken.START_OBJECT) {
                    parseAgent(json);
                } else if (name.equals("devices") && value == JsonToken.START_ARRAY) {
                    parseDevices(json);
                } else if (name.equals("attachments") && value == JsonToken.START_ARRAY) {
                    attachments.parseList(json);
                } else {
                    json.skipChildren();
                }
            }
        }

        private void parseAgent(JsonParser json) throws IOException {
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
                    case "skipped" -> parseSkipped(json);
                    case "libvirt" -> attachments.parseState(json);
                    default -> json.skipChildren();
                }
            }
        }

        private void parseSkipped(JsonParser json) throws IOException {
            List<SkippedDevices.Group> groups = new ArrayList<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.START_ARRAY && name.equals("reasons")) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        groups.add(parseGroup(json));
                    }
                } else {
                    json.skipChildren();
                }
            }
            skipped = new SkippedDevices(groups);
        }

        private static SkippedDevices.Group parseGroup(JsonParser json) throws IOException {
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

        private void parseDevices(JsonParser json) throws IOException {
            PublishedArray devices = PublishedArray.read(json, factory, withList);
            entries = devices.entries();
            deviceArray = devices.json();
        }

        Parsed toResult(@Nullable String resourceVersion) {
            SerializedDeviceList list = deviceArray == null || hash == null
                    ? null
                    : new SerializedDeviceList(
                            deviceArray, hash, entries, scannedAt, truncated ? String.valueOf(error) : null);
            PublishedStatus status = new PublishedStatus(
                    version, bootId, hash, entries, truncated, error, skipped, attachments.toResult());
            return new Parsed(status, list, attachments.toList(), resourceVersion);
        }
    }
}
