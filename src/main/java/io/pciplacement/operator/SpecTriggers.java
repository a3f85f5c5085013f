package io.pciplacement.operator;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Wakes the reconcilers of specs whose hosts have changed; many hosts that change at once wake a spec once. */
@ApplicationScoped
public class SpecTriggers {

    private static final long GATHER_MILLIS = 200;

    private final SimpleInboundEventSource<PciDeviceSpec> source = new SimpleInboundEventSource<>("spec-triggers");
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("spec-triggers").daemon().factory());
    private final Set<String> waiting = new HashSet<>();

    SimpleInboundEventSource<PciDeviceSpec> source() {
        return source;
    }

    void wake(Collection<String> specs) {
        synchronized (waiting) {
            if (waiting.isEmpty() && !specs.isEmpty()) {
                var _ = timer.schedule(this::flush, GATHER_MILLIS, TimeUnit.MILLISECONDS);
            }
            waiting.addAll(specs);
        }
    }

    private void flush() {
        Set<String> now;
        synchronized (waiting) {
            now = Set.copyOf(waiting);
            waiting.clear();
        }
        if (source.isRunning()) {
            now.forEach(spec -> source.propagateEvent(new ResourceID(spec)));
        }
    }

    @PreDestroy
    void stop() {
        timer.shutdownNow();
    }
}
