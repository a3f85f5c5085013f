package io.pciplacement.sync;

import io.pciplacement.api.v1alpha1.ConditionReason;
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
import io.pciplacement.placement.PlacementException.WriteBlocked;
import io.pciplacement.planning.finding.FindingReason;

/** What follows from a request that failed: the one place that decides it. */
enum FailureAction {
    /** The world is not as remembered: read that provider again and plan again. */
    REPLAN,
    /** The same again would be refused again: it stays with this provider, the rest goes on. */
    REFUSED,
    /** Nobody gets through: stop, say so, try again later. */
    WAIT;

    static FailureAction to(PlacementException e) {
        return switch (e) {
            case GenerationConflict c -> REPLAN;
            case InUse u -> REPLAN;
            case NotFound n -> REPLAN;
            case NameTaken t -> REPLAN;
            case Rejected r -> REFUSED;
            case CapacityExceeded c -> REFUSED;
            case ResourceClassLimit l -> REFUSED;
            case Unreachable u -> WAIT;
            case WriteBlocked w -> WAIT;
            case Unauthorized u -> WAIT;
            case Misconfigured m -> WAIT;
            case Forbidden f -> WAIT;
        };
    }

    /** The condition's reason where nobody gets through. */
    static String reason(PlacementException e) {
        return switch (e) {
            case Unreachable u -> ConditionReason.PLACEMENT_UNREACHABLE.value();
            case WriteBlocked w -> ConditionReason.PLACEMENT_UNREACHABLE.value();
            case Unauthorized u -> ConditionReason.UNAUTHORIZED.value();
            case Forbidden f -> ConditionReason.FORBIDDEN.value();
            case Misconfigured m -> ConditionReason.MISCONFIGURED.value();
            case GenerationConflict c -> ConditionReason.GENERATION_CONFLICT.value();
            case InUse u -> ConditionReason.INVENTORY_IN_USE.value();
            case NotFound n -> ConditionReason.NOT_FOUND.value();
            case NameTaken t -> FindingReason.FOREIGN_OWNER.value();
            case Rejected r -> FindingReason.REJECTED_BY_PLACEMENT.value();
            case CapacityExceeded c -> ConditionReason.CAPACITY_EXCEEDED.value();
            case ResourceClassLimit l -> ConditionReason.RESOURCE_CLASS_LIMIT.value();
        };
    }
}
