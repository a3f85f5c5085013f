package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.MoveRules;
import io.pciplacement.planning.attachment.AllocationDiscovery;
import io.pciplacement.planning.attachment.ServerSighting;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Preconditions of the sync of a PciAllocation that do not depend on Placement. */
public final class AllocationPreconditions {

    private AllocationPreconditions() {}

    /**
     * Finds the first violated precondition.
     *
     * @param index the index of all PciAllocations
     * @param record what was written for the object
     * @param sightings the hosts that list a server
     */
    public static Optional<AllocationProblem> findViolation(
            PciAllocation object,
            DesiredAllocation desired,
            AllocationIndex index,
            AllocationRecord record,
            Function<UUID, List<ServerSighting>> sightings) {
        return PciAllocationMapper.findInvalidDevice(object)
                .or(() -> index.findDuplicateConsumer(desired))
                .or(() -> MoveRules.findRemovedMove(desired, record))
                .or(() -> desired.discovered()
                        ? findUnconfirmed(
                                desired, sightings.apply(desired.consumer().uuid()))
                        : Optional.empty());
    }

    private static Optional<AllocationProblem> findUnconfirmed(
            DesiredAllocation desired, List<ServerSighting> sightings) {
        return AllocationDiscovery.findDoubt(sightings, desired.devices())
                .map(cause -> new AllocationProblem.AttachmentUnconfirmed(
                        desired.consumer().uuid(), cause));
    }
}
