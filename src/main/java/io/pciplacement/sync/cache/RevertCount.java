package io.pciplacement.sync.cache;

import java.time.Duration;
import java.time.Instant;

/**
 * Count of how often other clients have reverted one write of the operator. After the second revert the operator should
 * stop, since two writers with different desired states never converge.
 *
 * @param pending whether the last write has not been reverted yet
 * @param lastChange time from which the next revert is a separate event if it is more than an hour later
 */
public record RevertCount(boolean pending, int reverts, Instant lastChange) {

    private static final int MAX_REVERTS = 2;

    /** Reverts that are further apart are separate events, each corrected by one write. */
    private static final Duration WINDOW = Duration.ofHours(1);

    /** The count after the first write. */
    public static RevertCount firstWrite(Instant now) {
        return new RevertCount(true, 0, now);
    }

    /** Returns the count after the next write of the same. */
    public RevertCount nextWrite(Instant newLastChange) {
        return new RevertCount(true, reverts, newLastChange);
    }

    /** Returns the count when the last write is found reverted; a write counts once. */
    public RevertCount reverted(Instant now) {
        return pending ? new RevertCount(false, isExpired(now) ? 1 : reverts + 1, now) : this;
    }

    /** Whether a revert now would be a separate event. */
    public boolean isExpired(Instant now) {
        return now.isAfter(lastChange.plus(WINDOW));
    }

    /** Whether the operator should no longer write. */
    public boolean isContested() {
        return reverts >= MAX_REVERTS;
    }
}
