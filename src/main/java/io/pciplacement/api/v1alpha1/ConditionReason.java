package io.pciplacement.api.v1alpha1;

/**
 * Reasons of conditions, provider entries and events. Together with the names of the findings these are all reasons.
 * They are part of the API; docs/reasons.md documents the meaning and the remedy of each.
 */
public enum ConditionReason {
    // InventoryFresh
    AGENT_REPORTING("AgentReporting"),
    TRUNCATED("Truncated"),
    AGENT_HEARTBEAT_EXPIRED("AgentHeartbeatExpired"),
    AGENT_NEVER_REPORTED("AgentNeverReported"),
    SCAN_FAILED("ScanFailed"),
    INVENTORY_HASH_REUSED("InventoryHashReused"),
    // SpecsResolved: this or the name of the most severe finding
    RESOLVED("Resolved"),
    // PlacementSynced: one of these or the name of a finding
    IN_SYNC("InSync"),
    REPORTING_DISABLED("ReportingDisabled"),
    CANNOT_DISABLE_REPORTING("CannotDisableReporting"),
    PENDING("Pending"),
    PAUSED("Paused"),
    ROOT_PROVIDER_NOT_FOUND("RootProviderNotFound"),
    ROOT_PROVIDER_TAKEN("RootProviderTaken"),
    ROOT_PROVIDER_REPLACED("RootProviderReplaced"),
    ROOT_PROVIDER_NESTED("RootProviderNested"),
    NODE_NOT_FOUND("NodeNotFound"),
    PLACEMENT_UNREACHABLE("PlacementUnreachable"),
    UNAUTHORIZED("Unauthorized"),
    FORBIDDEN("Forbidden"),
    INVALID_CLOUD_CONFIG("InvalidCloudConfig"),
    GENERATION_CONFLICT("GenerationConflict"),
    INVENTORY_IN_USE("InventoryInUse"),
    NOT_FOUND("NotFound"),
    CAPACITY_EXCEEDED("CapacityExceeded"),
    RESOURCE_CLASS_LIMIT("ResourceClassLimit"),
    // Ready, if the status exceeds the maximum size of an object
    STATUS_TOO_LARGE("StatusTooLarge"),
    // Ready, while the object is being deleted
    BEING_DELETED("BeingDeleted"),
    // Ready, on all custom resources
    INTERNAL_ERROR("InternalError"),
    // PciDeviceSpec
    VALID("Valid"),
    INVALID("Invalid"),
    ALL_TRACKED("AllTracked"),
    PARTIALLY_TRACKED("PartiallyTracked"),
    NO_MATCHING_NODES("NoMatchingNodes"),
    NO_MATCHING_DEVICES("NoMatchingDevices"),
    NOT_REPORTED("NotReported"),
    // AllocationsHealed, and events of a PciAllocation
    NO_ALLOCATIONS("NoAllocations"),
    HEALED("Healed"),
    ALLOCATION_HEALED("AllocationHealed"),
    ALLOCATION_WRITTEN("AllocationWritten"),
    // Attached
    DEVICES_ATTACHED("DevicesAttached"),
    ATTACHED_ELSEWHERE("AttachedElsewhere"),
    NOT_ATTACHED("NotAttached"),
    // Quarantined and Drained
    QUARANTINED_DEVICE_REPLACED("QuarantinedDeviceReplaced"),
    DRAINED("Drained"),
    // NovaConfigPublished
    PUBLISHED("Published"),
    NOT_EXPORTABLE("NotExportable"),
    CONFIG_MAP_TAKEN("ConfigMapTaken"),
    CONFIG_MAP_NOT_WRITTEN("ConfigMapNotWritten"),
    // Events other than those of a changed Ready condition
    PROVIDERS_WRITTEN("ProvidersWritten"),
    PROVIDERS_RETAINED("ProvidersRetained"),
    DEVICE_CLEANED("DeviceCleaned"),
    DEVICE_QUARANTINED("DeviceQuarantined"),
    DEVICE_DEGRADED("DeviceDegraded"),
    DEVICE_HEALTH_RESTORED("DeviceHealthRestored"),
    QUARANTINE_RELEASED("QuarantineReleased"),
    NOVA_CONFIG_CHANGED("NovaConfigChanged"),
    NOVA_CONFIG_RESTORED("NovaConfigRestored");

    private final String value;

    ConditionReason(String value) {
        this.value = value;
    }

    /** The literal of the API. */
    public String value() {
        return value;
    }
}
