package io.pciplacement.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceAssignment;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Request to execute one claim.
 *
 * @param stillExists whether the object still exists; called under the lock of its consumer
 * @param olderClaims pending claims that are older; called when the claim is executed
 * @param allocatedDevices the devices of a node that other PciAllocations have; called when the claim is executed
 * @param onGranted called with the assigned devices before the next claim is executed
 * @param onNarrowed called with the claim limited to one host, if it can be met only there
 * @param recordStore store of what was written for the object
 */
public record ClaimRequest(
        Claim claim,
        BooleanSupplier stillExists,
        Supplier<Collection<Claim>> olderClaims,
        Function<String, Set<PciAddress>> allocatedDevices,
        Consumer<List<DeviceAssignment>> onGranted,
        Consumer<Claim> onNarrowed,
        AllocationRecordStore recordStore) {}
