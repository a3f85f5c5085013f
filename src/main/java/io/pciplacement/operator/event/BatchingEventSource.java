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

/** Event source that triggers reconciliations by name; triggers of one object within a short time are merged. */
public abstract class BatchingEventSource<P extends HasMetadata> {

    private final long batchMillis;
    private final SimpleInboundEventSource<P> eventSource;
    private final ScheduledExecutorService batchTimer;
    private final Set<String> pending = new HashSet<>();

    public BatchingEventSource(String name, long batchMillis) {
        this.batchMillis = batchMillis;
        this.eventSource = new SimpleInboundEventSource<>(name);
        this.batchTimer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    public SimpleInboundEventSource<P> eventSource() {
        return eventSource;
    }

    public void triggerAll(Collection<String> names) {
        synchronized (pending) {
            if (pending.isEmpty() && !names.isEmpty()) {
                var _ = batchTimer.schedule(this::propagateBatch, batchMillis, TimeUnit.MILLISECONDS);
            }
            pending.addAll(names);
        }
    }

    private void propagateBatch() {
        Set<String> batch;
        synchronized (pending) {
            batch = Set.copyOf(pending);
            pending.clear();
        }
        if (eventSource.isRunning()) {
            batch.forEach(name -> eventSource.propagateEvent(new ResourceID(name)));
        }
    }

    @PreDestroy
    void shutDownTimer() {
        batchTimer.shutdownNow();
    }
}
