package io.pciplacement.api.v1alpha1;

/**
 * Why a condition, a provider row or an event says what it says. With the names of the findings these are all reasons
 * there are; they are part of the API, and docs/reasons.md tells the meaning and the remedy of each.
 */
public enum Reason {
    // InventoryFresh
    AgentReporting,
    Truncated,
    AgentSilent,
    AgentNeverReported,
    ScanFailed,
    InventoryHashReused,
    // SpecsResolved: or the name of the gravest finding
    Resolved,
    // PlacementSynced: or the name of a finding
    InSync,
    ReportingDisabled,
    CannotDisableReporting,
    Pending,
    Paused,
    RootProviderNotFound,
    RootProviderTaken,
    RootProviderReplaced,
    RootProviderNested,
    NodeNotFound,
    PlacementUnreachable,
    Unauthorized,
    Forbidden,
    Misconfigured,
    GenerationConflict,
    InventoryInUse,
    NotFound,
    CapacityExceeded,
    ResourceClassLimit,
    // Ready, where the object cannot hold all there is to say
    StatusTooLarge,
    // Ready, while the object is deleted
    BeingDeleted,
    // Ready, of any kind
    InternalError,
    // PciDeviceSpec
    Valid,
    Invalid,
    AllTracked,
    PartiallyTracked,
    NoMatchingNodes,
    NoMatchingDevices,
    NotReported,
    // AllocationsHealed, and events of a PciAllocation
    NoAllocations,
    Healed,
    AllocationHealed,
    AllocationWritten,
    // Events beside those of a changed Ready condition
    ProvidersWritten,
    ProvidersRetained,
    DeviceCleaned
}
