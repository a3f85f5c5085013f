package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
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
        @Nullable List<Constraint> constraints,
        @Nullable GroupPolicy groupPolicy,
        @Nullable List<Integer> numaNodes,
        @Nullable String nodeName,
        @Nullable Move move) {

    /** A spec without constraints. */
    public PciAllocationSpec(
            Consumer consumer,
            @Nullable List<DeviceRef> devices,
            @Nullable List<Request> requests,
            @Nullable GroupPolicy groupPolicy,
            @Nullable List<Integer> numaNodes,
            @Nullable String nodeName,
            @Nullable Move move) {
        this(consumer, devices, requests, null, groupPolicy, numaNodes, nodeName, move);
    }

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
        @JsonProperty("External")
        EXTERNAL,
        @JsonProperty("Operator")
        OPERATOR
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

    /** Constraint: all devices of these requests have the same value of an attribute. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Constraint(List<String> requests, ConstraintMatch match) {}

    /** Attribute that a constraint compares. */
    public enum ConstraintMatch {
        @JsonProperty("PcieRoot")
        PCIE_ROOT,
        @JsonProperty("PcieSwitch")
        PCIE_SWITCH,
        @JsonProperty("NumaNode")
        NUMA_NODE,
        @JsonProperty("Card")
        CARD
    }

    /** Whether a device must be on one of the consumer's NUMA nodes. */
    public enum NumaPolicy {
        @JsonProperty("required")
        REQUIRED,
        @JsonProperty("preferred")
        PREFERRED,
        @JsonProperty("legacy")
        LEGACY
    }

    /** Whether devices of different requests may be of the same provider. */
    public enum GroupPolicy {
        @JsonProperty("none")
        NONE,
        @JsonProperty("isolate")
        ISOLATE
    }

    /** Move of the consumer that is in progress; the devices of the spec are those of the destination. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Move(MoveType type, String migrationUuid, MovePhase phase, List<DeviceRef> sourceDevices) {}

    /** Type of a move. */
    public enum MoveType {
        @JsonProperty("ColdMigration")
        COLD_MIGRATION,
        @JsonProperty("Resize")
        RESIZE,
        @JsonProperty("LiveMigration")
        LIVE_MIGRATION,
        @JsonProperty("Evacuation")
        EVACUATION
    }

    /** Phase of a move. */
    public enum MovePhase {
        @JsonProperty("Moving")
        MOVING,
        @JsonProperty("Confirm")
        CONFIRM,
        @JsonProperty("Revert")
        REVERT
    }
}
