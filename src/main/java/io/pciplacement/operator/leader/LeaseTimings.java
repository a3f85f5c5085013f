package io.pciplacement.operator.leader;

import java.time.Duration;

/**
 * Durations of the leader election, all derived from the Lease duration.
 *
 * @param leaseDuration how long a standby waits before it acquires a Lease that is not renewed
 */
record LeaseTimings(Duration leaseDuration) {

    private static final Duration MIN_LEASE_DURATION = Duration.ofSeconds(3);

    LeaseTimings {
        if (leaseDuration.compareTo(MIN_LEASE_DURATION) < 0) {
            throw new IllegalArgumentException(
                    "PCI_LEADER_LEASE_DURATION is %s: it must be at least 3s, or a short pause would end leadership"
                            .formatted(leaseDuration));
        }
    }

    /** How long the leader may write after a renewal; requests sent by then have a third of the Lease to complete. */
    Duration writePeriod() {
        return leaseDuration.multipliedBy(2).dividedBy(3);
    }

    /** Interval between two renewals, or two checks by a standby. */
    Duration retryInterval() {
        return leaseDuration.dividedBy(8);
    }

    /** Timeout of a request; it is shorter than the write period. */
    Duration requestTimeout() {
        return leaseDuration.dividedBy(4);
    }
}
