package io.pciplacement.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantineState;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.placement.OwnershipTraits;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Aggregate of the statuses of all hosts. */
final class FleetStatistics {

    /** Maximum number of pairs of class and traits; the others are counted as one pair. */
    static final int MAX_INVENTORIES = 200;

    private static final List<String> OTHERS = List.of("other", "other");

    private final Instant now;
    private final Map<List<String>, Map<InventoryQuantity, Long>> inventories =
            new TreeMap<>(FleetStatistics::compareLabels);
    private final Map<List<String>, Long> hosts = new TreeMap<>(FleetStatistics::compareLabels);
    private final Map<ProviderState, Long> providers = new EnumMap<>(ProviderState.class);
    private final Map<QuarantineState, Long> quarantined = new EnumMap<>(QuarantineState.class);
    private final Map<DeviceDegradation.Kind, Long> degraded = new EnumMap<>(DeviceDegradation.Kind.class);
    private long devices;
    private long tracked;
    private long conflicting;
    private long unaccounted;
    private Duration longestNotReady = Duration.ZERO;
    private final Map<String, Long> libvirt =
            new TreeMap<>(Map.of("complete", 0L, "incomplete", 0L, "unreachable", 0L));

    FleetStatistics(Instant now) {
        this.now = now;
        for (ProviderState state : ProviderState.values()) {
            providers.put(state, 0L);
        }
        for (QuarantineState state : QuarantineState.values()) {
            quarantined.put(state, 0L);
        }
        for (DeviceDegradation.Kind kind : DeviceDegradation.Kind.values()) {
            degraded.put(kind, 0L);
        }
    }

    private static int compareLabels(List<String> one, List<String> other) {
        return String.join("\n", one).compareTo(String.join("\n", other));
    }

    void addHost(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        Condition ready = host.findCondition(ConditionType.READY).orElse(null);
        if (ready == null) {
            hosts.merge(List.of("Unknown", "Unknown"), 1L, Long::sum);
        } else {
            hosts.merge(List.of(ready.getStatus(), ready.getReason()), 1L, Long::sum);
            if (ready.getStatus().equals("False")) {
                Duration since = durationSince(ready.getLastTransitionTime());
                longestNotReady = since.compareTo(longestNotReady) > 0 ? since : longestNotReady;
            }
        }
        if (status != null && status.summary() != null) {
            devices += status.summary().devices();
            tracked += status.summary().tracked();
            conflicting += status.summary().conflicting();
            Integer hostUnaccounted = status.summary().unaccounted();
            unaccounted += hostUnaccounted == null ? 0 : hostUnaccounted;
        }
        countLibvirt(host);
        ReservationMapper.quarantinedDevices(status)
                .forEach(device -> quarantined.merge(device.state(), 1L, Long::sum));
        DeviceDegradation.findDegraded(status)
                .forEach(
                        device -> DeviceDegradation.kinds(device).forEach(kind -> degraded.merge(kind, 1L, Long::sum)));
        if (status != null && status.providers() != null) {
            status.providers().forEach(this::addProvider);
        }
    }

    private void countLibvirt(HostPciInventory host) {
        switch (AttachmentMapper.readKnowledge(host)) {
            case NONE -> {}
            case OUTDATED -> libvirt.merge("unreachable", 1L, Long::sum);
            case INCOMPLETE -> libvirt.merge("incomplete", 1L, Long::sum);
            case COMPLETE -> libvirt.merge("complete", 1L, Long::sum);
        }
    }

    private Duration durationSince(@Nullable String time) {
        try {
            Duration since = time == null ? Duration.ZERO : Duration.between(Instant.parse(time), now);
            return since.isNegative() ? Duration.ZERO : since;
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }

    private void addProvider(ProviderStatus row) {
        providers.merge(row.state(), 1L, Long::sum);
        if (row.resourceClass() == null || row.total() == null) {
            return;
        }
        List<String> key = List.of(row.resourceClass(), distinguishingTraits(row));
        Map<InventoryQuantity, Long> sums = inventories.get(key);
        if (sums == null) {
            sums = inventories.computeIfAbsent(
                    inventories.size() < MAX_INVENTORIES ? key : OTHERS,
                    pair -> new EnumMap<>(InventoryQuantity.class));
        }
        long total = row.total();
        long reserved = row.reserved() == null ? 0 : row.reserved();
        long used = row.used() == null ? 0 : row.used();
        sums.merge(InventoryQuantity.TOTAL, total, Long::sum);
        sums.merge(InventoryQuantity.RESERVED, reserved, Long::sum);
        sums.merge(InventoryQuantity.USED, used, Long::sum);
        sums.merge(InventoryQuantity.FREE, Math.max(0, total - reserved - used), Long::sum);
        sums.merge(InventoryQuantity.HELD, row.state() == ProviderState.HELD ? used : 0, Long::sum);
    }

    /** Traits that distinguish providers; the ownership traits are on all of them. */
    private static String distinguishingTraits(ProviderStatus row) {
        return row.traits() == null
                ? ""
                : row.traits().stream()
                        .filter(trait -> !OwnershipTraits.isOwnershipTrait(trait))
                        .collect(Collectors.joining(","));
    }

    /** Quantity of an inventory. */
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

    /** By resource class, traits and quantity. */
    Map<List<String>, Long> inventoryQuantities() {
        Map<List<String>, Long> all = new TreeMap<>(FleetStatistics::compareLabels);
        inventories.forEach((key, sums) ->
                sums.forEach((quantity, sum) -> all.put(List.of(key.get(0), key.get(1), quantity.label), sum)));
        return all;
    }

    /** By status and reason of the condition Ready. */
    Map<List<String>, Long> hostsByReadiness() {
        return hosts;
    }

    Map<String, Long> providersByState() {
        Map<String, Long> byState = new TreeMap<>();
        providers.forEach((state, count) -> byState.put(state.value(), count));
        return byState;
    }

    /** By state of the device. */
    Map<String, Long> devicesByState() {
        return Map.of("present", devices, "tracked", tracked, "conflicting", conflicting);
    }

    /** By the literal of the state. */
    Map<String, Long> quarantinedDevicesByState() {
        Map<String, Long> byState = new TreeMap<>();
        quarantined.forEach((state, count) -> byState.put(state.value(), count));
        return byState;
    }

    /** By the literal of the kind. A device with several kinds is counted for each. */
    Map<String, Long> degradedDevicesByKind() {
        Map<String, Long> byKind = new TreeMap<>();
        degraded.forEach((kind, count) -> byKind.put(kind.value(), count));
        return byKind;
    }

    /** Hosts whose agents read libvirt, by what is known of their servers. */
    Map<String, Long> hostsByLibvirtState() {
        return libvirt;
    }

    /** Inventory units allocated to consumers that have no PciAllocation. */
    long unaccountedUnits() {
        return unaccounted;
    }

    /** Time since the longest-unready host became unready; zero if all hosts are ready. */
    Duration longestNotReady() {
        return longestNotReady;
    }
}
