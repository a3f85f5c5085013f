package io.pciplacement.operator.sync;

import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
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
public record HoldRequest(
        Holding holding,
        BooleanSupplier there,
        Predicate<String> hostExists,
        Function<DeviceAt, Optional<Holding>> rivals,
        Predicate<UUID> explained,
        boolean verified,
        RecordKeeper records) {}
