package io.pciplacement.cli.heal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.heal.AllocationHealer.HealResult;
import io.pciplacement.cli.heal.AllocationHealer.Outcome;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.mapping.HostSyncRequestMapper;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Healing by the command, which writes nothing to the cluster, of consumers whose devices the operator records there.
 */
class AllocationHealerTest {

    private static final UUID CONSUMER = new UUID(0, 1);
    private static final UUID ROOT = new UUID(0, 7);
    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private final FakePlacement placement = new FakePlacement();
    private final HostPciInventory host = parse(HostPciInventory.class, """
            metadata: {name: gpu-07, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec: {reporting: Enabled}
            status:
              devices: [{address: "0000:81:00.0", type: PCI, vendorId: "8086", productId: "1533"}]
              agent: {lastSeen: "2026-01-01T00:00:00Z", inventoryHash: "x"}
            """);
    private final PciDeviceSpec spec = parse(PciDeviceSpec.class, """
            metadata: {name: gpu}
            spec: {selectors: [{vendorId: "8086"}], resourceClass: gpu}
            """);
    private final PciAllocation allocation = parse(PciAllocation.class, """
            metadata: {name: server, uid: uid-server, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec:
              consumer: {uuid: 00000000-0000-0000-0000-000000000001, projectId: p, userId: u, managedBy: Operator}
              devices: [{node: gpu-07, address: "0000:81:00.0"}]
            """);

    private static <T> T parse(Class<T> type, String yaml) {
        try {
            return YAML.readValue(yaml, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Has the operator create the provider of the device. */
    @BeforeEach
    void syncHost() {
        placement.createProvider(ROOT, "gpu-07", Optional.empty());
        placement.putInventories(
                ROOT,
                new ProviderInventories(
                        placement.getInventories(ROOT).generation(), new TreeMap<>(Map.of(VCPU, Inventory.of(8, 0)))));
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            PlacementSync operator = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
            operator.runSweep();
            operator.syncHost(HostSyncRequestMapper.toSyncRequest(
                    host,
                    true,
                    Devices.host(Devices.pci("0000:81:00.0")),
                    List.of(PciDeviceSpecMapper.toDeviceSpec(spec)),
                    AllocatedDevices.NONE,
                    HostRecord.Allocations.NONE,
                    ReservationRecordStore.READ_ONLY));
        }
    }

    private HealResult heal(boolean dryRun) {
        RollbackPlacementClient client = new RollbackPlacementClient(placement, dryRun);
        ClusterSnapshot cluster =
                new ClusterSnapshot(List.of(host), Map.of("gpu-07", Map.of()), List.of(spec), List.of(allocation));
        return new AllocationHealer(new PlanningSession(cluster, client), client, dryRun).healAllocation(allocation);
    }

    private List<ResourceClass> allocatedClasses() {
        return placement.getAllocation(CONSUMER).resources().values().stream()
                .flatMap(amounts -> amounts.keySet().stream())
                .sorted()
                .toList();
    }

    @Test
    void healsConsumerWithoutOtherResources() {
        assertThat(heal(true).result()).isEqualTo(Outcome.WOULD_HEAL);
        assertThat(allocatedClasses()).isEmpty();
        assertThat(heal(false).result()).isEqualTo(Outcome.HEALED);
        assertThat(allocatedClasses()).containsExactly(GPU);
        assertThat(heal(false).result()).isEqualTo(Outcome.IN_SYNC);
    }

    /** Without a record, it would be unknown later which of its resources to release with the PciAllocation. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void skipsConsumerWithOtherResources(boolean dryRun) {
        placement.putAllocations(Map.of(
                CONSUMER, new Allocation(Map.of(ROOT, Map.of(VCPU, 2)), "p", "u", null, "INSTANCE")));
        HealResult result = heal(dryRun);
        assertThat(result.result()).isEqualTo(Outcome.SKIPPED);
        assertThat(result.reason()).isEqualTo("RecordRequired");
        assertThat(result.message()).contains(CONSUMER.toString(), "status.allocations");
        assertThat(allocatedClasses()).containsExactly(VCPU);
    }
}
