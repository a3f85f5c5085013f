package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Request to release what was written for one object from its consumers' allocations.
 *
 * @param desired the devices of the object
 * @param record what was written for the object, as far as known
 * @param adoptable the consumers for which more may have been written than the record shows; empty if the object was
 *     rejected
 * @param acceptance whether the object was accepted before its deletion
 * @param requestedDevices how many devices the object requests; 0 if it names its devices
 * @param hostExists whether a host of that name exists
 * @param olderHolderOf the older allocation of another object that has a device
 */
public record ReleaseRequest(
        DesiredAllocation desired,
        AllocationRecord record,
        Set<UUID> adoptable,
        AllocationSyncRequest.Acceptance acceptance,
        int requestedDevices,
        Predicate<String> hostExists,
        Function<DeviceRef, Optional<DesiredAllocation>> olderHolderOf) {

    public ReleaseRequest {
        adoptable = Set.copyOf(adoptable);
    }

    /** All consumers that may have something to release. */
    Set<UUID> consumers() {
        Set<UUID> consumers = new TreeSet<>(adoptable);
        consumers.addAll(record.consumerUuids());
        return consumers;
    }
}
