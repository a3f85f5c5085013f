package io.pciplacement.operator.leader;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a leader that does not reach Placement passes the lead to an operator that does, by annotations of the Lease: it
 * says that it misses Placement; a stand-by that reaches it says so; then the leader gives the Lease back. Where nobody
 * reaches Placement, nobody offers, and the lead stays where it is.
 */
final class LeadershipHandover {

    /** The leader that misses Placement. */
    static final String MISSES = "pciplacement.io/placement-unreachable-from";

    /** A stand-by that reaches it. */
    static final String REACHES = "pciplacement.io/handover-candidate";

    private final String identity;

    LeadershipHandover(String identity) {
        this.identity = identity;
    }

    /** The annotations that this process, which leads, gives the Lease at its renewal. */
    Map<String, String> asLeader(Map<String, String> found, boolean misses) {
        Map<String, String> annotations = without(found);
        if (misses) {
            annotations.put(MISSES, identity);
            // An offer made to an earlier leader, or before this trouble began, may be true no more.
            if (identity.equals(found.get(MISSES)) && found.containsKey(REACHES)) {
                annotations.put(REACHES, found.get(REACHES));
            }
        }
        return annotations;
    }

    /** Who offers to take the lead from this process, which misses Placement. */
    Optional<String> successor(Map<String, String> found) {
        return Optional.ofNullable(found.get(REACHES))
                .filter(other -> identity.equals(found.get(MISSES)) && !other.equals(identity));
    }

    /** Whether the leader asks who reaches Placement, and nobody has answered yet. */
    boolean isAsked(Map<String, String> found) {
        return found.containsKey(MISSES) && !found.containsKey(REACHES);
    }

    /** The annotations that this process, which stands by and reaches Placement, gives the Lease. */
    Map<String, String> asOffered(Map<String, String> found) {
        Map<String, String> annotations = new TreeMap<>(found);
        annotations.put(REACHES, identity);
        return annotations;
    }

    /** The annotations of a Lease that is given back. */
    static Map<String, String> without(Map<String, String> found) {
        Map<String, String> annotations = new TreeMap<>(found);
        annotations.remove(MISSES);
        annotations.remove(REACHES);
        return annotations;
    }
}
