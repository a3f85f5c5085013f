package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.MoveRules;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.Optional;

/** Preconditions of the sync of a PciAllocation that do not depend on Placement. */
public final class AllocationPreconditions {

    private AllocationPreconditions() {}

    /**
     * Finds the first violated precondition.
     *
     * @param index the index of all PciAllocations
     * @param record what was written for the object
     */
    public static Optional<AllocationProblem> findViolation(
            PciAllocation object, DesiredAllocation desired, AllocationIndex index, AllocationRecord record) {
        return PciAllocationMapper.findInvalidDevice(object)
                .or(() -> index.findDuplicateConsumer(desired))
                .or(() -> MoveRules.findRemovedMove(desired, record));
    }
}
