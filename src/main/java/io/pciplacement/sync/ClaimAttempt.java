package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.sync.index.AffectedObjects;
import io.pciplacement.sync.index.AllocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to execute a claim.
 *
 * @param affected the objects and hosts that the granted devices affect
 * @param pendingClaim the claim, if it waits for capacity
 */
record ClaimAttempt(
        AllocationSyncResult syncResult,
        AffectedObjects affected,
        AllocationIndex.@Nullable PendingClaim pendingClaim) {

    static ClaimAttempt withoutGrant(AllocationSyncResult syncResult) {
        return new ClaimAttempt(syncResult, AffectedObjects.NONE, null);
    }

    /** @param claim the claim as limited to the hosts that were considered */
    static ClaimAttempt blocked(Claim claim, AllocationProblem problem, boolean retry) {
        AllocationIndex.PendingClaim pendingClaim =
                problem instanceof AllocationProblem.InsufficientDevices insufficient
                        ? new AllocationIndex.PendingClaim(claim, insufficient.olderClaimsPending())
                        : null;
        return new ClaimAttempt(
                new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem), retry),
                AffectedObjects.NONE,
                pendingClaim);
    }
}
