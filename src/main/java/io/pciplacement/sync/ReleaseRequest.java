package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Request to release what was written for one object from its consumers' allocations.
 *
 * @param desired the devices of the object
 * @param consumers the consumers of the object and of the record that do not belong to an older object
 * @param record what was written for the object, as far as known
 * @param mayAdopt whether more may have been written for the object; false if it was rejected
 * @param requestedDevices how many devices the object requests; 0 if it names its devices
 * @param hostExists whether a host of that name exists
 * @param olderHolderOf the older allocation of another object that has a device
 */
public record ReleaseRequest(
        DesiredAllocation desired,
        Set<UUID> consumers,
        AllocationRecord record,
        boolean mayAdopt,
        int requestedDevices,
        Predicate<String> hostExists,
        Function<DeviceRef, Optional<DesiredAllocation>> olderHolderOf) {

    public ReleaseRequest {
        consumers = Set.copyOf(consumers);
    }
}
