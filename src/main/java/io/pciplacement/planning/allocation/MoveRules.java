package io.pciplacement.planning.allocation;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Rules of a move that compare an object with what was written for it. The webhook rejects the removal of a move that
 * has not ended; this rule applies when the webhook was bypassed or unavailable.
 */
public final class MoveRules {

    private MoveRules() {}

    /**
     * Finds a migration for which units were written and which the object does not name any more. Without spec.move the
     * operator would never release these units.
     */
    public static Optional<AllocationProblem> findRemovedMove(DesiredAllocation desired, AllocationRecord record) {
        Set<UUID> unnamed = new TreeSet<>(record.consumerUuids());
        unnamed.removeAll(desired.consumerUuids());
        return unnamed.stream().findFirst().map(AllocationProblem.MoveRemoved::new);
    }
}
