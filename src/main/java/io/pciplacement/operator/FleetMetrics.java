package io.pciplacement.operator;

import io.micrometer.core.instrument.MeterRegistry;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.operator.ClusterView.Heartbeat;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.FleetGauges;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.PlacementSync;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** Gathers the state of the whole fleet for its metrics. The leader tells it alone: told twice it would be summed. */
@ApplicationScoped
public class FleetMetrics {

    private final ClusterView cluster;
    private final AllocationBook book;
    private final AllocationWatch allocations;
    private final StatusWriter statuses;
    private final FleetGauges gauges;
    private final Clock clock;

    FleetMetrics(
            MeterRegistry registry,
            ClusterView cluster,
            AllocationBook book,
            AllocationWatch allocations,
            StatusWriter statuses,
            PlacementSync placement,
            Leadership leadership,
            Clock clock) {
        this.cluster = cluster;
        this.book = book;
        this.allocations = allocations;
        this.statuses = statuses;
        this.gauges = new FleetGauges(registry, leadership::leads, () -> placement.link() instanceof Link.Up);
        this.clock = clock;
    }

    void tell() {
        Instant now = clock.instant();
        Map<Heartbeat, Long> heartbeats = new EnumMap<>(Heartbeat.class);
        for (Heartbeat heartbeat : Heartbeat.values()) {
            heartbeats.put(heartbeat, 0L);
        }
        Map<Phase, Long> phases = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            phases.put(phase, 0L);
        }
        Duration oldest = Duration.ZERO;
        for (var host : cluster.hosts().toList()) {
            String node = host.getMetadata().getName();
            heartbeats.merge(cluster.heartbeat(node, now), 1L, Long::sum);
            Duration age = cluster.sinceHeartbeat(node, now).orElse(Duration.ZERO);
            oldest = age.compareTo(oldest) > 0 ? age : oldest;
        }
        allocations
                .all()
                .forEach(object -> phases.merge(
                        object.getStatus() == null || object.getStatus().phase() == null
                                ? Phase.Pending
                                : object.getStatus().phase(),
                        1L,
                        Long::sum));
        gauges.tell(
                cluster.hosts().map(statuses::latest),
                new FleetGauges.Told(heartbeats, oldest, phases, book.waiting().size()),
                now);
    }

    void silent() {
        gauges.silent();
    }
}
