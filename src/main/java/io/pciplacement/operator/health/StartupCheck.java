package io.pciplacement.operator.health;

import io.pciplacement.operator.OperatorLifecycle;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Startup probe: all informers have synced, which can take long in a large cluster. */
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
                .status(lifecycle.isStarted())
                .build();
    }
}
