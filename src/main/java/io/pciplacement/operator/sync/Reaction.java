package io.pciplacement.operator.sync;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.CapacityExceeded;
import io.pciplacement.placement.PlacementException.Forbidden;
import io.pciplacement.placement.PlacementException.GenerationConflict;
import io.pciplacement.placement.PlacementException.InUse;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.NameTaken;
import io.pciplacement.placement.PlacementException.NotFound;
import io.pciplacement.placement.PlacementException.Rejected;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;

/** What follows from a request that failed: the one place that decides it. */
enum Reaction {
    /** The world is not as remembered: read that provider again and plan again. */
    REPLAN,
    /** The same again would be refused again: it stays with this provider, the rest goes on. */
    REFUSED,
    /** Nobody gets through: stop, say so, try again later. */
    WAIT;

    static Reaction to(PlacementException e) {
        return switch (e) {
            case GenerationConflict c -> REPLAN;
            case InUse u -> REPLAN;
            case NotFound n -> REPLAN;
            case NameTaken t -> REPLAN;
            case Rejected r -> REFUSED;
            case CapacityExceeded c -> REFUSED;
            case Unreachable u -> WAIT;
            case Unauthorized u -> WAIT;
            case Misconfigured m -> WAIT;
            case Forbidden f -> WAIT;
        };
    }

    /** The condition's reason where nobody gets through. */
    static String reason(PlacementException e) {
        return switch (e) {
            case Unreachable u -> "PlacementUnreachable";
            case Unauthorized u -> "Unauthorized";
            case Forbidden f -> "Forbidden";
            case Misconfigured m -> "Misconfigured";
            case GenerationConflict c -> "GenerationConflict";
            case InUse u -> "InventoryInUse";
            case NotFound n -> "NotFound";
            case NameTaken t -> "ForeignOwner";
            case Rejected r -> "RefusedByPlacement";
            case CapacityExceeded c -> "CapacityExceeded";
        };
    }
}
