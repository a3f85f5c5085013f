package io.pciplacement.sync;

import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One consumer whose PCI part is to be made right.
 *
 * @param there whether the object is still there; asked once nobody else works for its consumers
 * @param hostExists whether there is a host of a name
 * @param rivals who else, older than the holding, has a device
 * @param explained whether a consumer's devices are known from a PciAllocation
 * @param verified whether the consumers' project, user and type were compared with Placement's before, for this
 *     generation of the object
 * @param records what the object has written
 */
public record AllocationSyncRequest(
        DesiredAllocation holding,
        BooleanSupplier there,
        Predicate<String> hostExists,
        Function<DeviceRef, Optional<DesiredAllocation>> rivals,
        Predicate<UUID> explained,
        boolean verified,
        AllocationRecordStore records) {}
