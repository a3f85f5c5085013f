package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** What an administrator decides for one host. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostPciInventorySpec(
        @Nullable Reporting reporting,
        @Nullable RootProvider rootProvider,
        @Nullable Boolean paused,
        @Nullable OnDelete onDelete,
        @Nullable Adoption adopt) {

    /** What an administrator decides who leaves Nova's providers to Nova. */
    public HostPciInventorySpec(
            @Nullable Reporting reporting,
            @Nullable RootProvider rootProvider,
            @Nullable Boolean paused,
            @Nullable OnDelete onDelete) {
        this(reporting, rootProvider, paused, onDelete, null);
    }

    /** Whether the host's devices are written to Placement, or only planned. */
    public enum Reporting {
        Disabled,
        Enabled
    }

    /** What becomes of the host's providers when the object goes. */
    public enum OnDelete {
        Retain,
        RemoveUnused
    }

    /** What becomes of providers that Nova has made for devices that the specs select. */
    public enum Adoption {
        /** They stay Nova's. */
        None,
        /** The status shows what would become of them; nothing is written. */
        Plan,
        /** They become this operator's. */
        Adopt
    }

    /** The provider that stands for the host: its name, if not the node's, and whether to make it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RootProvider(
            @Nullable String name, @Nullable Boolean create) {}
}
