package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who the consumer is, and which devices it holds, or wants. */
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

    /** A consumer as Placement knows it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Consumer(
            String uuid,
            @Nullable String type,
            String projectId,
            String userId,
            @Nullable ManagedBy managedBy) {}

    /** Who makes and removes the consumer's allocation. */
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

    /** One device of one host. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DeviceRef(String node, String address) {}

    /** Devices that are wanted; the operator chooses them. */
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

    /** How strictly a device must be on the consumer's NUMA nodes. */
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

    /** Whether several devices may come from one provider. */
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

    /** A move of the consumer in progress; the spec's devices are the destination's. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Move(MoveType type, String migrationUuid, MovePhase phase, List<DeviceRef> sourceDevices) {}

    /** What kind of move it is. */
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

    /** How far a move is. */
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
