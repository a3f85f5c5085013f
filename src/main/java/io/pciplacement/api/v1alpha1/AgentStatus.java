package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the agent says of itself and of its last scan.
 *
 * @param version the agent's version
 * @param bootId the kernel's boot id: another one means that the host has been restarted
 * @param scannedAt when the list was read, RFC 3339
 * @param inventoryHash stands for the device list: another hash means other devices
 * @param truncated whether devices are missing from the list because there are too many
 * @param error why the last scan failed; the list is then the one before. Where {@code truncated} is true: what was
 *     left out. Null when all is well
 * @param skipped the functions that the list leaves out on purpose; null if there are none
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
        @Nullable Skipped skipped) {

    /** PCI functions that are not in the list: how many in total, and by reason. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Skipped(int count, @Nullable List<SkippedGroup> reasons) {}

    /**
     * PCI functions that are not in the list for the same reason.
     *
     * @param reason the name of a {@link SkipReason}, or of one that only another version of the agent knows
     * @param addresses the first of them by address
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SkippedGroup(
            String reason, int count, @Nullable List<String> addresses) {}
}
