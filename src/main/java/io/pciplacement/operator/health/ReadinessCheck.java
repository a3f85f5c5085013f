package io.pciplacement.operator.health;

import io.javaoperatorsdk.operator.processing.Controller;
import io.pciplacement.operator.OperatorLifecycle;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.leader.Leadership;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Readiness probe: the caches that the webhook validates with have synced and are current. A standby is ready, too, and
 * so is an operator without a connection to Placement, because admission must continue.
 */
@Readiness
@ApplicationScoped
public class ReadinessCheck implements HealthCheck {

    private final OperatorLifecycle lifecycle;
    private final ClusterCache cluster;
    private final Leadership leadership;

    ReadinessCheck(OperatorLifecycle lifecycle, ClusterCache cluster, Leadership leadership) {
        this.lifecycle = lifecycle;
        this.cluster = cluster;
        this.leadership = leadership;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("caches-current").withData("leads", leadership.isLeader());
        if (!lifecycle.isStarted()) {
            return response.down()
                    .withData("waits", "for the initial list of all objects")
                    .build();
        }
        List<String> stale = lifecycle.registeredControllers().stream()
                .filter(controller -> controller.getControllerHealthInfo().hasUnhealthyEventSources())
                .map(ReadinessCheck::controllerName)
                .toList();
        boolean current = stale.isEmpty() && cluster.isWatching();
        if (!current) {
            response.withData("waits", "for the watches of the API server: " + String.join(", ", stale));
        }
        return response.status(current).build();
    }

    private static String controllerName(Controller<?> controller) {
        return controller.getConfiguration().getName();
    }
}
