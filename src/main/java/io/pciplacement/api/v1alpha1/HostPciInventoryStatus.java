package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Facts and judgements about one host. {@code agent} and {@code devices} are written by the node agent only, the rest
 * by the operator only.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostPciInventoryStatus(
        @Nullable AgentStatus agent,
        @Nullable List<DeviceStatus> devices,
        @Nullable Long observedGeneration,
        @Nullable String observedInventoryHash,
        @Nullable String reportingEnabledAt,
        @Nullable String rootProviderUuid,
        @Nullable String lastSyncTime,
        @Nullable Summary summary,
        @Nullable List<ProviderStatus> providers,
        @Nullable List<HostPciInventoryStatus.UnaccountedAllocationStatus> unaccountedAllocations,
        @Nullable List<UncleanedDevice> uncleanedDevices,
        @Nullable List<Condition> conditions) {

    /** Of a host of which nothing is known yet. */
    public static final HostPciInventoryStatus EMPTY =
            new HostPciInventoryStatus(null, null, null, null, null, null, null, null, null, null, null, List.of());

    /** The fields that the operator writes, with these conditions. */
    public HostPciInventoryStatus operatorPart(List<Condition> others) {
        return new HostPciInventoryStatus(
                null,
                null,
                observedGeneration,
                observedInventoryHash,
                reportingEnabledAt,
                rootProviderUuid,
                lastSyncTime,
                summary,
                Objects.requireNonNullElse(providers, List.of()),
                Objects.requireNonNullElse(unaccountedAllocations, List.of()),
                uncleanedDevices,
                others);
    }

    /** The operator's judgements beside the agent's facts of another reading. */
    public HostPciInventoryStatus withFactsOf(@Nullable HostPciInventoryStatus reading) {
        return new HostPciInventoryStatus(
                reading == null ? null : reading.agent(),
                reading == null ? null : reading.devices(),
                observedGeneration,
                observedInventoryHash,
                reportingEnabledAt,
                rootProviderUuid,
                lastSyncTime,
                summary,
                providers,
                unaccountedAllocations,
                uncleanedDevices,
                conditions);
    }

    /** The same with other rows and conditions. */
    public HostPciInventoryStatus withProviders(List<ProviderStatus> rows, List<Condition> other) {
        return new HostPciInventoryStatus(
                agent,
                devices,
                observedGeneration,
                observedInventoryHash,
                reportingEnabledAt,
                rootProviderUuid,
                lastSyncTime,
                summary,
                rows,
                unaccountedAllocations,
                uncleanedDevices,
                other);
    }

    /** Counts for the eye: functions for devices, tracked and conflicting; units of inventory for the rest. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Summary(
            int devices,
            int tracked,
            int providers,
            int total,
            int reserved,
            int used,
            int free,
            int held,
            int conflicting,
            @Nullable Integer unaccounted) {}

    /** An amount in Placement whose consumer no PciAllocation names, and since when the operator knows it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record UnaccountedAllocationStatus(
            String consumerUuid, String provider, String resourceClass, int amount, String firstSeen) {}

    /** One resource provider of the host, as planned and as it is. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProviderStatus(
            String name,
            @Nullable String uuid,
            @Nullable String resourceClass,
            @Nullable List<String> traits,
            @Nullable String deviceSpec,
            @Nullable DeviceType deviceType,
            @Nullable Integer total,
            @Nullable Integer reserved,
            @Nullable Integer used,
            @Nullable Integer generation,
            HostPciInventoryStatus.@Nullable DeviceIdentityStatus deviceIdentity,
            ProviderState state,
            @Nullable String reason,
            @Nullable String message) {

        /** The same without what is long and can be found out again. */
        public ProviderStatus withoutDetails() {
            return new ProviderStatus(
                    name,
                    uuid,
                    resourceClass,
                    null,
                    deviceSpec,
                    deviceType,
                    total,
                    reserved,
                    used,
                    null,
                    deviceIdentity,
                    state,
                    reason,
                    null);
        }

        /** The same row in another state. */
        public ProviderStatus in(ProviderState other, String why, String sentence) {
            return new ProviderStatus(
                    name,
                    uuid,
                    resourceClass,
                    traits,
                    deviceSpec,
                    deviceType,
                    total,
                    reserved,
                    used,
                    generation,
                    deviceIdentity,
                    other,
                    why,
                    sentence);
        }

        public ProviderStatus withGeneration(@Nullable Integer value) {
            return new ProviderStatus(
                    name,
                    uuid,
                    resourceClass,
                    traits,
                    deviceSpec,
                    deviceType,
                    total,
                    reserved,
                    used,
                    value,
                    deviceIdentity,
                    state,
                    reason,
                    message);
        }
    }

    /**
     * A one-time-use device that was used, or may have been, and was not cleaned since.
     *
     * @param confirmation the value of its cleaning annotation when that was recorded: another one confirms the
     *     cleaning
     * @param reserved the units that an administrator had reserved, null for none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record UncleanedDevice(
            String address,
            @Nullable String confirmation,
            @Nullable Integer reserved) {}

    /** The card that those who use a provider were given, remembered while they do. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DeviceIdentityStatus(
            String vendorId,
            @Nullable String productId,
            @Nullable String serialNumber,
            @Nullable String bootId) {}

    /** How a provider stands to what is wanted of it. */
    public enum ProviderState {
        /** This is what would be written, were reporting enabled, or Nova's provider adopted. */
        PLANNED("Planned"),
        /** Placement has what is wanted. */
        IN_SYNC("InSync"),
        /** Not yet written; the reason says what it waits for. */
        PENDING("Pending"),
        /** In use, and no longer wanted, or wanted differently. */
        HELD("Held"),
        /** The specs contradict each other here; Placement keeps what it has. */
        CONFLICTING("Conflicting"),
        /** Ours, not wanted, not in use, not removable yet. */
        ORPHANED("Orphaned"),
        /** Ours, not wanted, not in use: it offers nothing and stays below another service's root. */
        RETIRED("Retired"),
        /** Another client changes it back each time; it is left as it is. */
        CONTESTED("Contested");

        private final String value;

        ProviderState(String value) {
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
