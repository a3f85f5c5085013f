package io.pciplacement.operator.sync;

import io.pciplacement.placement.Names;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.Trait;
import java.util.SortedSet;

/** How it stands between the operator and Placement. */
public sealed interface Link {

    /** Nothing has been heard of Placement yet. */
    record Waiting() implements Link {}

    /**
     * Placement answers, and what it has of ours is known.
     *
     * @param names the standard names it serves
     * @param marks the traits that every PCI provider of ours gets
     */
    record Up(Names names, SortedSet<Trait> marks) implements Link {}

    /**
     * Placement cannot be used.
     *
     * @param reason as in a condition
     * @param message what is wrong and what to do
     */
    record Down(String reason, String message) implements Link {

        static Down because(PlacementException e) {
            return new Down(Reaction.reason(e), String.valueOf(e.getMessage()));
        }
    }
}
