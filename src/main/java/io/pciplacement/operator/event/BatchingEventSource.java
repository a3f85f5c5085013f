package io.pciplacement.operator.event;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import jakarta.annotation.PreDestroy;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Wakes the reconcilers of objects for reasons outside them; many reasons within a moment wake one object once. */
public abstract class BatchingEventSource<P extends HasMetadata> {

    private final long gatherMillis;
    private final SimpleInboundEventSource<P> source;
    private final ScheduledExecutorService timer;
    private final Set<String> waiting = new HashSet<>();

    public BatchingEventSource(String name, long gatherMillis) {
        this.gatherMillis = gatherMillis;
        this.source = new SimpleInboundEventSource<>(name);
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    public SimpleInboundEventSource<P> source() {
        return source;
    }

    public void wake(Collection<String> names) {
        synchronized (waiting) {
            if (waiting.isEmpty() && !names.isEmpty()) {
                var _ = timer.schedule(this::flush, gatherMillis, TimeUnit.MILLISECONDS);
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
