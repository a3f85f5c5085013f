package io.pciplacement.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.Operator;
import io.pciplacement.operator.ClusterView.Heartbeat;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.PlacementSync;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The operator's own beat: looks at Placement, the nodes and the agents' heartbeats, and wakes the hosts concerned. */
@ApplicationScoped
public class SweepLoop implements ResourceEventHandler<Node> {

    private static final Logger LOG = Logger.getLogger(SweepLoop.class);

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    /** A sweep costs Placement about as long as it takes; it may cost at most a fiftieth of one worker. */
    private static final int SHARE = 50;

    private final ClusterView cluster;
    private final PlacementSync placement;
    private final HostTriggers triggers;
    private final HostCreator creator;
    private final AllocationWatch allocations;
    private final OperatorSettings settings;
    private final Clock clock;
    private final Map<String, Heartbeat> heartbeats = new HashMap<>();
    private volatile @Nullable Thread thread;
    private int failures;

    SweepLoop(
            ClusterView cluster,
            PlacementSync placement,
            HostTriggers triggers,
            HostCreator creator,
            AllocationWatch allocations,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.triggers = triggers;
        this.creator = creator;
        this.allocations = allocations;
        this.settings = settings;
        this.clock = clock;
    }

    /** After the controllers have started: their caches tell which hosts there are. */
    void start(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event, Operator operator) {
        cluster.start(this);
        allocations.start();
        thread = Thread.ofPlatform().name("sweep").daemon().start(this::run);
    }

    void stop(@Observes ShutdownEvent event) {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(beat());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look at everything; returns how long to wait before the next. */
    private Duration beat() {
        long from = System.nanoTime();
        try {
            PlacementSync.Sweep sweep = placement.sweep();
            if (sweep.linkChanged()) {
                announce();
                cluster.hosts().forEach(host -> triggers.wake(host.getMetadata().getName()));
            } else {
                sweep.nodes().forEach(triggers::wake);
            }
            lookAtNodes();
        } catch (RuntimeException e) {
            LOG.error("the sweep failed; it goes on with the next", e);
        }
        return pause(Duration.ofNanos(System.nanoTime() - from));
    }

    private Duration pause(Duration took) {
        if (placement.link() instanceof Link.Up) {
            failures = 0;
            Duration fair = took.multipliedBy(SHARE);
            return fair.compareTo(settings.sweepInterval()) > 0
                            && settings.sweepInterval().toSeconds() >= 10
                    ? fair
                    : settings.sweepInterval();
        }
        return BACKOFF.after(failures++);
    }

    private void announce() {
        switch (placement.link()) {
            case Link.Up up -> LOG.infof("Placement answers; %d providers there are ours", placement.providers());
            case Link.Down down -> LOG.warnf("Placement cannot be used: %s: %s", down.reason(), down.message());
            case Link.Waiting w -> LOG.info("waiting for Placement");
        }
    }

    private void lookAtNodes() {
        for (Node node : cluster.nodes()) {
            creator.ensure(node);
        }
        cluster.hosts().forEach(host -> {
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
