package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.sync.state.PlacementState;
import java.util.Optional;
import java.util.Set;

/** Result of synchronizing or releasing the PCI part of a consumer's allocation. */
public sealed interface AllocationSyncResult {

    /** Placement cannot be used. {@code retry} is true if the failure concerns only this consumer. */
    record PlacementUnavailable(PlacementState.Unavailable state, boolean retry) implements AllocationSyncResult {}

    /** Placement or a host of the consumer's devices is not known yet. The consumer is processed again once it is. */
    record Deferred() implements AllocationSyncResult {}

    /**
     * The allocation was evaluated and, if necessary, written.
     *
     * @param decision the result of the evaluation
     * @param touchedNodes the nodes whose providers were written; empty if nothing was written
     * @param retry whether something failed that may succeed on retry
     * @param newRecord the new record of what was written for the object; empty if unchanged
     */
    record Evaluated(
            AllocationDecision decision, Set<String> touchedNodes, boolean retry, Optional<AllocationRecord> newRecord)
            implements AllocationSyncResult {

        public Evaluated {
            touchedNodes = Set.copyOf(touchedNodes);
        }

        /** Nothing was written. */
        public Evaluated(AllocationDecision.Blocked decision, boolean retry) {
            this(decision, Set.of(), retry, Optional.empty());
        }

        public boolean wasWritten() {
            return decision instanceof AllocationDecision.Update;
        }
    }

    /**
     * The consumers no longer have allocations of the object.
     *
     * @param touchedNodes the nodes where they had allocations
     */
    record Released(Set<String> touchedNodes) implements AllocationSyncResult {

        public Released {
            touchedNodes = Set.copyOf(touchedNodes);
        }
    }
}
