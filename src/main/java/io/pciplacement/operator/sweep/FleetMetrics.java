package io.pciplacement.operator.sweep;

import io.micrometer.core.instrument.MeterRegistry;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.host.AttachmentDifferenceTracker;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.FleetGauges;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.state.PlacementState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Publisher of the fleet metrics. Only the leader publishes them, because values of two processes would be summed. */
@ApplicationScoped
public class FleetMetrics {

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final StatusPatcher statusPatcher;
    private final AttachmentDifferenceTracker differenceTracker;
    private final FleetGauges gauges;
    private final Clock clock;

    FleetMetrics(
            MeterRegistry registry,
            ClusterCache cluster,
            AllocationIndex index,
            StatusPatcher statusPatcher,
            AttachmentDifferenceTracker differenceTracker,
            PlacementSync placement,
            Leadership leadership,
            Clock clock) {
        this.cluster = cluster;
        this.index = index;
        this.statusPatcher = statusPatcher;
        this.differenceTracker = differenceTracker;
        this.gauges = new FleetGauges(
                registry, leadership::isLeader, () -> placement.placementState() instanceof PlacementState.Available);
        this.clock = clock;
    }

    void publishMetrics() {
        Instant now = clock.instant();
        Map<String, Long> heartbeats = new HashMap<>();
        for (Heartbeat heartbeat : Heartbeat.values()) {
            heartbeats.put(heartbeat.labelValue(), 0L);
        }
        Map<String, Long> phases = new HashMap<>();
        for (Phase phase : Phase.values()) {
            phases.put(phase.value(), 0L);
        }
        Duration oldest = Duration.ZERO;
        for (var host : cluster.listHosts().toList()) {
            String node = host.getMetadata().getName();
            heartbeats.merge(cluster.heartbeatState(node, now).labelValue(), 1L, Long::sum);
            Duration age = cluster.heartbeatAge(node, now).orElse(Duration.ZERO);
            oldest = age.compareTo(oldest) > 0 ? age : oldest;
        }
        cluster.listAllocations()
                .forEach(object -> phases.merge(
                        (object.getStatus() == null || object.getStatus().phase() == null
                                        ? Phase.PENDING
                                        : object.getStatus().phase())
                                .value(),
                        1L,
                        Long::sum));
        Map<String, Long> differences = new HashMap<>();
        differenceTracker.countByType().forEach((type, count) -> differences.put(type.value(), count));
        gauges.updateGauges(
                cluster.listHosts().map(statusPatcher::withLastWrite),
                new FleetGauges.FleetSample(
                        heartbeats, oldest, phases, index.pendingClaims().size(), differences),
                now);
    }

    void clearMetrics() {
        gauges.clearGauges();
    }
}
