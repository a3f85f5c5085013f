package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status of a PciAllocation.
 *
 * @param grantedGeneration the generation of the object to whose requests the devices were granted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PciAllocationStatus(
        @Nullable Long observedGeneration,
        @Nullable Phase phase,
        @Nullable String lastSyncTime,
        @Nullable Long healCount,
        @Nullable String lastHealTime,
        @Nullable Summary summary,
        @Nullable List<AllocatedDevice> devices,
        @Nullable Long grantedGeneration,
        @Nullable List<AllocationStatus> allocations,
        @Nullable List<Condition> conditions) {

    public static final PciAllocationStatus EMPTY =
            new PciAllocationStatus(null, null, null, null, null, null, null, null, null, null);

    /** A copy with other conditions. */
    public PciAllocationStatus withConditions(List<Condition> newConditions) {
        return new PciAllocationStatus(
                observedGeneration,
                phase,
                lastSyncTime,
                healCount,
                lastHealTime,
                summary,
                devices,
                grantedGeneration,
                allocations,
                newConditions);
    }

    /** Phase of the allocation. */
    public enum Phase {
        PENDING("Pending"),
        ALLOCATED("Allocated"),
        MOVING("Moving"),
        CONFIRMED("Confirmed"),
        REVERTED("Reverted"),
        BLOCKED("Blocked");

        private final String value;

        Phase(String value) {
            this.value = value;
        }

        /** The literal of the API. */
        @JsonValue
        public String value() {
            return value;
        }
    }

    /** Summary for display. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Summary(int devices) {}

    /** Device that is allocated to the consumer, and the request that it satisfies. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AllocatedDevice(
            String node, String address, @Nullable String request) {}

    /**
     * Allocated amount in Placement.
     *
     * @param written the part of it that this object has written, and removes on deletion; null for an External
     *     consumer
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AllocationStatus(
            String consumerUuid,
            String provider,
            @Nullable String providerUuid,
            String resourceClass,
            int amount,
            @Nullable AllocationState state,
            @Nullable Integer written) {}

    /** State of an allocated amount relative to the desired amount. */
    public enum AllocationState {
        @JsonProperty("InSync")
        IN_SYNC,
        @JsonProperty("Missing")
        MISSING,
        @JsonProperty("Healed")
        HEALED,
        @JsonProperty("Blocked")
        BLOCKED,
        @JsonProperty("HeldByMigration")
        HELD_BY_MIGRATION
    }
}
