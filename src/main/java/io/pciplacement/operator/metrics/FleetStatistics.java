package io.pciplacement.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.placement.Trait;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts all hosts together: what they have, how they are, and how long the worst has been so. */
final class FleetStatistics {

    /** More pairs of class and traits than this are counted as one. */
    static final int INVENTORIES = 200;

    private static final Set<String> MARKS =
            Set.of(Trait.MANAGED_PCI_DEVICE.name(), Trait.OPERATOR_MARK.name(), Trait.OWNER_NOVA.name());

    private static final List<String> OTHERS = List.of("other", "other");

    private final Instant now;
    private final Map<List<String>, Map<FleetStatistics.InventoryQuantity, Long>> inventories =
            new TreeMap<>(FleetStatistics::byName);
    private final Map<List<String>, Long> hosts = new TreeMap<>(FleetStatistics::byName);
    private final Map<ProviderState, Long> providers = new EnumMap<>(ProviderState.class);
    private long devices;
    private long tracked;
    private long conflicting;
    private long unexplained;
    private Duration notReady = Duration.ZERO;

    FleetStatistics(Instant now) {
        this.now = now;
        for (ProviderState state : ProviderState.values()) {
            providers.put(state, 0L);
        }
    }

    private static int byName(List<String> one, List<String> other) {
        return String.join("\n", one).compareTo(String.join("\n", other));
    }

    void count(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        Condition ready = status == null || status.conditions() == null
                ? null
                : status.conditions().stream()
                        .filter(condition -> condition.getType().equals(ConditionType.READY))
                        .findFirst()
                        .orElse(null);
        if (ready == null) {
            hosts.merge(List.of("Unknown", "Unknown"), 1L, Long::sum);
        } else {
            hosts.merge(List.of(ready.getStatus(), ready.getReason()), 1L, Long::sum);
            if (ready.getStatus().equals("False")) {
                Duration since = since(ready.getLastTransitionTime());
                notReady = since.compareTo(notReady) > 0 ? since : notReady;
            }
        }
        if (status != null && status.summary() != null) {
            devices += status.summary().devices();
            tracked += status.summary().tracked();
            conflicting += status.summary().conflicting();
            Integer more = status.summary().unaccounted();
            unexplained += more == null ? 0 : more;
        }
        if (status != null && status.providers() != null) {
            status.providers().forEach(this::count);
        }
    }

    private Duration since(@Nullable String time) {
        try {
            Duration since = time == null ? Duration.ZERO : Duration.between(Instant.parse(time), now);
            return since.isNegative() ? Duration.ZERO : since;
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }

    private void count(ProviderStatus row) {
        providers.merge(row.state(), 1L, Long::sum);
        if (row.resourceClass() == null || row.total() == null) {
            return;
        }
        List<String> key = List.of(row.resourceClass(), traits(row));
        Map<FleetStatistics.InventoryQuantity, Long> sums = inventories.get(key);
        if (sums == null) {
            sums = inventories.computeIfAbsent(
                    inventories.size() < INVENTORIES ? key : OTHERS,
                    pair -> new EnumMap<>(FleetStatistics.InventoryQuantity.class));
        }
        long total = row.total();
        long reserved = row.reserved() == null ? 0 : row.reserved();
        long used = row.used() == null ? 0 : row.used();
        sums.merge(FleetStatistics.InventoryQuantity.TOTAL, total, Long::sum);
        sums.merge(FleetStatistics.InventoryQuantity.RESERVED, reserved, Long::sum);
        sums.merge(FleetStatistics.InventoryQuantity.USED, used, Long::sum);
        sums.merge(FleetStatistics.InventoryQuantity.FREE, Math.max(0, total - reserved - used), Long::sum);
        sums.merge(FleetStatistics.InventoryQuantity.HELD, row.state() == ProviderState.HELD ? used : 0, Long::sum);
    }

    /** Those that tell one provider from another: the operator's own marks are on all. */
    private static String traits(ProviderStatus row) {
        return row.traits() == null
                ? ""
                : row.traits().stream().filter(trait -> !MARKS.contains(trait)).collect(Collectors.joining(","));
    }

    /** What is counted of an inventory. */
    enum InventoryQuantity {
        TOTAL("total"),
        RESERVED("reserved"),
        USED("used"),
        FREE("free"),
        HELD("held");

        private final String label;

        InventoryQuantity(String label) {
            this.label = label;
        }
    }

    /** By class, traits and stock. */
    Map<List<String>, Long> inventories() {
        Map<List<String>, Long> all = new TreeMap<>(FleetStatistics::byName);
        inventories.forEach((key, sums) ->
                sums.forEach((stock, sum) -> all.put(List.of(key.get(0), key.get(1), stock.label), sum)));
        return all;
    }

    /** By the status of Ready and its reason. */
    Map<List<String>, Long> hosts() {
        return hosts;
    }

    Map<String, Long> providers() {
        Map<String, Long> byState = new TreeMap<>();
        providers.forEach((state, count) -> byState.put(state.value(), count));
        return byState;
    }

    /** By what is so of a device. */
    Map<String, Long> devices() {
        return Map.of("present", devices, "tracked", tracked, "conflicting", conflicting);
    }

    /** Units that consumers have whom no PciAllocation names. */
    long unexplained() {
        return unexplained;
    }

    /** How long the host has not been ready that has not been for longest. */
    Duration notReady() {
        return notReady;
    }
}
