package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What is to be done about the PCI part of one consumer's allocation, and in a move of the migration's. */
public sealed interface AllocationDecision {

    /**
     * Placement has it so already.
     *
     * @param open what somebody else must do before all is well
     */
    record InSync(List<AllocationDelta> amounts, Optional<AllocationProblem> open) implements AllocationDecision {

        public InSync {
            amounts = List.copyOf(amounts);
        }
    }

    /**
     * This is to be written, in one request.
     *
     * @param allocations all that each of these consumers shall have
     * @param open what somebody else must do before all is well
     */
    record Update(Map<UUID, Allocation> allocations, List<AllocationDelta> amounts, Optional<AllocationProblem> open)
            implements AllocationDecision {

        public Update {
            allocations = Map.copyOf(allocations);
            amounts = List.copyOf(amounts);
        }
    }

    /** Nothing is to be written, and this is why. */
    record Blocked(AllocationProblem problem) implements AllocationDecision {}

    /** What is amiss; empty where all is, or will be, as it should be. */
    default Optional<AllocationProblem> amiss() {
        return switch (this) {
            case AllocationDecision.InSync right -> right.open();
            case AllocationDecision.Update write -> write.open();
            case AllocationDecision.Blocked left -> Optional.of(left.problem());
        };
    }
}
