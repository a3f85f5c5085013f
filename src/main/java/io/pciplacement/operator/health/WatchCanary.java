package io.pciplacement.operator.health;

import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.leader.LeaderElector;
import io.pciplacement.operator.settings.OperatorSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Detector of silently dead watches. The leader's Lease is renewed every few seconds; every operator reads it by
 * request, and a watch must deliver the renewals, too. If it does not, the connection of the watches is dead although
 * they report that they run: the caches are outdated, and the process must be restarted.
 */
@ApplicationScoped
public class WatchCanary {

    private static final int MAX_LAG_LEASES = 5;

    private final LeaderElector leaderElector;
    private final ClusterCache cluster;
    private final OperatorSettings settings;

    WatchCanary(LeaderElector leaderElector, ClusterCache cluster, OperatorSettings settings) {
        this.leaderElector = leaderElector;
        this.cluster = cluster;
        this.settings = settings;
    }

    boolean isUpToDate() {
        return isUpToDate(
                leaderElector.lastRenewTime(),
                cluster.leaseRenewTime(settings.leaderLease()),
                settings.leaderLeaseDuration().multipliedBy(MAX_LAG_LEASES));
    }

    /**
     * Whether a watch keeps up with the API server.
     *
     * @param readRenewTime last renewal time read by request; empty before the first response
     * @param watchedRenewTime last renewal time delivered by the watch
     */
    static boolean isUpToDate(Optional<Instant> readRenewTime, Optional<Instant> watchedRenewTime, Duration tolerance) {
        // A Lease that the watch has not delivered may have just been created.
        return readRenewTime.isEmpty()
                || watchedRenewTime.isEmpty()
                || Duration.between(watchedRenewTime.get(), readRenewTime.get()).compareTo(tolerance) <= 0;
    }
}
