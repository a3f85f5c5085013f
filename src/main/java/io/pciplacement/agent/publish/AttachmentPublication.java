package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.libvirt.AttachmentScan;
import io.pciplacement.agent.sysfs.PrintableText;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The attachments that the agent publishes. Until the object was read for the first time, it is unknown what an earlier
 * agent has published, which is kept while libvirt is not reachable.
 */
final class AttachmentPublication {

    private static final int MAX_ERROR_LENGTH = 1024;

    private final JsonFactory json;
    private boolean restored;
    private @Nullable PublishedAttachments state;
    private @Nullable SerializedAttachments list;
    private @Nullable AttachmentScan pending;
    private Instant pendingSince = Instant.EPOCH;

    AttachmentPublication(JsonFactory json) {
        this.json = json;
    }

    /** Whether {@link #restore} was called. */
    boolean isRestored() {
        return restored;
    }

    /** Sets what an earlier agent has published. */
    void restore(@Nullable PublishedAttachments published, @Nullable SerializedAttachments publishedList) {
        restored = true;
        state = published;
        list = publishedList;
        applyPending();
    }

    void submit(AttachmentScan scan, Instant at) {
        pending = scan;
        pendingSince = at;
        if (restored) {
            applyPending();
        }
    }

    private void applyPending() {
        AttachmentScan scan = pending;
        pending = null;
        switch (scan) {
            case null -> {}
            case AttachmentScan.Complete complete -> {
                SerializedAttachments newList = SerializedAttachments.serialize(complete.servers(), json);
                String error = complete.incomplete() != null ? complete.incomplete() : newList.omitted();
                list = newList;
                state = newState(true, error != null, error);
            }
            // The previous list is the best available information.
            case AttachmentScan.Failed failed -> state = newState(false, false, failed.reason());
        }
    }

    private PublishedAttachments newState(boolean reachable, boolean incomplete, @Nullable String error) {
        PublishedAttachments previous = state;
        return new PublishedAttachments(
                reachable,
                previous != null && previous.reachable() == reachable
                        ? previous.lastTransitionTime()
                        : pendingSince.toString(),
                list == null ? null : list.hash(),
                list == null ? -1 : list.servers(),
                incomplete,
                error == null ? null : PrintableText.sanitize(error, MAX_ERROR_LENGTH));
    }

    /** What the object should have; null before the domains were read for the first time. */
    @Nullable PublishedAttachments state() {
        return state;
    }

    /** Writes the field {@code attachments} of {@code status}, if there is a list. */
    void writeList(JsonGenerator out) throws IOException {
        if (list != null) {
            out.writeFieldName("attachments");
            out.writeRawValue(list.json());
        }
    }
}
