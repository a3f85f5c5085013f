package io.pciplacement.operator.sync;

import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.CapacityExceeded;
import io.pciplacement.placement.PlacementException.Forbidden;
import io.pciplacement.placement.PlacementException.GenerationConflict;
import io.pciplacement.placement.PlacementException.InUse;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.NameTaken;
import io.pciplacement.placement.PlacementException.NotFound;
import io.pciplacement.placement.PlacementException.Rejected;
import io.pciplacement.placement.PlacementException.ResourceClassLimit;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.planning.Finding;

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
            case ResourceClassLimit l -> REFUSED;
            case Unreachable u -> WAIT;
            case Unauthorized u -> WAIT;
            case Misconfigured m -> WAIT;
            case Forbidden f -> WAIT;
        };
    }

    /** The condition's reason where nobody gets through. */
    static String reason(PlacementException e) {
        return switch (e) {
            case Unreachable u -> Reason.PlacementUnreachable.name();
            case Unauthorized u -> Reason.Unauthorized.name();
            case Forbidden f -> Reason.Forbidden.name();
            case Misconfigured m -> Reason.Misconfigured.name();
            case GenerationConflict c -> Reason.GenerationConflict.name();
            case InUse u -> Reason.InventoryInUse.name();
            case NotFound n -> Reason.NotFound.name();
            case NameTaken t -> Finding.ForeignOwner.class.getSimpleName();
            case Rejected r -> Finding.RefusedByPlacement.class.getSimpleName();
            case CapacityExceeded c -> Reason.CapacityExceeded.name();
            case ResourceClassLimit l -> Reason.ResourceClassLimit.name();
        };
    }
}
