package io.pciplacement.operator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.pciplacement.placement.http.RequestObserver;
import io.pciplacement.sync.HostSyncResult;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What this process has done so far. */
@Singleton
public class OperatorCounters implements RequestObserver {

    private final MeterRegistry registry;
    private final Counter created;
    private final Counter changed;
    private final Counter removed;
    private final Counter heals;
    private final Timer sweeps;

    OperatorCounters(MeterRegistry registry, @ConfigProperty(name = "quarkus.application.version") String version) {
        this.registry = registry;
        Gauge.builder(MetricName.BUILD_INFO.registered(), () -> 1)
                .tag("version", version)
                .strongReference(true)
                .register(registry);
        // From the start on, so that the first one is seen as a change.
        created = registry.counter(MetricName.PROVIDER_WRITES.registered(), "what", "created");
        changed = registry.counter(MetricName.PROVIDER_WRITES.registered(), "what", "changed");
        removed = registry.counter(MetricName.PROVIDER_WRITES.registered(), "what", "removed");
        heals = registry.counter(MetricName.HEALS.registered());
        sweeps = registry.timer(MetricName.SWEEPS.registered());
    }

    /** Providers of a host were written. */
    public void wrote(HostSyncResult.WriteCounts written) {
        created.increment(written.created());
        changed.increment(written.changed());
        removed.increment(written.removed());
    }

    /** A consumer's allocation was put right. */
    public void healed() {
        heals.increment();
    }

    /** One look at Placement was taken. */
    public void swept(Duration took) {
        sweeps.record(took);
    }

    @Override
    public void onCompleted(String method, String route, int status, Duration duration) {
        String code = status == NO_RESPONSE ? "none" : Integer.toString(status);
        registry.timer(MetricName.PLACEMENT_REQUESTS.registered(), "method", method, "route", route, "code", code)
                .record(duration);
    }
}
