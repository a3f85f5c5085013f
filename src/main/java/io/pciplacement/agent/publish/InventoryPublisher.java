package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.libvirt.AttachmentScan;
import io.pciplacement.agent.log.LogfmtFailureSink;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SkippedDevices;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.retry.ExponentialBackoff;
import io.pciplacement.retry.RepeatedFailureLogger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publisher of the agent's part of its node's HostPciInventory. Writes all of it by server-side apply, and only if the
 * object differs. Blocks only for requests; {@link #reconcile} returns when to call it again.
 */
public final class InventoryPublisher {

    private static final int MAX_ERROR_LENGTH = 1024;
    private static final int MAX_VERSION_LENGTH = 64;
    private static final int MAX_BOOT_ID_LENGTH = 36;

    /** Identity of the writer: the version of the agent and the boot ID of its host. */
    public record AgentIdentity(String version, String bootId) {
        public AgentIdentity {
            version = PrintableText.sanitize(version, MAX_VERSION_LENGTH);
            bootId = PrintableText.sanitize(bootId, MAX_BOOT_ID_LENGTH);
        }
    }

    private final KubernetesApiClient api;
    private final String node;
    private final AgentIdentity identity;
    private final boolean readsLibvirt;
    private final AttachmentPublication attachments;
    private final Duration checkInterval;
    private final RandomGenerator random;
    private final JsonFactory json;
    private final LogfmtLogger log;
    private final ExponentialBackoff missingBackoff;
    private final ExponentialBackoff failureBackoff;
    private final RepeatedFailureLogger failureLogger;

    private @Nullable ScanResult scan;
    private Instant scannedAt = Instant.EPOCH;
    private @Nullable SerializedDeviceList list;
    private SkippedDevices skipped = SkippedDevices.NONE;
    private @Nullable PublishedStatus published;
    /** Resource version of the object from which {@link #published} was read; null if it was written or is unknown. */
    private @Nullable String readVersion;

    private boolean waitingForObject;
    private int missingCount;
    private boolean failing;
    private int failureCount;

    /**
     * Creates a publisher that has not read the object yet.
     *
     * @param readsLibvirt whether attachments are published; if not, those of an earlier agent are removed
     * @param checkInterval how often to check that the object still has the written status
     */
    public InventoryPublisher(
            KubernetesApiClient api,
            String node,
            AgentIdentity identity,
            boolean readsLibvirt,
            Duration checkInterval,
            RandomGenerator random,
            JsonFactory json,
            LogfmtLogger log) {
        this.api = api;
        this.node = node;
        this.identity = identity;
        this.readsLibvirt = readsLibvirt;
        this.attachments = new AttachmentPublication(json);
        this.checkInterval = checkInterval;
        this.random = random;
        this.json = json;
        this.log = log;
        this.missingBackoff = new ExponentialBackoff(Duration.ofMillis(500), Duration.ofSeconds(5));
        this.failureBackoff = new ExponentialBackoff(Duration.ofMillis(500), Duration.ofSeconds(30));
        this.failureLogger = new RepeatedFailureLogger(new LogfmtFailureSink(log, "publish the devices of " + node));
    }

    /** Sets the scan result to publish. Returns false if it is already published or a backoff is pending. */
    public boolean submit(ScanResult result, Instant at) {
        scan = result;
        scannedAt = at;
        if (result instanceof ScanResult.Complete complete) {
            list = SerializedDeviceList.serialize(complete.devices(), complete.health(), at, json);
            skipped = complete.skipped();
        }
        return isDue(result);
    }

    /** Sets the attachments to publish. Returns false if they are already published or a backoff is pending. */
    public boolean submitAttachments(AttachmentScan result, Instant at) {
        attachments.submit(result, at);
        return scan != null && isDue(scan);
    }

    private boolean isDue(ScanResult result) {
        return !waitingForObject && !failing && !desiredStatus(result).equals(published);
    }

    /** Publishes the last scan result if the object differs from it. Returns the delay until the next call. */
    public Duration reconcile() {
        if (scan == null) {
            return checkInterval;
        }
        if (published == null || desiredStatus(scan).equals(published)) {
            Duration delay = readPublished();
            if (delay != null) {
                return delay;
            }
        }
        PublishedStatus desired = desiredStatus(scan);
        if (!desired.equals(published)) {
            Duration delay = applyStatus(desired);
            if (delay != null) {
                return delay;
            }
        }
        return onPublished();
    }

    /** Reads the published status. Returns null on success, otherwise the delay until the next attempt. */
    private @Nullable Duration readPublished() {
        if (published != null && readVersion != null) {
            switch (api.getMetadata(resourcePath())) {
                case ApiResponse.Success success -> {
                    if (isReadVersion(success.body())) {
                        return null;
                    }
                }
                case ApiResponse.Failure failure -> {
                    return onFailure(failure);
                }
            }
        }
        return switch (api.getObject(resourcePath())) {
            case ApiResponse.Success success -> {
                try {
                    PublishedStatus.Parsed parsed = PublishedStatus.parseObject(
                            json, success.body(), list == null, readsLibvirt && !attachments.isRestored());
                    published = parsed.status();
                    readVersion = parsed.resourceVersion();
                    // After a restart, the published list is the last complete one.
                    skipped = list == null ? published.skipped() : skipped;
                    list = list == null ? parsed.list() : list;
                    if (readsLibvirt && !attachments.isRestored()) {
                        attachments.restore(published.attachments(), parsed.attachments());
                    }
                    yield null;
                } catch (IOException e) {
                    yield onFailedRequest("cannot parse the response to GET " + resourcePath() + ": " + e.getMessage());
                }
            }
            case ApiResponse.Failure failure -> onFailure(failure);
        };
    }

    /** Whether the object has not changed since it was read; of a large one, only the metadata is requested. */
    private boolean isReadVersion(byte[] metadata) {
        try {
            return Objects.equals(
                    readVersion,
                    PublishedStatus.parseObject(json, metadata, false, false).resourceVersion());
        } catch (IOException e) {
            return false; // then the object is read, and that error is reported
        }
    }

    /** Applies all fields of the agent. Returns null on success, otherwise the delay until the next attempt. */
    private @Nullable Duration applyStatus(PublishedStatus desired) {
        return switch (api.serverSideApply(resourcePath() + "/status", false, serializeStatus(desired))) {
            case ApiResponse.Success _ -> {
                published = desired;
                readVersion = null;
                logPublished(desired);
                yield null;
            }
            case ApiResponse.Failure failure -> onFailure(failure);
        };
    }

    private Duration onFailure(ApiResponse.Failure failure) {
        return switch (failure) {
            case ApiResponse.NotFound _ -> onObjectMissing();
            case ApiResponse.Rejected rejected -> onFailedRequest(rejected.reason());
            case ApiResponse.Unreachable unreachable -> onFailedRequest(unreachable.reason());
        };
    }

    private void logPublished(PublishedStatus written) {
        if (written.error() == null) {
            log.info("published", "node", node, "entries", written.entries(), "hash", written.hash());
        } else {
            log.warn("published a scan error", "node", node, "entries", written.entries(), "error", written.error());
        }
    }

    private Duration onPublished() {
        failureLogger.onSuccess();
        waitingForObject = false;
        failing = false;
        missingCount = 0;
        failureCount = 0;
        return Duration.ofMillis((long) (checkInterval.toMillis() * (0.8 + 0.2 * random.nextDouble())));
    }

    private Duration onObjectMissing() {
        published = null;
        if (!waitingForObject) {
            log.info("waiting for the operator to create the HostPciInventory of this node", "node", node);
        }
        waitingForObject = true;
        return missingBackoff.delayAfter(missingCount++, random);
    }

    private Duration onFailedRequest(String reason) {
        published = null; // an unanswered write may have been applied
        failing = true;
        failureLogger.onFailure(reason);
        return failureBackoff.delayAfter(failureCount++, random);
    }

    /** The status that the object should have after this scan; may turn an empty scan into an empty list. */
    private PublishedStatus desiredStatus(ScanResult result) {
        String error = switch (result) {
            case ScanResult.Complete _ -> list == null ? null : list.omitted();
            case ScanResult.Failed failed -> failed.reason();
            case ScanResult.Empty empty -> emptyScanError(empty);
        };
        SerializedDeviceList currentList = list;
        return new PublishedStatus(
                identity.version(),
                identity.bootId(),
                currentList == null ? null : currentList.hash(),
                currentList == null ? -1 : currentList.entries(),
                currentList != null && currentList.omitted() != null,
                error == null ? null : PrintableText.sanitize(error, MAX_ERROR_LENGTH),
                skipped,
                attachments.state());
    }

    /**
     * A host with devices always has a bridge, so an empty directory after a list with devices is not the host's sysfs.
     */
    private @Nullable String emptyScanError(ScanResult.Empty empty) {
        SerializedDeviceList currentList = list;
        if (currentList != null && currentList.entries() > 0) {
            return empty.directory()
                    + " is empty, but had devices before; the last list is kept: check that the host's /sys is mounted there";
        }
        if (currentList == null && published != null) {
            list = SerializedDeviceList.serialize(HostDevices.NONE, scannedAt, json);
        }
        return null;
    }

    private String resourcePath() {
        return "/apis/" + ApiConstants.GROUP + "/" + ApiConstants.VERSION + "/hostpciinventories/" + node;
    }

    private byte[] serializeStatus(PublishedStatus desired) {
        SerializedDeviceList currentList = list;
        ByteArrayOutputStream body = new ByteArrayOutputStream(
                512 + (currentList == null ? 0 : currentList.json().length()));
        try (JsonGenerator out = json.createGenerator(body)) {
            out.writeStartObject();
            out.writeStringField("apiVersion", ApiConstants.GROUP + "/" + ApiConstants.VERSION);
            out.writeStringField("kind", "HostPciInventory");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", node);
            out.writeEndObject();
            out.writeObjectFieldStart("status");
            out.writeObjectFieldStart("agent");
            OptionalField.write(out, "version", desired.version());
            OptionalField.write(out, "bootId", desired.bootId());
            OptionalField.write(out, "scannedAt", currentList == null ? null : currentList.scannedAt());
            OptionalField.write(out, "inventoryHash", desired.hash());
            out.writeBooleanField("truncated", desired.truncated());
            OptionalField.write(out, "error", desired.error());
            writeSkipped(out, desired.skipped());
            if (desired.attachments() != null) {
                desired.attachments().writeState(out);
            }
            out.writeEndObject();
            if (currentList != null) {
                out.writeFieldName("devices");
                out.writeRawValue(currentList.json());
            }
            attachments.writeList(out);
            out.writeEndObject();
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return body.toByteArray();
    }

    private static void writeSkipped(JsonGenerator out, SkippedDevices skipped) throws IOException {
        if (skipped.totalCount() > 0) {
            out.writeObjectFieldStart("skipped");
            out.writeNumberField("count", skipped.totalCount());
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
}
