package io.pciplacement.operator.health;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.operator.leader.ReachabilityProbe;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.state.PlacementState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reachability of Placement from this process. No extra requests are sent as long as requests succeed: only after a
 * request has failed, or has been pending for long, Placement is probed on a separate connection.
 */
@ApplicationScoped
public class PlacementReachability implements ReachabilityProbe {

    /**
     * Requests pending for longer than this cause a probe; a slow response alone does not mean that Placement is down.
     */
    private static final Duration PENDING_LIMIT = Duration.ofSeconds(3);

    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    /** Minimum interval between two probes. */
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(5);

    private final PlacementSync placement;
    private final PlacementConnection connection;
    private final AtomicBoolean probing = new AtomicBoolean();
    private volatile boolean reachable;
    private volatile long probedAt = System.nanoTime() - PROBE_INTERVAL.toNanos();

    PlacementReachability(PlacementSync placement, PlacementConnection connection) {
        this.placement = placement;
        this.connection = connection;
    }

    @Override
    public boolean isUnreachable() {
        if (!isSuspect()) {
            reachable = true;
            return false;
        }
        // On a thread of its own, so that the Lease is renewed in the meantime: the next call returns the result.
        if (isProbeDue() && probing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("reach").start(() -> {
                try {
                    probeNow();
                } finally {
                    probing.set(false);
                }
            });
        }
        return !reachable;
    }

    private boolean isSuspect() {
        return (placement.placementState() instanceof PlacementState.Unavailable unavailable
                        && unavailable.reason().equals(ConditionReason.PLACEMENT_UNREACHABLE.value()))
                || connection.longestPendingRequest().compareTo(PENDING_LIMIT) > 0;
    }

    private boolean isProbeDue() {
        return System.nanoTime() - probedAt >= PROBE_INTERVAL.toNanos();
    }

    @Override
    public boolean isLastKnownReachable() {
        return isProbeDue() ? probeNow() : reachable;
    }

    @Override
    public boolean probeNow() {
        reachable = connection.isReachable(PROBE_TIMEOUT);
        probedAt = System.nanoTime();
        return reachable;
    }
}
