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
 * One object whose part of its consumers' allocations is to be taken away.
 *
 * @param consumers the consumers of the holding and of the record that are no older object's
 * @param record what the object has written, as far as is known
 * @param adopts whether the object may have written more than that; not where it was refused
 * @param requested how many devices the object's requests are for, 0 where it names its devices
 * @param hostExists whether there is a host of a name
 * @param rivals who else, older than the holding, has a device
 */
public record ReleaseRequest(
        DesiredAllocation holding,
        Set<UUID> consumers,
        AllocationRecord record,
        boolean adopts,
        int requested,
        Predicate<String> hostExists,
        Function<DeviceRef, Optional<DesiredAllocation>> rivals) {

    public ReleaseRequest {
        consumers = Set.copyOf(consumers);
    }
}
