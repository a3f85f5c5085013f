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
 * The readiness probe: what the webhook judges by is known and current. A stand-by is ready, too; and so is an operator
 * whose Placement is away, for admission must go on then.
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
        HealthCheckResponseBuilder answer =
                HealthCheckResponse.named("caches-current").withData("leads", leadership.leads());
        if (!lifecycle.started()) {
            return answer.down()
                    .withData("waits", "for the first reading of all objects")
                    .build();
        }
        List<String> stale = lifecycle.controllers().stream()
                .filter(controller -> controller.getControllerHealthInfo().hasUnhealthyEventSources())
                .map(ReadinessCheck::name)
                .toList();
        boolean current = stale.isEmpty() && cluster.watching();
        if (!current) {
            answer.withData("waits", "for the watches of the API server: " + String.join(", ", stale));
        }
        return answer.status(current).build();
    }

    private static String name(Controller<?> controller) {
        return controller.getConfiguration().getName();
    }
}
