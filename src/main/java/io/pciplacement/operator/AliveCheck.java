package io.pciplacement.operator;

import io.pciplacement.operator.leader.LeaderElection;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * The liveness probe: the two threads without which nothing goes on do go on, and watches tell what they should. What
 * is away outside is no reason.
 */
@Liveness
@ApplicationScoped
public class AliveCheck implements HealthCheck {

    private final SweepLoop sweeps;
    private final LeaderElection election;
    private final WatchCanary canary;

    AliveCheck(SweepLoop sweeps, LeaderElection election, WatchCanary canary) {
        this.sweeps = sweeps;
        this.election = election;
        this.canary = canary;
    }

    @Override
    public HealthCheckResponse call() {
        boolean sweeping = sweeps.alive();
        boolean electing = election.alive();
        boolean watching = canary.isHeard();
        return HealthCheckResponse.named("threads")
                .withData("sweep", sweeping)
                .withData("leader", electing)
                .withData("watches", watching)
                .status(sweeping && electing && watching)
                .build();
    }
}
