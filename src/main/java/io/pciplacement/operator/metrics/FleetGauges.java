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

/** The gauges of the whole fleet, as they were when they were last told. */
public final class FleetGauges {

    private static final List<MetricName> OF_THE_FLEET = List.of(
            MetricName.HOSTS,
            MetricName.HOST_NOT_READY,
            MetricName.AGENTS,
            MetricName.HEARTBEAT_AGE,
            MetricName.DEVICES,
            MetricName.PROVIDERS,
            MetricName.INVENTORY,
            MetricName.UNEXPLAINED,
            MetricName.ALLOCATIONS,
            MetricName.CLAIMS_WAITING);

    private final Map<MetricName, MultiGauge> gauges = new EnumMap<>(MetricName.class);

    public FleetGauges(MeterRegistry registry, BooleanSupplier leads, BooleanSupplier placementUp) {
        yesOrNo(registry, MetricName.LEADER, leads);
        yesOrNo(registry, MetricName.PLACEMENT_UP, placementUp);
        OF_THE_FLEET.forEach(metric ->
                gauges.put(metric, MultiGauge.builder(metric.registered()).register(registry)));
    }

    private static void yesOrNo(MeterRegistry registry, MetricName metric, BooleanSupplier now) {
        Gauge.builder(metric.registered(), () -> now.getAsBoolean() ? 1 : 0)
                .strongReference(true)
                .register(registry);
    }

    /**
     * What is told besides the hosts' own statuses.
     *
     * @param heartbeats how many agents are how alive
     * @param oldestHeartbeat the age of the oldest heartbeat
     * @param phases how many PciAllocations are in which phase
     * @param waiting how many claims wait for room
     */
    public record FleetSample(
            Map<String, Long> heartbeats, Duration oldestHeartbeat, Map<String, Long> phases, int waiting) {}

    public void tell(Stream<HostPciInventory> hosts, FleetGauges.FleetSample told, Instant now) {
        FleetStatistics census = new FleetStatistics(now);
        hosts.forEach(census::count);
        put(MetricName.HOSTS, census.hosts());
        put(MetricName.HOST_NOT_READY, Map.of(List.of(), census.notReady().toSeconds()));
        put(MetricName.AGENTS, one(told.heartbeats()));
        put(MetricName.HEARTBEAT_AGE, Map.of(List.of(), told.oldestHeartbeat().toSeconds()));
        put(MetricName.DEVICES, one(census.devices()));
        put(MetricName.PROVIDERS, one(census.providers()));
        put(MetricName.INVENTORY, census.inventories());
        put(MetricName.UNEXPLAINED, Map.of(List.of(), census.unexplained()));
        put(MetricName.ALLOCATIONS, one(told.phases()));
        put(MetricName.CLAIMS_WAITING, Map.of(List.of(), (long) told.waiting()));
    }

    /** Another operator tells it now. */
    public void silent() {
        gauges.keySet().forEach(metric -> put(metric, Map.of()));
    }

    private static Map<List<String>, Long> one(Map<String, Long> byValue) {
        return byValue.entrySet().stream()
                .collect(Collectors.toMap(entry -> List.of(entry.getKey()), Map.Entry::getValue));
    }

    private void put(MetricName metric, Map<List<String>, Long> values) {
        List<Row<?>> rows = new ArrayList<>();
        values.forEach((labels, value) -> {
            List<Tag> tags = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                tags.add(Tag.of(metric.labels().get(i), labels.get(i)));
            }
            rows.add(Row.of(Tags.of(tags), value));
        });
        MultiGauge gauge = gauges.get(metric);
        if (gauge != null) {
            gauge.register(rows, true);
        }
    }
}
