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
 * Liveness probe: fails if the sweep or leader-election thread is dead or stuck, the watches are stale, or a
 * reconciliation does not return. Outages of external services do not fail it.
 */
@Liveness
@ApplicationScoped
public class LivenessCheck implements HealthCheck {

    private final SweepLoop sweepLoop;
    private final LeaderElector leaderElector;
    private final WatchCanary watchCanary;
    private final ActiveReconciliations reconciliations;

    LivenessCheck(
            SweepLoop sweepLoop,
            LeaderElector leaderElector,
            WatchCanary watchCanary,
            ActiveReconciliations reconciliations) {
        this.sweepLoop = sweepLoop;
        this.leaderElector = leaderElector;
        this.watchCanary = watchCanary;
        this.reconciliations = reconciliations;
    }

    @Override
    public HealthCheckResponse call() {
        boolean sweeping = sweepLoop.isResponsive();
        boolean electing = leaderElector.isResponsive();
        boolean watching = watchCanary.isUpToDate();
        Optional<String> restartReason = reconciliations.restartReason();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("threads")
                .withData("sweep", sweeping)
                .withData("leader", electing)
                .withData("watches", watching)
                .withData("reconciliations", restartReason.isEmpty());
        restartReason.ifPresent(reason -> response.withData("stuck", reason));
        return response.status(sweeping && electing && watching && restartReason.isEmpty())
                .build();
    }
}
