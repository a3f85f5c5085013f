package io.pciplacement.sync.state;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.Trait;
import java.util.SortedSet;

/** State of the connection to Placement. */
public sealed interface PlacementState {

    /** Placement has not responded yet. */
    record Connecting() implements PlacementState {}

    /**
     * Placement is reachable and the operator's providers have been listed.
     *
     * @param names the standard names that Placement knows
     * @param ownershipTraits the traits that mark the operator's PCI providers
     */
    record Available(NameNormalizer names, SortedSet<Trait> ownershipTraits) implements PlacementState {}

    /**
     * Placement cannot be used.
     *
     * @param reason the reason for conditions
     * @param message what is wrong and what to do
     */
    record Unavailable(String reason, String message) implements PlacementState {

        public static Unavailable fromException(PlacementException e) {
            return new Unavailable(FailureAction.conditionReason(e), String.valueOf(e.getMessage()));
        }
    }
}
