package io.pciplacement.sync.index;

import io.pciplacement.planning.claim.Claim;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pending claims by the name of their object, with revisions that show whether capacity may have become available. Not
 * thread-safe.
 */
final class PendingClaims {

    private static final int MAX_OLDER_CLAIMS = 64;

    private final Map<String, AllocationIndex.PendingClaim> byName = new HashMap<>();
    private long capacityRevision;
    private long claimRevision;

    /** Sets the pending claim of an object, or clears it if null; returns the claims to retry. */
    Set<String> setPending(String name, AllocationIndex.@Nullable PendingClaim current) {
        AllocationIndex.PendingClaim before = current == null ? byName.remove(name) : byName.put(name, current);
        Set<String> affected = Objects.equals(before, current) ? new TreeSet<>() : revisitBlockedClaims();
        affected.remove(name);
        return affected;
    }

    void removePending(String name) {
        byName.remove(name);
    }

    Set<String> revisitBlockedClaims() {
        claimRevision++;
        Set<String> blocked = new TreeSet<>();
        byName.forEach((name, claim) -> {
            if (claim.blockedByOlder()) {
                blocked.add(name);
            }
        });
        return blocked;
    }

    Set<String> onCapacityFreed() {
        capacityRevision++;
        return pendingClaims();
    }

    Set<String> pendingClaims() {
        return Set.copyOf(byName.keySet());
    }

    ClaimRevisions claimRevisions() {
        return new ClaimRevisions(capacityRevision, claimRevision);
    }

    /** Whether a claim that was decided at these revisions may succeed now. */
    boolean isOutdated(AllocationIndex.PendingClaim claim, ClaimRevisions decided) {
        return capacityRevision != decided.capacity() || (claim.blockedByOlder() && claimRevision != decided.claims());
    }

    List<Claim> olderClaims(Claim claim) {
        return byName.values().stream()
                .map(AllocationIndex.PendingClaim::claim)
                .filter(other -> Claim.OLDEST_FIRST.compare(other, claim) < 0)
                .sorted(Claim.OLDEST_FIRST)
                .limit(MAX_OLDER_CLAIMS)
                .toList();
    }
}
