package io.pciplacement.sync;

import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Request to synchronize the PCI part of the allocations of one PciAllocation's consumers.
 *
 * @param desired the devices that the consumers should have
 * @param stillExists whether the object still exists; called under the locks of its consumers
 * @param hostExists whether a host of that name exists
 * @param olderHolderOf the older allocation of another object that has a device
 * @param hasAllocationFor whether a PciAllocation exists for a consumer
 * @param attachedUnits the number of devices that libvirt has attached to a consumer, by the name of their provider, as
 *     far as the agents have reported it
 * @param acceptance whether this generation of the object was accepted before
 * @param consumersContested whether another object names one of the consumers
 * @param recordStore store of what was written for the object
 */
public record AllocationSyncRequest(
        DesiredAllocation desired,
        BooleanSupplier stillExists,
        Predicate<String> hostExists,
        Function<DeviceRef, Optional<DesiredAllocation>> olderHolderOf,
        Predicate<UUID> hasAllocationFor,
        Function<UUID, Map<String, Integer>> attachedUnits,
        Acceptance acceptance,
        boolean consumersContested,
        AllocationRecordStore recordStore) {

    /** Result of the last evaluation of the same generation of an object. */
    public enum Acceptance {
        /**
         * The consumers' project, user and type were compared with Placement, and allocations may have been written.
         */
        ACCEPTED,
        /** A user must change something, and nothing is written until then. */
        REJECTED,
        /** There was none, or its result is not known. */
        UNKNOWN
    }
}
