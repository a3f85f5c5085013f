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
 * Status of a HostPciInventory. {@code agent}, {@code devices} and {@code attachments} are written only by the node
 * agent, all other fields only by the operator.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostPciInventoryStatus(
        @Nullable AgentStatus agent,
        @Nullable List<DeviceStatus> devices,
        @Nullable List<AttachmentStatus> attachments,
        @Nullable Long observedGeneration,
        @Nullable String observedInventoryHash,
        @Nullable String reportingEnabledAt,
        @Nullable String rootProviderUuid,
        @Nullable String lastSyncTime,
        @Nullable Summary summary,
        @Nullable List<ProviderStatus> providers,
        @Nullable List<UnaccountedAllocationStatus> unaccountedAllocations,
        @Nullable List<AttachmentDifferenceStatus> attachmentDifferences,
        @Nullable List<UncleanedDevice> uncleanedDevices,
        @Nullable MaintenanceStatus maintenance,
        @Nullable NovaConfigStatus novaConfig,
        @Nullable List<Condition> conditions) {

    /** Status of a new host. */
    public static final HostPciInventoryStatus EMPTY = new HostPciInventoryStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, List.of());

    /** A copy that has only the fields that the operator writes, with these conditions. */
    public HostPciInventoryStatus operatorFieldsOnly(List<Condition> newConditions) {
        return new HostPciInventoryStatus(
                null,
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
                attachmentDifferences,
                uncleanedDevices,
                maintenance,
                novaConfig,
                newConditions);
    }

    /** A copy with the agent's fields of another status of the same object. */
    public HostPciInventoryStatus withAgentFieldsFrom(@Nullable HostPciInventoryStatus source) {
        return new HostPciInventoryStatus(
                source == null ? null : source.agent(),
                source == null ? null : source.devices(),
                source == null ? null : source.attachments(),
                observedGeneration,
                observedInventoryHash,
                reportingEnabledAt,
                rootProviderUuid,
                lastSyncTime,
                summary,
                providers,
                unaccountedAllocations,
                attachmentDifferences,
                uncleanedDevices,
                maintenance,
                novaConfig,
                conditions);
    }

    /** A copy with other withheld devices. */
    public HostPciInventoryStatus withMaintenance(@Nullable MaintenanceStatus newMaintenance) {
        return with(providers, newMaintenance, conditions);
    }

    /** A copy with other providers and conditions. */
    public HostPciInventoryStatus withProviders(List<ProviderStatus> newProviders, List<Condition> newConditions) {
        return with(newProviders, maintenance, newConditions);
    }

    private HostPciInventoryStatus with(
            @Nullable List<ProviderStatus> newProviders,
            @Nullable MaintenanceStatus newMaintenance,
            @Nullable List<Condition> newConditions) {
        return new HostPciInventoryStatus(
                agent,
                devices,
                attachments,
                observedGeneration,
                observedInventoryHash,
                reportingEnabledAt,
                rootProviderUuid,
                lastSyncTime,
                summary,
                newProviders,
                unaccountedAllocations,
                attachmentDifferences,
                uncleanedDevices,
                newMaintenance,
                novaConfig,
                newConditions);
    }

    /**
     * Summary for display: devices, tracked and conflicting count PCI functions, providers counts providers, and the
     * other fields count inventory units.
     */
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
            @Nullable Integer unaccounted,
            @Nullable Integer awaitingNova,
            @Nullable Integer quarantined) {}

    /**
     * Allocated amount whose consumer has no PciAllocation, and when the operator first saw it.
     *
     * @param consumerType type of the consumer in Placement, if the operator has read it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record UnaccountedAllocationStatus(
            String consumerUuid,
            String provider,
            String resourceClass,
            int amount,
            String firstSeen,
            @Nullable String consumerType) {}

    /**
     * Difference between the devices of a server and its allocation, and when the operator first saw it.
     *
     * @param type a literal of {@link io.pciplacement.planning.attachment.DifferenceType}
     * @param consumerUuid the server, or the consumer without a server
     * @param provider name of the provider; null if the difference is about a device
     * @param address the device; null if the difference is about a provider
     * @param units units that are missing or have no device; null if the difference is about a device
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AttachmentDifferenceStatus(
            String type,
            String consumerUuid,
            @Nullable String serverName,
            @Nullable String provider,
            @Nullable String address,
            @Nullable Integer units,
            String firstSeen) {}

    /**
     * Resource provider of the host: its desired and its actual state.
     *
     * @param generation the generation in Placement that the other fields reflect; null if they do not reflect one
     * @param allocationDigest digest of its allocations at this generation; null for none
     */
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
            @Nullable String allocationDigest,
            @Nullable DeviceIdentityStatus deviceIdentity,
            ProviderState state,
            @Nullable String reason,
            @Nullable String message) {

        /** A copy without traits, generation and message, which can be determined again, to save space. */
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
                    null,
                    deviceIdentity,
                    state,
                    reason,
                    null);
        }

        /** A copy with another state, reason and message. */
        public ProviderStatus withState(ProviderState newState, String newReason, String newMessage) {
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
                    allocationDigest,
                    deviceIdentity,
                    newState,
                    newReason,
                    newMessage);
        }

        /** A copy that reflects this generation and these allocations. */
        public ProviderStatus withGeneration(@Nullable Integer newGeneration, @Nullable String newAllocationDigest) {
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
                    newGeneration,
                    newAllocationDigest,
                    deviceIdentity,
                    state,
                    reason,
                    message);
        }
    }

    /**
     * One-time-use device that was used, or may have been used, and has not been cleaned since.
     *
     * @param confirmation the value of its cleaning annotation when the use was recorded; a different value confirms
     *     the cleaning
     * @param reserved the units that an administrator had reserved, null for none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record UncleanedDevice(
            String address,
            @Nullable String confirmation,
            @Nullable Integer reserved) {}

    /**
     * ConfigMap with the configuration of the host's nova-compute.
     *
     * @param configMap its namespace and name, separated by a slash
     * @param hash SHA-256 of the options, without comments; nova-compute must be restarted if it has read others
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NovaConfigStatus(
            String configMap, @Nullable String hash) {}

    /** Identity of the physical device when it was first allocated; kept while the provider has allocations. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DeviceIdentityStatus(
            String vendorId,
            @Nullable String productId,
            @Nullable String serialNumber,
            @Nullable String bootId) {}

    /** State of a provider relative to its desired state. */
    public enum ProviderState {
        /** Would be written if reporting were enabled or Nova's provider were adopted. */
        PLANNED("Planned"),
        /** Placement has the desired state. */
        IN_SYNC("InSync"),
        /** Not written yet; the reason says why. */
        PENDING("Pending"),
        /** In use, but no longer desired, or desired differently. */
        HELD("Held"),
        /** The specs conflict; the state in Placement is not changed. */
        CONFLICTING("Conflicting"),
        /** Owned by the operator, not desired, not in use, cannot be removed yet. */
        ORPHANED("Orphaned"),
        /**
         * Owned by the operator, not desired, not in use: it has no inventory and stays below another service's root.
         */
        RETIRED("Retired"),
        /** Differs from the desired state, and only nova-compute changes it. */
        AWAITING_NOVA("AwaitingNova"),
        /** Another client repeatedly reverts the operator's changes; the operator no longer changes it. */
        CONTESTED("Contested"),
        /** Placement has the desired state, and reserves devices that are quarantined. */
        QUARANTINED("Quarantined");

        private final String value;

        ProviderState(String value) {
            this.value = value;
        }

        /** The literal of the API. */
        @JsonValue
        public String value() {
            return value;
        }
    }
}
