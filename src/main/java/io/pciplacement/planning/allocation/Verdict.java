package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What is to be done about the PCI part of one consumer's allocation, and in a move of the migration's. */
public sealed interface Verdict {

    /**
     * Placement has it so already.
     *
     * @param open what somebody else must do before all is well
     */
    record Right(List<Amount> amounts, Optional<Problem> open) implements Verdict {

        public Right {
            amounts = List.copyOf(amounts);
        }
    }

    /**
     * This is to be written, in one request.
     *
     * @param allocations all that each of these consumers shall have
     * @param open what somebody else must do before all is well
     */
    record Write(Map<UUID, Allocation> allocations, List<Amount> amounts, Optional<Problem> open) implements Verdict {

        public Write {
            allocations = Map.copyOf(allocations);
            amounts = List.copyOf(amounts);
        }
    }

    /** Nothing is to be written, and this is why. */
    record Left(Problem problem) implements Verdict {}

    /** What is amiss; empty where all is, or will be, as it should be. */
    default Optional<Problem> amiss() {
        return switch (this) {
            case Right right -> right.open();
            case Write write -> write.open();
            case Left left -> Optional.of(left.problem());
        };
    }
}
