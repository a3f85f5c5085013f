package io.pciplacement.operator.sweep;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.pciplacement.logging.JvmErrors;
import io.pciplacement.operator.cluster.AgentLeaseGarbageCollector;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.host.HostPciInventoryCreator;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.OperatorCounters;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.retry.ExponentialBackoff;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Periodic sweep of Placement, nodes and agents' heartbeats, which triggers the affected hosts. */
@ApplicationScoped
public class SweepLoop implements ResourceEventHandler<Node> {

    private static final Logger LOG = Logger.getLogger(SweepLoop.class);

    private static final ExponentialBackoff BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    /** Requests have timeouts; no sweep takes longer than this unless its thread is stuck. */
    private static final Duration MAX_SWEEP_DURATION = Duration.ofMinutes(30);

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final HostEventSource hostEventSource;
    private final AllocationEventSource allocationEventSource;
    private final AllocationIndex index;
    private final HostPciInventoryCreator creator;
    private final AgentLeaseGarbageCollector leaseCollector;
    private final Housekeeping housekeeping;
    private final Leadership leadership;
    private final OperatorCounters counters;
    private final FleetMetrics metrics;
    private final OperatorSettings settings;
    private final Clock clock;
    private final Map<String, Heartbeat> heartbeats = new HashMap<>();
    private final Semaphore wakeSignal = new Semaphore(0);
    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant busySince;
    private int failures;

    public SweepLoop(
            ClusterCache cluster,
            PlacementSync placement,
            HostEventSource hostEventSource,
            AllocationEventSource allocationEventSource,
            AllocationIndex index,
            HostPciInventoryCreator creator,
            AgentLeaseGarbageCollector leaseCollector,
            Housekeeping housekeeping,
            Leadership leadership,
            OperatorCounters counters,
            FleetMetrics metrics,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.hostEventSource = hostEventSource;
        this.allocationEventSource = allocationEventSource;
        this.index = index;
        this.creator = creator;
        this.leaseCollector = leaseCollector;
        this.housekeeping = housekeeping;
        this.leadership = leadership;
        this.counters = counters;
        this.metrics = metrics;
        this.settings = settings;
        this.clock = clock;
    }

    public void start() {
        thread = Thread.ofPlatform().name("sweep").daemon().start(this::runLoop);
    }

    /** Starts the next sweep immediately, because this process has become the leader. */
    public void triggerSweep() {
        wakeSignal.release();
    }

    /** Whether the sweep thread is alive and not stuck. */
    public boolean isResponsive() {
        Thread sweepThread = thread;
        Instant since = busySince;
        boolean stuck = since != null && clock.instant().isAfter(since.plus(MAX_SWEEP_DURATION));
        return sweepThread == null || (sweepThread.isAlive() && !stuck);
    }

    public void stop() {
        Thread sweepThread = thread;
        if (sweepThread != null) {
            sweepThread.interrupt();
        }
    }

    private void runLoop() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                busySince = clock.instant();
                Duration delay = runOnce();
                busySince = null;
                var _ = wakeSignal.tryAcquire(delay.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs one sweep; returns the delay until the next. */
    private Duration runOnce() {
        if (!leadership.isLeader()) {
            metrics.clearMetrics();
            // The webhook of a standby validates requests, too, and needs the standard names.
            return nextDelay(placement.loadNames(), Duration.ZERO);
        }
        long startNanos = System.nanoTime();
        try {
            sweepPlacement();
            sweepCluster();
            metrics.publishMetrics();
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            LOG.error("sweep failed, continuing with the next", e);
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - startNanos);
        counters.recordSweepDuration(duration);
        return nextDelay(placement.placementState() instanceof PlacementState.Available, duration);
    }

    /** Triggers the affected hosts; all, if Placement has become available or unavailable. */
    public void sweepPlacement() {
        PlacementSync.Sweep sweep = placement.runSweep();
        if (sweep.stateChanged()) {
            logPlacementState();
            cluster.listHosts()
                    .forEach(host -> hostEventSource.trigger(host.getMetadata().getName()));
            // Not every PciAllocation has devices on a host that would trigger it.
            allocationEventSource.triggerAll(index.allocationNames());
        } else {
            sweep.nodes().forEach(hostEventSource::trigger);
        }
    }

    private Duration nextDelay(boolean placementAvailable, Duration duration) {
        if (!placementAvailable) {
            return BACKOFF.delayAfter(failures++);
        }
        failures = 0;
        return new SweepInterval(settings.sweepInterval()).nextDelay(duration, ThreadLocalRandom.current());
    }

    private void logPlacementState() {
        switch (placement.placementState()) {
            case PlacementState.Available available ->
                LOG.infof(
                        "Placement is available; %d providers are managed by the operator", placement.providerCount());
            case PlacementState.Unavailable unavailable ->
                LOG.warnf("Placement is unavailable: %s: %s", unavailable.reason(), unavailable.message());
            case PlacementState.Connecting w -> LOG.info("connecting to Placement");
        }
    }

    private void sweepCluster() {
        for (Node node : cluster.listNodes()) {
            creator.ensureInventory(node);
        }
        leaseCollector.removeExpiredLeases();
        housekeeping.releaseDeletedObjects();
        heartbeats.keySet().removeIf(name -> !cluster.hasHost(name));
        cluster.listHosts().forEach(host -> {
            creator.detachFromNode(host);
            String name = host.getMetadata().getName();
            Heartbeat now = cluster.heartbeatState(name, clock.instant());
            if (heartbeats.put(name, now) != now) {
                hostEventSource.trigger(name);
            }
        });
    }

    @Override
    public void onAdd(Node node) {
        creator.ensureInventory(node);
        hostEventSource.trigger(node.getMetadata().getName());
    }

    @Override
    public void onUpdate(Node before, Node now) {
        if (!Objects.equals(before.getMetadata().getLabels(), now.getMetadata().getLabels())) {
            hostEventSource.trigger(now.getMetadata().getName());
        }
    }

    @Override
    public void onDelete(Node node, boolean unknownState) {
        hostEventSource.trigger(node.getMetadata().getName());
    }
}
