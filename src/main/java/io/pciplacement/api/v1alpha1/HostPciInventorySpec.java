package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/** What an administrator decides for one host. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostPciInventorySpec(
        HostPciInventorySpec.@Nullable ReportingMode reporting,
        @Nullable RootProvider rootProvider,
        @Nullable Boolean paused,
        HostPciInventorySpec.@Nullable DeletionPolicy onDelete,
        HostPciInventorySpec.@Nullable AdoptPolicy adopt) {

    /** What an administrator decides who leaves Nova's providers to Nova. */
    public HostPciInventorySpec(
            HostPciInventorySpec.@Nullable ReportingMode reporting,
            @Nullable RootProvider rootProvider,
            @Nullable Boolean paused,
            HostPciInventorySpec.@Nullable DeletionPolicy onDelete) {
        this(reporting, rootProvider, paused, onDelete, null);
    }

    /** Whether the host's devices are written to Placement, or only planned. */
    public enum ReportingMode {
        DISABLED("Disabled"),
        ENABLED("Enabled");

        private final String value;

        ReportingMode(String value) {
            this.value = value;
        }

        /** The literal of the API. */
        @JsonValue
        public String value() {
            return value;
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** What becomes of the host's providers when the object goes. */
    public enum DeletionPolicy {
        RETAIN("Retain"),
        REMOVE_UNUSED("RemoveUnused");

        private final String value;

        DeletionPolicy(String value) {
            this.value = value;
        }

        /** The literal of the API. */
        @JsonValue
        public String value() {
            return value;
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** What becomes of providers that Nova has made for devices that the specs select. */
    public enum AdoptPolicy {
        /** They stay Nova's. */
        NONE("None"),
        /** The status shows what would become of them; nothing is written. */
        PLAN("Plan"),
        /** They become this operator's. */
        ADOPT("Adopt");

        private final String value;

        AdoptPolicy(String value) {
            this.value = value;
        }

        /** The literal of the API. */
        @JsonValue
        public String value() {
            return value;
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** The provider that stands for the host: its name, if not the node's, and whether to make it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RootProvider(
            @Nullable String name, @Nullable Boolean create) {}
}
