package io.pciplacement.operator.health;

import io.pciplacement.operator.leader.LeaderElector;
import io.pciplacement.operator.reconciliation.ActiveReconciliations;
import io.pciplacement.operator.sweep.SweepLoop;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/**
 * The liveness probe: the two threads without which nothing goes on do go on, watches tell what they should, and every
 * reconciliation returns. What is away outside is no reason.
 */
@Liveness
@ApplicationScoped
public class LivenessCheck implements HealthCheck {

    private final SweepLoop sweeps;
    private final LeaderElector election;
    private final WatchCanary canary;
    private final ActiveReconciliations reconciliations;

    LivenessCheck(SweepLoop sweeps, LeaderElector election, WatchCanary canary, ActiveReconciliations reconciliations) {
        this.sweeps = sweeps;
        this.election = election;
        this.canary = canary;
        this.reconciliations = reconciliations;
    }

    @Override
    public HealthCheckResponse call() {
        boolean sweeping = sweeps.alive();
        boolean electing = election.alive();
        boolean watching = canary.isHeard();
        Optional<String> stuck = reconciliations.stuck();
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("threads")
                .withData("sweep", sweeping)
                .withData("leader", electing)
                .withData("watches", watching)
                .withData("reconciliations", stuck.isEmpty());
        stuck.ifPresent(what -> answer.withData("stuck", what));
        return answer.status(sweeping && electing && watching && stuck.isEmpty())
                .build();
    }
}
