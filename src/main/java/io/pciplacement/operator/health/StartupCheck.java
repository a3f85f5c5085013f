package io.pciplacement.operator.health;

import io.pciplacement.operator.OperatorLifecycle;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** The startup probe: all objects of the cluster have been read once, which takes its time in a large one. */
@Startup
@ApplicationScoped
public class StartupCheck implements HealthCheck {

    private final OperatorLifecycle lifecycle;

    StartupCheck(OperatorLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("caches-filled")
                .status(lifecycle.started())
                .build();
    }
}
