package io.pciplacement.operator;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.pciplacement.api.v1alpha1.PciAllocation;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Wakes the reconciler of PciAllocations whose hosts or rivals have changed; many reasons at once wake one once. */
@ApplicationScoped
public class AllocationTriggers {

    private static final long GATHER_MILLIS = 100;

    private final SimpleInboundEventSource<PciAllocation> source =
            new SimpleInboundEventSource<>("allocation-triggers");
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("allocation-triggers").daemon().factory());
    private final Set<String> waiting = new HashSet<>();

    SimpleInboundEventSource<PciAllocation> source() {
        return source;
    }

    void wake(Collection<String> names) {
        synchronized (waiting) {
            if (waiting.isEmpty() && !names.isEmpty()) {
                var _ = timer.schedule(this::flush, GATHER_MILLIS, TimeUnit.MILLISECONDS);
            }
            waiting.addAll(names);
        }
    }

    private void flush() {
        Set<String> now;
        synchronized (waiting) {
            now = Set.copyOf(waiting);
            waiting.clear();
        }
        if (source.isRunning()) {
            now.forEach(name -> source.propagateEvent(new ResourceID(name)));
        }
    }

    @PreDestroy
    void stop() {
        timer.shutdownNow();
    }
}
