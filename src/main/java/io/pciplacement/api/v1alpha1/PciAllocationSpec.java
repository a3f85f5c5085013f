package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spec of a PciAllocation: the consumer, and the devices that it has or requests. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PciAllocationSpec(
        Consumer consumer,
        @Nullable List<DeviceRef> devices,
        @Nullable List<Request> requests,
        @Nullable GroupPolicy groupPolicy,
        @Nullable List<Integer> numaNodes,
        @Nullable String nodeName,
        @Nullable Move move) {

    /** Consumer in Placement. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Consumer(
            String uuid,
            @Nullable String type,
            String projectId,
            String userId,
            @Nullable ManagedBy managedBy) {}

    /** Which client creates and deletes the allocation of the consumer. */
    public enum ManagedBy {
        EXTERNAL("External"),
        OPERATOR("Operator");

        private final String value;

        ManagedBy(String value) {
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

    /** Reference to a device of a host. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DeviceRef(String node, String address) {}

    /** Request for devices, which the operator selects. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Request(
            String name,
            @Nullable Integer count,
            @Nullable String resourceClass,
            @Nullable String vendorId,
            @Nullable String productId,
            @Nullable DeviceType deviceType,
            @Nullable List<String> traits,
            @Nullable List<String> forbiddenTraits,
            @Nullable NumaPolicy numaPolicy) {}

    /** Whether a device must be on one of the consumer's NUMA nodes. */
    public enum NumaPolicy {
        REQUIRED("required"),
        PREFERRED("preferred"),
        LEGACY("legacy");

        private final String value;

        NumaPolicy(String value) {
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

    /** Whether devices of different requests may be of the same provider. */
    public enum GroupPolicy {
        NONE("none"),
        ISOLATE("isolate");

        private final String value;

        GroupPolicy(String value) {
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

    /** Move of the consumer that is in progress; the devices of the spec are those of the destination. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Move(MoveType type, String migrationUuid, MovePhase phase, List<DeviceRef> sourceDevices) {}

    /** Type of a move. */
    public enum MoveType {
        COLD_MIGRATION("ColdMigration"),
        RESIZE("Resize"),
        LIVE_MIGRATION("LiveMigration"),
        EVACUATION("Evacuation");

        private final String value;

        MoveType(String value) {
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

    /** Phase of a move. */
    public enum MovePhase {
        MOVING("Moving"),
        CONFIRM("Confirm"),
        REVERT("Revert");

        private final String value;

        MovePhase(String value) {
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
}
