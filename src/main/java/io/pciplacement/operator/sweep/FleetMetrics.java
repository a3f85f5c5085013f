package io.pciplacement.operator.sweep;

import io.micrometer.core.instrument.MeterRegistry;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.operator.allocation.AllocationInformer;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.FleetGauges;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Gathers the state of the whole fleet for its metrics. The leader tells it alone: told twice it would be summed. */
@ApplicationScoped
public class FleetMetrics {

    private final ClusterCache cluster;
    private final AllocationIndex book;
    private final AllocationInformer allocations;
    private final StatusPatcher statuses;
    private final FleetGauges gauges;
    private final Clock clock;

    FleetMetrics(
            MeterRegistry registry,
            ClusterCache cluster,
            AllocationIndex book,
            AllocationInformer allocations,
            StatusPatcher statuses,
            PlacementSync placement,
            Leadership leadership,
            Clock clock) {
        this.cluster = cluster;
        this.book = book;
        this.allocations = allocations;
        this.statuses = statuses;
        this.gauges = new FleetGauges(
                registry, leadership::leads, () -> placement.placementState() instanceof PlacementState.Available);
        this.clock = clock;
    }

    void tell() {
        Instant now = clock.instant();
        Map<String, Long> heartbeats = new HashMap<>();
        for (Heartbeat heartbeat : Heartbeat.values()) {
            heartbeats.put(heartbeat.label(), 0L);
        }
        Map<String, Long> phases = new HashMap<>();
        for (Phase phase : Phase.values()) {
            phases.put(phase.value(), 0L);
        }
        Duration oldest = Duration.ZERO;
        for (var host : cluster.hosts().toList()) {
            String node = host.getMetadata().getName();
            heartbeats.merge(cluster.heartbeat(node, now).label(), 1L, Long::sum);
            Duration age = cluster.sinceHeartbeat(node, now).orElse(Duration.ZERO);
            oldest = age.compareTo(oldest) > 0 ? age : oldest;
        }
        allocations
                .all()
                .forEach(object -> phases.merge(
                        (object.getStatus() == null || object.getStatus().phase() == null
                                        ? Phase.PENDING
                                        : object.getStatus().phase())
                                .value(),
                        1L,
                        Long::sum));
        gauges.tell(
                cluster.hosts().map(statuses::latest),
                new FleetGauges.FleetSample(
                        heartbeats, oldest, phases, book.pendingClaims().size()),
                now);
    }

    void silent() {
        gauges.silent();
    }
}
