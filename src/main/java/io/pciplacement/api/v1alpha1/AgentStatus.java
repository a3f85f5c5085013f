package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status of the agent and of its last scan.
 *
 * @param version the agent's version
 * @param bootId the kernel's boot id; it changes when the host is restarted
 * @param scannedAt when the device list was read, RFC 3339
 * @param inventoryHash hash of the device list; it changes with the list
 * @param truncated whether devices are missing from the list because there are too many
 * @param error why the last scan failed; the device list is then the previous one. If {@code truncated} is true: what
 *     is missing. Null if there is no error
 * @param skipped the functions that are deliberately not listed; null if there are none
 * @param libvirt the state of the connection to libvirt; null if the agent does not read libvirt
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentStatus(
        @Nullable String version,
        @Nullable String bootId,
        @Nullable String scannedAt,
        @Nullable String inventoryHash,
        @Nullable Boolean truncated,
        @Nullable String error,
        @Nullable Skipped skipped,
        @Nullable LibvirtStatus libvirt) {

    /**
     * Connection of the agent to libvirt.
     *
     * @param reachable whether libvirt's domains could be read; if not, the attachments are the previous ones
     * @param lastTransitionTime when {@code reachable} changed, RFC 3339
     * @param attachmentsHash hash of the attachments; it changes with them. Null if there is no list yet
     * @param incomplete whether attachments may be missing or outdated, although libvirt is reachable
     * @param error why libvirt is not reachable, or what is missing. Null if there is no error
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LibvirtStatus(
            boolean reachable,
            String lastTransitionTime,
            @Nullable String attachmentsHash,
            @Nullable Boolean incomplete,
            @Nullable String error) {}

    /** PCI functions that are not listed: their number, in total and by reason. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Skipped(int count, @Nullable List<SkippedGroup> reasons) {}

    /**
     * PCI functions that are not listed for the same reason.
     *
     * @param reason the value of a {@link SkipReason}, or of one that only another version of the agent defines
     * @param addresses the first of their addresses in order
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SkippedGroup(
            String reason, int count, @Nullable List<String> addresses) {}
}
