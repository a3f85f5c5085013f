package io.pciplacement.operator;

import io.pciplacement.operator.leader.Reach;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.placement.http.PlacementConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether this process reaches Placement. Asked for nothing where all is well: only once a request has failed, or has
 * waited for long, it is tried on a connection of its own.
 */
@ApplicationScoped
public class PlacementReach implements Reach {

    /** An answer may take longer than this; then Placement still answers others. */
    private static final Duration LONG = Duration.ofSeconds(3);

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final PlacementSync placement;
    private final PlacementConnection connection;
    private final AtomicBoolean trying = new AtomicBoolean();
    private volatile boolean cutOff;

    PlacementReach(PlacementSync placement, PlacementConnection connection) {
        this.placement = placement;
        this.connection = connection;
    }

    @Override
    public boolean isCutOff() {
        boolean suspect = placement.link() instanceof Link.Down
                || connection.longestWait().compareTo(LONG) > 0;
        if (!suspect) {
            cutOff = false;
        } else if (trying.compareAndSet(false, true)) {
            // Elsewhere, so that the lease is renewed meanwhile: the next look has the answer.
            Thread.ofVirtual().name("reach").start(() -> {
                cutOff = !tried();
                trying.set(false);
            });
        }
        return cutOff;
    }

    @Override
    public boolean tried() {
        return connection.answers(LIMIT);
    }
}
