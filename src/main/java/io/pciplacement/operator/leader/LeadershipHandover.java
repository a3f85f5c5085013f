package io.pciplacement.operator.leader;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Handover protocol in annotations of the Lease. A leader that cannot reach Placement sets an annotation; a standby
 * that can answers with another; then the leader releases the Lease. If no standby can reach Placement, the leader
 * stays.
 */
final class LeadershipHandover {

    /** Annotation with the identity of a leader that cannot reach Placement. */
    static final String UNREACHABLE_FROM = "pciplacement.io/placement-unreachable-from";

    /** Annotation with the identity of a standby that can reach Placement. */
    static final String CANDIDATE = "pciplacement.io/handover-candidate";

    private final String identity;

    LeadershipHandover(String identity) {
        this.identity = identity;
    }

    /** Annotations that this process sets as the leader when it renews the Lease. */
    Map<String, String> leaderAnnotations(Map<String, String> found, boolean unreachable) {
        Map<String, String> annotations = withoutHandover(found);
        if (unreachable) {
            annotations.put(UNREACHABLE_FROM, identity);
            // An offer to an earlier leader, or from before Placement became unreachable, may be outdated.
            if (identity.equals(found.get(UNREACHABLE_FROM)) && found.containsKey(CANDIDATE)) {
                annotations.put(CANDIDATE, found.get(CANDIDATE));
            }
        }
        return annotations;
    }

    /** The standby that offers to take over from this process. */
    Optional<String> findSuccessor(Map<String, String> found) {
        return Optional.ofNullable(found.get(CANDIDATE))
                .filter(other -> identity.equals(found.get(UNREACHABLE_FROM)) && !other.equals(identity));
    }

    /** Whether the leader requests a handover and no standby has answered. */
    boolean isRequested(Map<String, String> found) {
        return found.containsKey(UNREACHABLE_FROM) && !found.containsKey(CANDIDATE);
    }

    /** Annotations with the offer of this process, a standby that can reach Placement. */
    Map<String, String> withOffer(Map<String, String> found) {
        Map<String, String> annotations = new TreeMap<>(found);
        annotations.put(CANDIDATE, identity);
        return annotations;
    }

    /** Annotations of a released Lease. */
    static Map<String, String> withoutHandover(Map<String, String> found) {
        Map<String, String> annotations = new TreeMap<>(found);
        annotations.remove(UNREACHABLE_FROM);
        annotations.remove(CANDIDATE);
        return annotations;
    }
}
