package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.text.CountFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Attachments in the form in which they are published: canonical JSON within the limits of the CRD, with its hash.
 *
 * @param json the JSON array
 * @param hash hash of the array; it changes if and only if the attachments change
 * @param servers number of servers in the array
 * @param omitted what was omitted because the list is too long, or null
 */
record SerializedAttachments(
        String json, String hash, int servers, @Nullable String omitted) {

    static final int MAX_SERVERS = 256;

    /** Limit over all servers, which keeps the object well below etcd's size limit. */
    static final int MAX_DEVICES = 1024;

    static SerializedAttachments serialize(List<AttachedServer> servers, JsonFactory factory) {
        StringWriter text = new StringWriter();
        int published = 0;
        int devices = 0;
        try (JsonGenerator json = factory.createGenerator(text)) {
            json.writeStartArray();
            for (AttachedServer server : servers) {
                int total = devices + server.devices().size();
                // A server is published with all of its devices or not at all.
                if (published < MAX_SERVERS && total <= MAX_DEVICES) {
                    writeServer(json, server);
                    published++;
                    devices = total;
                }
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        String array = text.toString();
        int missing = servers.size() - published;
        return new SerializedAttachments(
                array,
                ContentHash.sha256(array),
                published,
                missing == 0
                        ? null
                        : CountFormat.format(missing, "server exceeds", "servers exceed") + " the limits of the list ("
                                + MAX_SERVERS + " servers, " + MAX_DEVICES + " devices)");
    }

    private static void writeServer(JsonGenerator json, AttachedServer server) throws IOException {
        json.writeStartObject();
        json.writeStringField("serverUuid", server.uuid().toString());
        json.writeStringField("serverName", server.name());
        OptionalField.write(json, "projectId", server.projectId());
        OptionalField.write(json, "userId", server.userId());
        json.writeBooleanField("running", server.running());
        json.writeArrayFieldStart("devices");
        for (Map.Entry<PciAddress, AttachmentKind> device : server.devices().entrySet()) {
            json.writeStartObject();
            json.writeStringField("address", device.getKey().toString());
            json.writeStringField("kind", device.getValue().value());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
