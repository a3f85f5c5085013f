package io.pciplacement.planning.allocation;

/** Reasons why a PciAllocation is not in sync. They are part of the API: docs/reasons.md describes each. */
public enum AllocationProblemReason {
    UNKNOWN_HOST("UnknownHost"),
    DEVICE_NOT_ON_HOST("DeviceNotOnHost"),
    DEVICE_NOT_TRACKED("DeviceNotTracked"),
    VF_MANAGED_BY_NOVA("VfManagedByNova"),
    DEVICE_MISMATCH("DeviceMismatch"),
    DEVICE_ALREADY_ALLOCATED("DeviceAlreadyAllocated"),
    DEPENDENT_DEVICES("DependentDevices"),
    DUPLICATE_CONSUMER("DuplicateConsumer"),
    INVALID_REQUEST("InvalidRequest"),
    INVALID_DEVICE("InvalidDevice"),
    FOREIGN_CONSUMER("ForeignConsumer"),
    FOREIGN_MIGRATION("ForeignMigration"),
    MOVE_REMOVED("MoveRemoved"),
    MOVE_SOURCE_MISMATCH("MoveSourceMismatch"),
    HOST_NOT_REPORTED("HostNotReported"),
    CONSUMER_HAS_NO_ALLOCATION("ConsumerHasNoAllocation"),
    MOVE_IN_PROGRESS("MoveInProgress"),
    MOVE_NOT_STARTED("MoveNotStarted"),
    MOVE_NOT_FINISHED("MoveNotFinished"),
    REJECTED_BY_PLACEMENT("RejectedByPlacement"),
    INSUFFICIENT_DEVICES("InsufficientDevices"),
    CONSUMER_ELSEWHERE("ConsumerElsewhere"),
    PROVIDER_FULL("ProviderFull"),
    ATTACHMENT_UNCONFIRMED("AttachmentUnconfirmed");

    private final String value;

    AllocationProblemReason(String value) {
        this.value = value;
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
