package io.pciplacement.sync.state;

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

/** Action after a failed request to Placement. All callers classify errors here. */
public enum FailureAction {
    /** The cache is outdated: read the provider again and plan again. */
    REPLAN,
    /** The same request would be rejected again: give up on this provider and continue with the others. */
    GIVE_UP,
    /** Placement cannot be used: stop, report it and retry later. */
    WAIT;

    public static FailureAction forException(PlacementException e) {
        return switch (e) {
            case GenerationConflict c -> REPLAN;
            case InUse u -> REPLAN;
            case NotFound n -> REPLAN;
            case NameTaken t -> REPLAN;
            case Rejected r -> GIVE_UP;
            case CapacityExceeded c -> GIVE_UP;
            case ResourceClassLimit l -> GIVE_UP;
            case Unreachable u -> WAIT;
            case WriteBlocked w -> WAIT;
            case Unauthorized u -> WAIT;
            case Misconfigured m -> WAIT;
            case Forbidden f -> WAIT;
        };
    }

    /** The reason of the condition that reports the failure. */
    public static String conditionReason(PlacementException e) {
        return switch (e) {
            case Unreachable u -> ConditionReason.PLACEMENT_UNREACHABLE.value();
            case WriteBlocked w -> ConditionReason.PLACEMENT_UNREACHABLE.value();
            case Unauthorized u -> ConditionReason.UNAUTHORIZED.value();
            case Forbidden f -> ConditionReason.FORBIDDEN.value();
            case Misconfigured m -> ConditionReason.INVALID_CLOUD_CONFIG.value();
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
