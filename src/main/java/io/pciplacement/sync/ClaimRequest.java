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
 * One claim that is to be decided.
 *
 * @param there whether the object is still there; asked once nobody else works for its consumer
 * @param elders older claims that wait, asked for when it is decided
 * @param taken which devices of a node other PciAllocations have, asked when it is decided
 * @param granted told what was granted, before the next claim is decided
 * @param narrowed told where alone the claim can be met, if that is known only now
 * @param records what the object has written
 */
public record ClaimRequest(
        Claim claim,
        BooleanSupplier there,
        Supplier<Collection<Claim>> elders,
        Function<String, Set<PciAddress>> taken,
        Consumer<List<DeviceAssignment>> granted,
        Consumer<Claim> narrowed,
        AllocationRecordStore records) {}
