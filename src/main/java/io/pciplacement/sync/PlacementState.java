package io.pciplacement.sync;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.Trait;
import java.util.SortedSet;

/** How it stands between the operator and Placement. */
public sealed interface PlacementState {

    /** Nothing has been heard of Placement yet. */
    record Connecting() implements PlacementState {}

    /**
     * Placement answers, and what it has of ours is known.
     *
     * @param names the standard names it serves
     * @param marks the traits that every PCI provider of ours gets
     */
    record Available(NameNormalizer names, SortedSet<Trait> marks) implements PlacementState {}

    /**
     * Placement cannot be used.
     *
     * @param reason as in a condition
     * @param message what is wrong and what to do
     */
    record Unavailable(String reason, String message) implements PlacementState {

        static PlacementState.Unavailable because(PlacementException e) {
            return new PlacementState.Unavailable(FailureAction.reason(e), String.valueOf(e.getMessage()));
        }
    }
}
