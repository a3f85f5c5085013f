package io.pciplacement.operator;

import io.pciplacement.operator.leader.LeaderElection;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** The liveness probe: the two threads without which nothing goes on do go on. What is away outside is no reason. */
@Liveness
@ApplicationScoped
public class AliveCheck implements HealthCheck {

    private final SweepLoop sweeps;
    private final LeaderElection election;

    AliveCheck(SweepLoop sweeps, LeaderElection election) {
        this.sweeps = sweeps;
        this.election = election;
    }

    @Override
    public HealthCheckResponse call() {
        boolean sweeping = sweeps.alive();
        boolean electing = election.alive();
        return HealthCheckResponse.named("threads")
                .withData("sweep", sweeping)
                .withData("leader", electing)
                .status(sweeping && electing)
                .build();
    }
}
