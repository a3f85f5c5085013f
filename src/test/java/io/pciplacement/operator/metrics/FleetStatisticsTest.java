package io.pciplacement.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FleetStatisticsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final FleetStatistics statistics = new FleetStatistics(NOW);

    private static HostPciInventory host(Condition ready, Summary summary, List<ProviderStatus> rows) {
        HostPciInventory host = new HostPciInventory();
        host.setStatus(new HostPciInventoryStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                summary,
                rows,
                null,
                null,
                null,
                null,
                null,
                ready == null ? null : List.of(ready)));
        return host;
    }

    private static Condition ready(String status, String reason, String since) {
        return new ConditionBuilder()
                .withType("Ready")
                .withStatus(status)
                .withReason(reason)
                .withLastTransitionTime(since)
                .build();
    }

    private static ProviderStatus row(
            String resourceClass, List<String> traits, int total, int reserved, int used, ProviderState state) {
        return new ProviderStatus(
                "p",
                null,
                resourceClass,
                traits,
                null,
                null,
                total,
                reserved,
                used,
                null,
                null,
                null,
                state,
                null,
                null);
    }

    private static DeviceStatus entry(int number) {
        return DeviceListMapper.toDeviceStatuses(new Devices().plain(number).build())
                .getFirst();
    }

    @Test
    void countsDegradedDevicesByKind() {
        HostPciInventory host = new HostPciInventory();
        host.setStatus(Hosts.agentStatus(
                null,
                List.of(
                        Hosts.withHealth(entry(1), new HealthStatus(new LinkStatus(null, 8, null, 16), 1L, 2L, 0L)),
                        Hosts.withHealth(entry(2), new HealthStatus(null, 9L, 0L, null)))));
        statistics.addHost(host);
        assertThat(statistics.degradedDevicesByKind())
                .containsExactlyInAnyOrderEntriesOf(Map.of("LinkWidth", 1L, "NonFatalErrors", 1L, "FatalErrors", 0L));
    }

    @Test
    void sumsInventoriesByClassAndTraits() {
        List<String> blue = List.of("CUSTOM_BLUE");
        statistics.addHost(host(
                null,
                null,
                List.of(row(
                        "CUSTOM_A",
                        List.of("COMPUTE_MANAGED_PCI_DEVICE", "CUSTOM_BLUE"),
                        4,
                        1,
                        2,
                        ProviderState.IN_SYNC))));
        statistics.addHost(host(
                null,
                null,
                List.of(
                        row("CUSTOM_A", blue, 2, 2, 2, ProviderState.HELD),
                        row("CUSTOM_A", null, 8, 0, 0, ProviderState.IN_SYNC))));
        assertThat(statistics.inventoryQuantities())
                .containsEntry(List.of("CUSTOM_A", "CUSTOM_BLUE", "total"), 6L)
                .containsEntry(List.of("CUSTOM_A", "CUSTOM_BLUE", "reserved"), 3L)
                .containsEntry(List.of("CUSTOM_A", "CUSTOM_BLUE", "used"), 4L)
                .containsEntry(List.of("CUSTOM_A", "CUSTOM_BLUE", "free"), 1L)
                .containsEntry(List.of("CUSTOM_A", "CUSTOM_BLUE", "held"), 2L)
                .containsEntry(List.of("CUSTOM_A", "", "free"), 8L)
                .hasSize(10);
        assertThat(statistics.providersByState())
                .containsEntry(ProviderState.IN_SYNC.value(), 2L)
                .containsEntry(ProviderState.HELD.value(), 1L)
                .containsEntry(ProviderState.CONFLICTING.value(), 0L);
    }

    @Test
    void countsExcessInventoriesTogether() {
        statistics.addHost(host(
                null,
                null,
                IntStream.range(0, FleetStatistics.MAX_INVENTORIES + 50)
                        .mapToObj(i -> row("CUSTOM_%03d".formatted(i), List.of(), 1, 0, 0, ProviderState.IN_SYNC))
                        .toList()));
        assertThat(statistics.inventoryQuantities())
                .hasSize((FleetStatistics.MAX_INVENTORIES + 1) * FleetStatistics.InventoryQuantity.values().length)
                .containsEntry(List.of("other", "other", "total"), 50L);
    }

    @Test
    void countsHostsByReasonAndReportsLongestUnreadyTime() {
        Summary summary = new Summary(9, 5, 2, 5, 0, 0, 5, 0, 1, 3, null, null);
        statistics.addHost(host(ready("True", "InSync", "2026-01-01T00:00:00Z"), summary, List.of()));
        statistics.addHost(host(ready("False", "PriorityTie", "2026-01-01T11:00:00Z"), summary, List.of()));
        statistics.addHost(host(ready("False", "PriorityTie", "2026-01-01T11:59:00Z"), null, List.of()));
        statistics.addHost(host(null, null, List.of()));
        statistics.addHost(new HostPciInventory());
        assertThat(statistics.hostsByReadiness())
                .isEqualTo(Map.of(
                        List.of("True", "InSync"), 1L,
                        List.of("False", "PriorityTie"), 2L,
                        List.of("Unknown", "Unknown"), 2L));
        assertThat(statistics.longestNotReady()).isEqualTo(Duration.ofHours(1));
        assertThat(statistics.unaccountedUnits()).isEqualTo(6);
        assertThat(statistics.devicesByState()).isEqualTo(Map.of("present", 18L, "tracked", 10L, "conflicting", 2L));
    }

    @Test
    void longestUnreadyTimeIsZeroIfAllHostsAreReady() {
        statistics.addHost(host(ready("True", "InSync", "2026-01-01T00:00:00Z"), null, List.of()));
        assertThat(statistics.longestNotReady()).isZero();
    }
}
