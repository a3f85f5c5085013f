package io.pciplacement.operator.leader;

import java.time.Duration;

/**
 * The times of leading, all from one: how long others wait before they take the lease of a leader that is silent.
 *
 * @param lease how long others wait
 */
record LeaseTimings(Duration lease) {

    private static final Duration SHORTEST = Duration.ofSeconds(3);

    LeaseTimings {
        if (lease.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(
                    "PCI_LEADER_LEASE_DURATION is %s: it must be 3s at least, or a short pause would cost the lead"
                            .formatted(lease));
        }
    }

    /** How long after a renewal the leader writes; what it has sent by then has a third of the lease to arrive. */
    Duration reign() {
        return lease.multipliedBy(2).dividedBy(3);
    }

    /** The pause between two renewals, or two looks of who stands by. */
    Duration retry() {
        return lease.dividedBy(8);
    }

    /** How long one request may take: it must not use up the reign. */
    Duration request() {
        return lease.dividedBy(4);
    }
}
