package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationRecord;
import java.util.Optional;
import java.util.Set;

/** What came of an attempt to make a consumer's PCI part right, or to take it away. */
public sealed interface AllocationSyncResult {

    /** Placement cannot be used now; the retry tells whether only this consumer met with it. */
    record PlacementUnavailable(PlacementState.Unavailable link, boolean retry) implements AllocationSyncResult {}

    /** Placement, or a host of the consumer's devices, is not known yet; it is taken up again once it is. */
    record Deferred() implements AllocationSyncResult {}

    /**
     * It was judged, and written where it had to be.
     *
     * @param touched the nodes whose providers a write has touched; empty where nothing was written
     * @param retry whether something was left that may go through when tried again
     * @param record what the object has written now; empty where that is as it was before
     */
    record Evaluated(AllocationDecision verdict, Set<String> touched, boolean retry, Optional<AllocationRecord> record)
            implements AllocationSyncResult {

        public Evaluated {
            touched = Set.copyOf(touched);
        }

        /** Nothing was written. */
        public Evaluated(AllocationDecision.Blocked verdict, boolean retry) {
            this(verdict, Set.of(), retry, Optional.empty());
        }

        public boolean written() {
            return verdict instanceof AllocationDecision.Update;
        }
    }

    /** The consumers have nothing of the object's any more; these are the nodes where they had. */
    record Released(Set<String> touched) implements AllocationSyncResult {

        public Released {
            touched = Set.copyOf(touched);
        }
    }
}
