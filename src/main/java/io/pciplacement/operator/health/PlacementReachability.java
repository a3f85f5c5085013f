package io.pciplacement.operator.health;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.operator.leader.ReachabilityProbe;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.PlacementSync;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether this process reaches Placement. Asked for nothing where all is well: only once a request has failed, or has
 * waited for long, it is tried on a connection of its own.
 */
@ApplicationScoped
public class PlacementReachability implements ReachabilityProbe {

    /** An answer may take longer than this; then Placement still answers others. */
    private static final Duration LONG = Duration.ofSeconds(3);

    private static final Duration LIMIT = Duration.ofSeconds(2);

    /** Placement that is away is not asked more often than this, by those who only want to know whether it is back. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final PlacementSync placement;
    private final PlacementConnection connection;
    private final AtomicBoolean trying = new AtomicBoolean();
    private volatile boolean reached;
    private volatile long triedAt = System.nanoTime() - PAUSE.toNanos();

    PlacementReachability(PlacementSync placement, PlacementConnection connection) {
        this.placement = placement;
        this.connection = connection;
    }

    @Override
    public boolean isCutOff() {
        if (!isSuspect()) {
            reached = true;
            return false;
        }
        // Elsewhere, so that the lease is renewed meanwhile: the next look has the answer.
        if (isDue() && trying.compareAndSet(false, true)) {
            Thread.ofVirtual().name("reach").start(() -> {
                try {
                    tried();
                } finally {
                    trying.set(false);
                }
            });
        }
        return !reached;
    }

    private boolean isSuspect() {
        return (placement.placementState() instanceof PlacementState.Unavailable down
                        && down.reason().equals(ConditionReason.PLACEMENT_UNREACHABLE.value()))
                || connection.longestWait().compareTo(LONG) > 0;
    }

    private boolean isDue() {
        return System.nanoTime() - triedAt >= PAUSE.toNanos();
    }

    @Override
    public boolean reaches() {
        return isDue() ? tried() : reached;
    }

    @Override
    public boolean tried() {
        reached = connection.answers(LIMIT);
        triedAt = System.nanoTime();
        return reached;
    }
}
