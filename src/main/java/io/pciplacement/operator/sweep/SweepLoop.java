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

/** The operator's own beat: looks at Placement, the nodes and the agents' heartbeats, and wakes the hosts concerned. */
@ApplicationScoped
public class SweepLoop implements ResourceEventHandler<Node> {

    private static final Logger LOG = Logger.getLogger(SweepLoop.class);

    private static final ExponentialBackoff BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    /** Every request has its limit; this is beyond all that one look can add up to. */
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final HostEventSource triggers;
    private final AllocationEventSource allocations;
    private final AllocationIndex book;
    private final HostPciInventoryCreator creator;
    private final AgentLeaseGarbageCollector leases;
    private final Housekeeping housekeeping;
    private final Leadership leadership;
    private final OperatorCounters counters;
    private final FleetMetrics metrics;
    private final OperatorSettings settings;
    private final Clock clock;
    private final Map<String, Heartbeat> heartbeats = new HashMap<>();
    private final Semaphore bell = new Semaphore(0);
    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant busySince;
    private int failures;

    public SweepLoop(
            ClusterCache cluster,
            PlacementSync placement,
            HostEventSource triggers,
            AllocationEventSource allocations,
            AllocationIndex book,
            HostPciInventoryCreator creator,
            AgentLeaseGarbageCollector leases,
            Housekeeping housekeeping,
            Leadership leadership,
            OperatorCounters counters,
            FleetMetrics metrics,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.triggers = triggers;
        this.allocations = allocations;
        this.book = book;
        this.creator = creator;
        this.leases = leases;
        this.housekeeping = housekeeping;
        this.leadership = leadership;
        this.counters = counters;
        this.metrics = metrics;
        this.settings = settings;
        this.clock = clock;
    }

    public void start() {
        thread = Thread.ofPlatform().name("sweep").daemon().start(this::run);
    }

    /** This process leads from now on: the next look is due. */
    public void wake() {
        bell.release();
    }

    /** Whether it goes on: it has neither ended nor been at one look for longer than any look takes. */
    public boolean alive() {
        Thread running = thread;
        Instant since = busySince;
        boolean stuck = since != null && clock.instant().isAfter(since.plus(LONGEST));
        return running == null || (running.isAlive() && !stuck);
    }

    public void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                busySince = clock.instant();
                Duration rest = beat();
                busySince = null;
                var _ = bell.tryAcquire(rest.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look at everything; returns how long to wait before the next. */
    private Duration beat() {
        if (!leadership.leads()) {
            metrics.silent();
            // The webhook of a stand-by judges too, and must know the standard names.
            return rest(placement.loadNames(), Duration.ZERO);
        }
        long from = System.nanoTime();
        try {
            lookAtPlacement();
            lookAtNodes();
            metrics.tell();
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            LOG.error("the sweep failed; it goes on with the next", e);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - from);
        counters.swept(took);
        return rest(placement.placementState() instanceof PlacementState.Available, took);
    }

    /** Wakes whom it concerns; all, where Placement has gone or come back. */
    public void lookAtPlacement() {
        PlacementSync.Sweep sweep = placement.runSweep();
        if (sweep.stateChanged()) {
            announce();
            cluster.hosts().forEach(host -> triggers.wake(host.getMetadata().getName()));
            // Not all of them have devices on a host that would wake them.
            allocations.wake(book.allocationNames());
        } else {
            sweep.nodes().forEach(triggers::wake);
        }
    }

    private Duration rest(boolean placementAnswers, Duration took) {
        if (!placementAnswers) {
            return BACKOFF.after(failures++);
        }
        failures = 0;
        return new SweepInterval(settings.sweepInterval()).after(took, ThreadLocalRandom.current());
    }

    private void announce() {
        switch (placement.placementState()) {
            case PlacementState.Available up ->
                LOG.infof("Placement answers; %d providers there are ours", placement.providerCount());
            case PlacementState.Unavailable down ->
                LOG.warnf("Placement cannot be used: %s: %s", down.reason(), down.message());
            case PlacementState.Connecting w -> LOG.info("waiting for Placement");
        }
    }

    private void lookAtNodes() {
        for (Node node : cluster.nodes()) {
            creator.ensure(node);
        }
        leases.collect();
        housekeeping.releaseGone();
        heartbeats.keySet().removeIf(name -> !cluster.hasHost(name));
        cluster.hosts().forEach(host -> {
            creator.detach(host);
            String name = host.getMetadata().getName();
            Heartbeat now = cluster.heartbeat(name, clock.instant());
            if (heartbeats.put(name, now) != now) {
                triggers.wake(name);
            }
        });
    }

    @Override
    public void onAdd(Node node) {
        creator.ensure(node);
        triggers.wake(node.getMetadata().getName());
    }

    @Override
    public void onUpdate(Node before, Node now) {
        if (!Objects.equals(before.getMetadata().getLabels(), now.getMetadata().getLabels())) {
            triggers.wake(now.getMetadata().getName());
        }
    }

    @Override
    public void onDelete(Node node, boolean unknownState) {
        triggers.wake(node.getMetadata().getName());
    }
}
