package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.log.RepeatedFailureLogger;
import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SkippedDevices;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.pci.HostDevices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the agent's part of its node's HostPciInventory as the host is: writes the whole of it by server-side apply,
 * and only when it is not shown already. It never waits itself; {@link #attempt} says when it wants to be called again.
 */
public final class InventoryPublisher {

    private static final int LONGEST_ERROR = 1024;
    private static final int LONGEST_VERSION = 64;
    private static final int LONGEST_BOOT_ID = 36;

    /** Who writes: the version of the agent, and the boot of the host that it runs on. */
    public record AgentIdentity(String version, String bootId) {
        public AgentIdentity {
            version = PrintableText.of(version, LONGEST_VERSION);
            bootId = PrintableText.of(bootId, LONGEST_BOOT_ID);
        }
    }

    private final KubernetesApiClient api;
    private final String node;
    private final InventoryPublisher.AgentIdentity writer;
    private final Duration checkInterval;
    private final RandomGenerator random;
    private final JsonFactory json;
    private final LogfmtLogger log;
    private final AgentBackoff missing;
    private final AgentBackoff failing;
    private final RepeatedFailureLogger trouble;

    private @Nullable ScanResult scan;
    private Instant scannedAt = Instant.EPOCH;
    private @Nullable SerializedDeviceList list;
    private SkippedDevices skipped = SkippedDevices.NONE;
    private @Nullable PublishedStatus shown;
    private boolean waiting;
    private boolean troubled;

    /** @param checkInterval how often to look whether the object still shows what was written */
    public InventoryPublisher(
            KubernetesApiClient api,
            String node,
            InventoryPublisher.AgentIdentity writer,
            Duration checkInterval,
            RandomGenerator random,
            JsonFactory json,
            LogfmtLogger log) {
        this.api = api;
        this.node = node;
        this.writer = writer;
        this.checkInterval = checkInterval;
        this.random = random;
        this.json = json;
        this.log = log;
        this.missing = new AgentBackoff(Duration.ofMillis(500), Duration.ofSeconds(5), random);
        this.failing = new AgentBackoff(Duration.ofMillis(500), Duration.ofSeconds(30), random);
        this.trouble = new RepeatedFailureLogger(log, "publish the devices of " + node);
    }

    /** Takes a scan's result. True when it should be published now; false when it is shown, or a backoff is on. */
    public boolean offer(ScanResult result, Instant at) {
        scan = result;
        scannedAt = at;
        if (result instanceof ScanResult.Complete complete) {
            list = SerializedDeviceList.of(complete.devices(), at, json);
            skipped = complete.skipped();
        }
        return !waiting && !troubled && !wanted(result).equals(shown);
    }

    /** Makes the object show what was scanned last, if it does not. Returns the pause until the next attempt. */
    public Duration attempt() {
        if (scan == null) {
            return checkInterval;
        }
        if (shown == null || wanted(scan).equals(shown)) {
            Duration pause = look();
            if (pause != null) {
                return pause;
            }
        }
        PublishedStatus wanted = wanted(scan);
        if (!wanted.equals(shown)) {
            Duration pause = write(wanted);
            if (pause != null) {
                return pause;
            }
        }
        return check();
    }

    /** Reads what the object shows. Null when that has worked. */
    private @Nullable Duration look() {
        return switch (api.get(path())) {
            case ApiResponse.Success done -> {
                try {
                    PublishedStatus.Parsed read = PublishedStatus.read(json, done.body(), list == null);
                    shown = read.shown();
                    // After a restart this is the last list that is known to have been right.
                    skipped = list == null ? shown.skipped() : skipped;
                    list = list == null ? read.list() : list;
                    yield null;
                } catch (IOException e) {
                    yield failed("the answer to GET " + path() + " cannot be read: " + e.getMessage());
                }
            }
            case ApiResponse.NotFound _ -> missing();
            case ApiResponse.Rejected refused -> failed(refused.reason());
            case ApiResponse.Unreachable unreachable -> failed(unreachable.reason());
        };
    }

    /** Applies the whole of what the agent owns. Null when that has worked. */
    private @Nullable Duration write(PublishedStatus wanted) {
        return switch (api.apply(path() + "/status", false, body(wanted))) {
            case ApiResponse.Success _ -> {
                shown = wanted;
                tell(wanted);
                yield null;
            }
            case ApiResponse.NotFound _ -> missing();
            case ApiResponse.Rejected refused -> failed(refused.reason());
            case ApiResponse.Unreachable unreachable -> failed(unreachable.reason());
        };
    }

    private void tell(PublishedStatus written) {
        if (written.error() == null) {
            log.info("published", "node", node, "entries", written.entries(), "hash", written.hash());
        } else {
            log.warn("published an error", "node", node, "entries", written.entries(), "error", written.error());
        }
    }

    private Duration check() {
        trouble.over();
        waiting = false;
        troubled = false;
        missing.reset();
        failing.reset();
        return Duration.ofMillis((long) (checkInterval.toMillis() * (0.8 + 0.2 * random.nextDouble())));
    }

    private Duration missing() {
        shown = null;
        if (!waiting) {
            log.info("waiting for the operator to create the HostPciInventory of this node", "node", node);
        }
        waiting = true;
        return missing.next();
    }

    private Duration failed(String reason) {
        shown = null; // a write that was not answered may have been done
        troubled = true;
        trouble.failed(reason);
        return failing.next();
    }

    /** What the object is to show after this scan; may turn an empty scan into an empty list. */
    private PublishedStatus wanted(ScanResult result) {
        String error = switch (result) {
            case ScanResult.Complete _ -> list == null ? null : list.omitted();
            case ScanResult.Failed failed -> failed.reason();
            case ScanResult.Empty nothing -> empty(nothing);
        };
        SerializedDeviceList known = list;
        return new PublishedStatus(
                writer.version(),
                writer.bootId(),
                known == null ? null : known.hash(),
                known == null ? -1 : known.entries(),
                known != null && known.omitted() != null,
                error == null ? null : PrintableText.of(error, LONGEST_ERROR),
                skipped);
    }

    /** A host that had devices has a bridge at least: when nothing at all is listed, what is read is not its sysfs. */
    private @Nullable String empty(ScanResult.Empty nothing) {
        SerializedDeviceList known = list;
        if (known != null && known.entries() > 0) {
            return nothing.place()
                    + " is empty, and was not before; the last list is kept: is the host's /sys mounted there?";
        }
        if (known == null && shown != null) {
            list = SerializedDeviceList.of(HostDevices.NONE, scannedAt, json);
        }
        return null;
    }

    private String path() {
        return "/apis/" + ApiConstants.GROUP + "/" + ApiConstants.VERSION + "/hostpciinventories/" + node;
    }

    private byte[] body(PublishedStatus wanted) {
        SerializedDeviceList known = list;
        ByteArrayOutputStream body = new ByteArrayOutputStream(
                512 + (known == null ? 0 : known.json().length()));
        try (JsonGenerator out = json.createGenerator(body)) {
            out.writeStartObject();
            out.writeStringField("apiVersion", ApiConstants.GROUP + "/" + ApiConstants.VERSION);
            out.writeStringField("kind", "HostPciInventory");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", node);
            out.writeEndObject();
            out.writeObjectFieldStart("status");
            out.writeObjectFieldStart("agent");
            text(out, "version", wanted.version());
            text(out, "bootId", wanted.bootId());
            text(out, "scannedAt", known == null ? null : known.scannedAt());
            text(out, "inventoryHash", wanted.hash());
            out.writeBooleanField("truncated", wanted.truncated());
            text(out, "error", wanted.error());
            skipped(out, wanted.skipped());
            out.writeEndObject();
            if (known != null) {
                out.writeFieldName("devices");
                out.writeRawValue(known.json());
            }
            out.writeEndObject();
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return body.toByteArray();
    }

    private static void skipped(JsonGenerator out, SkippedDevices skipped) throws IOException {
        if (skipped.count() > 0) {
            out.writeObjectFieldStart("skipped");
            out.writeNumberField("count", skipped.count());
            out.writeArrayFieldStart("reasons");
            for (SkippedDevices.Group group : skipped.groups()) {
                out.writeStartObject();
                out.writeStringField("reason", group.reason());
                out.writeNumberField("count", group.count());
                out.writeArrayFieldStart("addresses");
                for (String address : group.addresses()) {
                    out.writeString(address);
                }
                out.writeEndArray();
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        }
    }

    private static void text(JsonGenerator out, String name, @Nullable String value) throws IOException {
        if (value != null) {
            out.writeStringField(name, value);
        }
    }
}
