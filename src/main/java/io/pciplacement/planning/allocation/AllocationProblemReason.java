package io.pciplacement.planning.allocation;

/** Reasons why a PciAllocation is not in sync. They are part of the API: docs/reasons.md describes each. */
public enum AllocationProblemReason {
    UNKNOWN_HOST("UnknownHost", true),
    DEVICE_NOT_ON_HOST("DeviceNotOnHost", true),
    DEVICE_NOT_TRACKED("DeviceNotTracked", true),
    VF_MANAGED_BY_NOVA("VfManagedByNova", true),
    DEVICE_MISMATCH("DeviceMismatch", true),
    DEVICE_ATTACHED("DeviceAttached", true),
    DEVICE_ALREADY_ALLOCATED("DeviceAlreadyAllocated", true),
    DEPENDENT_DEVICES("DependentDevices", true),
    DUPLICATE_CONSUMER("DuplicateConsumer", true),
    INVALID_REQUEST("InvalidRequest", true),
    INVALID_DEVICE("InvalidDevice", true),
    FOREIGN_CONSUMER("ForeignConsumer", true),
    FOREIGN_MIGRATION("ForeignMigration", true),
    MOVE_REMOVED("MoveRemoved", true),
    MOVE_SOURCE_MISMATCH("MoveSourceMismatch", true),
    HOST_NOT_REPORTED("HostNotReported", false),
    CONSUMER_HAS_NO_ALLOCATION("ConsumerHasNoAllocation", false),
    MOVE_IN_PROGRESS("MoveInProgress", false),
    MOVE_NOT_STARTED("MoveNotStarted", false),
    MOVE_NOT_FINISHED("MoveNotFinished", false),
    REJECTED_BY_PLACEMENT("RejectedByPlacement", false),
    INSUFFICIENT_DEVICES("InsufficientDevices", false),
    CONSUMER_ELSEWHERE("ConsumerElsewhere", false),
    PROVIDER_FULL("ProviderFull", false),
    ATTACHMENT_UNCONFIRMED("AttachmentUnconfirmed", false);

    private final String value;
    private final boolean requiresUserAction;

    AllocationProblemReason(String value, boolean requiresUserAction) {
        this.value = value;
        this.requiresUserAction = requiresUserAction;
    }

    /** Whether a user must change something before the object can be satisfied. */
    boolean requiresUserAction() {
        return requiresUserAction;
    }

    /** Value in conditions and events. */
    public String value() {
        return value;
    }

    static AllocationProblemReason reasonOf(AllocationProblem problem) {
        return switch (problem) {
            case AllocationProblem.UnknownHost p -> UNKNOWN_HOST;
            case AllocationProblem.DeviceNotOnHost p -> DEVICE_NOT_ON_HOST;
            case AllocationProblem.DeviceNotTracked p -> DEVICE_NOT_TRACKED;
            case AllocationProblem.VfManagedByNova p -> VF_MANAGED_BY_NOVA;
            case AllocationProblem.DeviceMismatch p -> DEVICE_MISMATCH;
            case AllocationProblem.DeviceAttached p -> DEVICE_ATTACHED;
            case AllocationProblem.DeviceAlreadyAllocated p -> DEVICE_ALREADY_ALLOCATED;
            case AllocationProblem.DependentDevices p -> DEPENDENT_DEVICES;
            case AllocationProblem.DuplicateConsumer p -> DUPLICATE_CONSUMER;
            case AllocationProblem.InvalidRequest p -> INVALID_REQUEST;
            case AllocationProblem.InvalidDevice p -> INVALID_DEVICE;
            case AllocationProblem.ForeignConsumer p -> FOREIGN_CONSUMER;
            case AllocationProblem.ForeignMigration p -> FOREIGN_MIGRATION;
            case AllocationProblem.MoveRemoved p -> MOVE_REMOVED;
            case AllocationProblem.MoveSourceMismatch p -> MOVE_SOURCE_MISMATCH;
            case AllocationProblem.HostNotReported p -> HOST_NOT_REPORTED;
            case AllocationProblem.ConsumerHasNoAllocation p -> CONSUMER_HAS_NO_ALLOCATION;
            case AllocationProblem.MoveInProgress p -> MOVE_IN_PROGRESS;
            case AllocationProblem.MoveNotStarted p -> MOVE_NOT_STARTED;
            case AllocationProblem.MoveNotFinished p -> MOVE_NOT_FINISHED;
            case AllocationProblem.RejectedByPlacement p -> REJECTED_BY_PLACEMENT;
            case AllocationProblem.InsufficientDevices p -> INSUFFICIENT_DEVICES;
            case AllocationProblem.ConsumerElsewhere p -> CONSUMER_ELSEWHERE;
            case AllocationProblem.ProviderFull p -> PROVIDER_FULL;
            case AllocationProblem.AttachmentUnconfirmed p -> ATTACHMENT_UNCONFIRMED;
        };
    }
}
