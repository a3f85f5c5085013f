package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Decision about the PCI part of a consumer's allocation and, in a move, of the migration's allocation. */
public sealed interface AllocationDecision {

    /**
     * Placement is up to date.
     *
     * @param pending action that another client must take before the allocation is complete
     */
    record InSync(List<AllocationDelta> deltas, Optional<AllocationProblem> pending) implements AllocationDecision {

        public InSync {
            deltas = List.copyOf(deltas);
        }
    }

    /**
     * The allocations are written in one request.
     *
     * @param allocations complete new allocation of each of these consumers
     * @param pending action that another client must take before the allocation is complete
     */
    record Update(Map<UUID, Allocation> allocations, List<AllocationDelta> deltas, Optional<AllocationProblem> pending)
            implements AllocationDecision {

        public Update {
            allocations = Map.copyOf(allocations);
            deltas = List.copyOf(deltas);
        }
    }

    /** Nothing is written because of a problem. */
    record Blocked(AllocationProblem problem) implements AllocationDecision {}

    /** Returns the problem; empty if the allocation is, or will be, complete. */
    default Optional<AllocationProblem> findProblem() {
        return switch (this) {
            case InSync right -> right.pending();
            case Update write -> write.pending();
            case Blocked left -> Optional.of(left.problem());
        };
    }
}
