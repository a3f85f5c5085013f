package io.pciplacement.operator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.pciplacement.placement.http.RequestObserver;
import io.pciplacement.sync.host.HostSyncResult;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Counters and timers of this process. */
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
        Gauge.builder(MetricName.BUILD_INFO.meterName(), () -> 1)
                .tag("version", version)
                .strongReference(true)
                .register(registry);
        // Registered at startup, so that Prometheus sees the first increment as a change.
        created = registry.counter(MetricName.PROVIDER_WRITES.meterName(), "what", "created");
        changed = registry.counter(MetricName.PROVIDER_WRITES.meterName(), "what", "changed");
        removed = registry.counter(MetricName.PROVIDER_WRITES.meterName(), "what", "removed");
        heals = registry.counter(MetricName.HEALS.meterName());
        sweeps = registry.timer(MetricName.SWEEPS.meterName());
    }

    /** Counts the providers of a host that were written. */
    public void countProviderWrites(HostSyncResult.WriteCounts written) {
        created.increment(written.created());
        changed.increment(written.changed());
        removed.increment(written.removed());
    }

    /** Counts a healed allocation. */
    public void countHealedAllocation() {
        heals.increment();
    }

    /** Records the duration of a sweep. */
    public void recordSweepDuration(Duration duration) {
        sweeps.record(duration);
    }

    @Override
    public void onCompleted(String method, String route, int status, Duration duration) {
        String code = status == NO_RESPONSE ? "none" : Integer.toString(status);
        registry.timer(MetricName.PLACEMENT_REQUESTS.meterName(), "method", method, "route", route, "code", code)
                .record(duration);
    }
}
