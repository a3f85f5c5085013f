package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spec of a HostPciInventory: the administrator's settings for one host. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostPciInventorySpec(
        @Nullable ReportingMode reporting,
        @Nullable RootProvider rootProvider,
        @Nullable Boolean paused,
        @Nullable DeletionPolicy onDelete,
        @Nullable AdoptPolicy adopt,
        @Nullable List<QuarantineEntry> quarantine,
        @Nullable Boolean drain) {

    /** Who writes the devices of the host to Placement. */
    public enum ReportingMode {
        /** They are not written, only planned. */
        @JsonProperty("Disabled")
        DISABLED,
        /** The operator. */
        @JsonProperty("Enabled")
        ENABLED,
        /** The host's nova-compute; the operator compares, and writes reservations and allocations of whole devices. */
        @JsonProperty("Nova")
        NOVA
    }

    /** What happens to the providers of the host when the object is deleted. */
    public enum DeletionPolicy {
        @JsonProperty("Retain")
        RETAIN,
        @JsonProperty("RemoveUnused")
        REMOVE_UNUSED
    }

    /** What happens to providers that Nova has created for devices that the specs select. */
    public enum AdoptPolicy {
        /** Nova keeps them. */
        @JsonProperty("None")
        NONE,
        /** The status shows the result of adopting them; nothing is written. */
        @JsonProperty("Plan")
        PLAN,
        /** The operator takes them over. */
        @JsonProperty("Adopt")
        ADOPT
    }

    /**
     * Device that must not be allocated until it is removed from the list.
     *
     * @param address the device; the address of a PF includes its VFs
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record QuarantineEntry(String address, String reason) {}

    /** Root provider of the host: its name if it differs from the node's, and whether to create it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RootProvider(
            @Nullable String name, @Nullable Boolean create) {}
}
