package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/** Spec of a HostPciInventory: the administrator's settings for one host. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostPciInventorySpec(
        HostPciInventorySpec.@Nullable ReportingMode reporting,
        @Nullable RootProvider rootProvider,
        @Nullable Boolean paused,
        HostPciInventorySpec.@Nullable DeletionPolicy onDelete,
        HostPciInventorySpec.@Nullable AdoptPolicy adopt) {

    /** A spec without adoption of Nova's providers. */
    public HostPciInventorySpec(
            HostPciInventorySpec.@Nullable ReportingMode reporting,
            @Nullable RootProvider rootProvider,
            @Nullable Boolean paused,
            HostPciInventorySpec.@Nullable DeletionPolicy onDelete) {
        this(reporting, rootProvider, paused, onDelete, null);
    }

    /** Whether the devices of the host are written to Placement or only planned. */
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

    /** What happens to the providers of the host when the object is deleted. */
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

    /** What happens to providers that Nova has created for devices that the specs select. */
    public enum AdoptPolicy {
        /** Nova keeps them. */
        NONE("None"),
        /** The status shows the result of adopting them; nothing is written. */
        PLAN("Plan"),
        /** The operator takes them over. */
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

    /** Root provider of the host: its name if it differs from the node's, and whether to create it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RootProvider(
            @Nullable String name, @Nullable Boolean create) {}
}
