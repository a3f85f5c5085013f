package io.pciplacement.operator.health;

import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.leader.LeaderElector;
import io.pciplacement.operator.settings.OperatorSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells whether watches tell: the leader's Lease is renewed every few seconds, every operator asks for it, and a watch
 * has to tell of it, too. One that does not has died in silence, and so may all the others, though they say that they
 * go on: what this process knows of the cluster is old, and only a new start helps.
 */
@ApplicationScoped
public class WatchCanary {

    private static final int LEASES = 5;

    private final LeaderElector election;
    private final ClusterCache cluster;
    private final OperatorSettings settings;

    WatchCanary(LeaderElector election, ClusterCache cluster, OperatorSettings settings) {
        this.election = election;
        this.cluster = cluster;
        this.settings = settings;
    }

    boolean isHeard() {
        return isHeard(
                election.renewal(),
                cluster.renewed(settings.leaderLease()),
                settings.leaderLeaseDuration().multipliedBy(LEASES));
    }

    /**
     * Whether a watch keeps up with what is answered to who asks.
     *
     * @param answered the renewal that was last asked for; none where the API server has not answered yet
     * @param watched the renewal that the watch has told of
     */
    static boolean isHeard(Optional<Instant> answered, Optional<Instant> watched, Duration patience) {
        // (a Lease that the watch has not told of at all may be a moment old)
        return answered.isEmpty()
                || watched.isEmpty()
                || Duration.between(watched.get(), answered.get()).compareTo(patience) <= 0;
    }
}
