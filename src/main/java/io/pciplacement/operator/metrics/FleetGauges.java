package io.pciplacement.operator.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gauges of the whole fleet; each keeps the value of the last update. */
public final class FleetGauges {

    private static final List<MetricName> FLEET_METRICS = List.of(
            MetricName.HOSTS,
            MetricName.HOST_NOT_READY,
            MetricName.AGENTS,
            MetricName.HEARTBEAT_AGE,
            MetricName.DEVICES,
            MetricName.PROVIDERS,
            MetricName.INVENTORY,
            MetricName.UNACCOUNTED,
            MetricName.QUARANTINED,
            MetricName.DEGRADED,
            MetricName.ATTACHMENT_DIFFERENCES,
            MetricName.LIBVIRT,
            MetricName.ALLOCATIONS,
            MetricName.CLAIMS_WAITING);

    private final Map<MetricName, MultiGauge> gauges = new EnumMap<>(MetricName.class);

    public FleetGauges(MeterRegistry registry, BooleanSupplier leads, BooleanSupplier placementUp) {
        registerBooleanGauge(registry, MetricName.LEADER, leads);
        registerBooleanGauge(registry, MetricName.PLACEMENT_UP, placementUp);
        FLEET_METRICS.forEach(metric ->
                gauges.put(metric, MultiGauge.builder(metric.meterName()).register(registry)));
    }

    private static void registerBooleanGauge(MeterRegistry registry, MetricName metric, BooleanSupplier now) {
        Gauge.builder(metric.meterName(), () -> now.getAsBoolean() ? 1 : 0)
                .strongReference(true)
                .register(registry);
    }

    /**
     * Values that do not come from the hosts' statuses.
     *
     * @param heartbeats number of agents by heartbeat state
     * @param oldestHeartbeat age of the oldest heartbeat
     * @param phases number of PciAllocations by phase
     * @param pendingClaims number of claims that wait for capacity
     * @param differences number of reported differences between devices of servers and allocations by type
     */
    public record FleetSample(
            Map<String, Long> heartbeats,
            Duration oldestHeartbeat,
            Map<String, Long> phases,
            int pendingClaims,
            Map<String, Long> differences) {}

    public void updateGauges(Stream<HostPciInventory> hosts, FleetSample sample, Instant now) {
        FleetStatistics statistics = new FleetStatistics(now);
        hosts.forEach(statistics::addHost);
        registerRows(MetricName.HOSTS, statistics.hostsByReadiness());
        registerRows(
                MetricName.HOST_NOT_READY,
                Map.of(List.of(), statistics.longestNotReady().toSeconds()));
        registerRows(MetricName.AGENTS, withSingleLabel(sample.heartbeats()));
        registerRows(
                MetricName.HEARTBEAT_AGE,
                Map.of(List.of(), sample.oldestHeartbeat().toSeconds()));
        registerRows(MetricName.DEVICES, withSingleLabel(statistics.devicesByState()));
        registerRows(MetricName.PROVIDERS, withSingleLabel(statistics.providersByState()));
        registerRows(MetricName.INVENTORY, statistics.inventoryQuantities());
        registerRows(MetricName.UNACCOUNTED, Map.of(List.of(), statistics.unaccountedUnits()));
        registerRows(MetricName.QUARANTINED, withSingleLabel(statistics.quarantinedDevicesByState()));
        registerRows(MetricName.DEGRADED, withSingleLabel(statistics.degradedDevicesByKind()));
        registerRows(MetricName.ATTACHMENT_DIFFERENCES, withSingleLabel(sample.differences()));
        registerRows(MetricName.LIBVIRT, withSingleLabel(statistics.hostsByLibvirtState()));
        registerRows(MetricName.ALLOCATIONS, withSingleLabel(sample.phases()));
        registerRows(MetricName.CLAIMS_WAITING, Map.of(List.of(), (long) sample.pendingClaims()));
    }

    /** Removes the values; another operator publishes them now. */
    public void clearGauges() {
        gauges.keySet().forEach(metric -> registerRows(metric, Map.of()));
    }

    private static Map<List<String>, Long> withSingleLabel(Map<String, Long> byValue) {
        return byValue.entrySet().stream()
                .collect(Collectors.toMap(entry -> List.of(entry.getKey()), Map.Entry::getValue));
    }

    private void registerRows(MetricName metric, Map<List<String>, Long> values) {
        List<Row<?>> rows = new ArrayList<>();
        values.forEach((labels, value) -> {
            List<Tag> tags = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                tags.add(Tag.of(metric.labelNames().get(i), labels.get(i)));
            }
            rows.add(Row.of(Tags.of(tags), value));
        });
        MultiGauge gauge = gauges.get(metric);
        if (gauge != null) {
            gauge.register(rows, true);
        }
    }
}
