package io.pciplacement.sync;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.sync.cache.HostRootIndex;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the problems that are reported for rejected writes of allocations. */
class RejectedWriteAnalyzerTest {

    private static final PlacementException CAPACITY = new PlacementException.CapacityExceeded("no capacity");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final HostDevices DEVICES = new Devices().pfWithVfs(2, 3).build();
    private static final PciAddress PF = Devices.at("0000:81:02.0");
    private static final String PROVIDER_NAME = "gpu-07_0000:81:02.0";
    private static final UUID ROOT = new UUID(7, 0);
    private static final UUID PROVIDER = new UUID(7, 1);
    private static final UUID SERVER = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);
    private static final DesiredAllocation DESIRED = new DesiredAllocation(
            "server",
            "2026",
            new PlacementConsumer(SERVER, "INSTANCE", "project", "user", true),
            List.of(
                    new DeviceRef("gpu-07", Devices.at("0000:81:02.1")),
                    new DeviceRef("gpu-07", Devices.at("0000:81:02.2")),
                    new DeviceRef("gpu-08", Devices.at("0000:81:02.3"))));

    private final FakePlacement placement = new FakePlacement();
    private final ProviderCache cache = new ProviderCache();
    private final HostRootIndex hostRoots = new HostRootIndex();
    private final RejectedWriteAnalyzer analyzer =
            new RejectedWriteAnalyzer(cache, new AllocationWriter(placement, cache, hostRoots));

    /** A provider with three VFs, of which the cache does not show any allocation. */
    @BeforeEach
    void createProvider() {
        hostRoots.put(ROOT, "gpu-07");
        placement.createProvider(ROOT, "gpu-07", Optional.empty());
        placement.createProvider(PROVIDER, PROVIDER_NAME, Optional.of(ROOT));
        placement.createResourceClass(VF);
        setReserved(0);
        placement.requests.clear();
    }

    private void setReserved(int reserved) {
        int generation = placement.getInventories(PROVIDER).generation();
        TreeMap<ResourceClass, Inventory> inventories = new TreeMap<>(Map.of(VF, Inventory.of(3, reserved)));
        int written = placement.putInventories(PROVIDER, new ProviderInventories(generation, inventories));
        cache.putObserved(new ObservedProvider(
                new ResourceProvider(PROVIDER, PROVIDER_NAME, ROOT, ROOT, written),
                inventories,
                new TreeSet<>(),
                Map.of(),
                DeviceType.VF));
    }

    private void allocateToOther(int units) {
        placement.putAllocations(Map.of(
                OTHER, new Allocation(Map.of(PROVIDER, Map.of(VF, units)), "project", "user", null, "INSTANCE")));
        placement.requests.clear();
    }

    private static AllocationDelta delta(int desired, int actual) {
        return new AllocationDelta(SERVER, PROVIDER_NAME, PROVIDER, VF, desired, actual);
    }

    private Map<String, HostCapacity> hosts() {
        var desired = Resolver.resolve(
                        DEVICES,
                        List.of(spec("vfs").address("0000:81:*", DeviceType.VF).named()))
                .providers()
                .get(PF);
        ProviderCapacity capacity = ProviderCapacity.combine(
                        PF, cache.findEntry(PROVIDER).orElseThrow().observed(), Optional.of(desired))
                .orElseThrow();
        Map<String, HostCapacity> hosts = new LinkedHashMap<>();
        hosts.put(
                "gpu-06",
                new HostCapacity.Available(
                        "gpu-06", new UUID(6, 0), DEVICES, new TreeMap<>(), false, HostAttachments.UNKNOWN, Set.of()));
        hosts.put(
                "gpu-07",
                new HostCapacity.Available(
                        "gpu-07",
                        ROOT,
                        DEVICES,
                        new TreeMap<>(Map.of(PF, capacity)),
                        false,
                        HostAttachments.UNKNOWN,
                        Set.of()));
        return hosts;
    }

    @Test
    void namesTheFullProviderItsConsumersAndTheDevices() {
        allocateToOther(2);
        assertThat(analyzer.explainRejection(CAPACITY, DESIRED, hosts(), List.of(delta(2, 0))))
                .isEqualTo(new AllocationProblem.ProviderFull(
                        "gpu-07",
                        PROVIDER_NAME,
                        VF,
                        List.of(Devices.at("0000:81:02.1"), Devices.at("0000:81:02.2")),
                        "3 CUSTOM_PCI_8086_1515 (0 reserved)",
                        Map.of(OTHER, 2),
                        SERVER,
                        2));
        assertThat(placement.requests).containsExactly("GET allocations of provider");
    }

    @Test
    void reservedUnitsAreNotFree() {
        setReserved(2);
        assertThat(analyzer.explainRejection(CAPACITY, DESIRED, hosts(), List.of(delta(2, 0))))
                .isInstanceOfSatisfying(AllocationProblem.ProviderFull.class, full -> {
                    assertThat(full.inventory()).contains("(2 reserved)");
                    assertThat(full.consumers()).isEmpty();
                });
    }

    /** Only the additional units must be free. */
    @Test
    void providerWithEnoughFreeUnitsIsNotReported() {
        allocateToOther(2);
        assertThat(analyzer.explainRejection(CAPACITY, DESIRED, hosts(), List.of(delta(2, 1))))
                .isEqualTo(new AllocationProblem.RejectedByPlacement("no capacity"));
    }

    @Test
    void readsOnlyProvidersWhoseUnitsIncrease() {
        allocateToOther(3);
        assertThat(analyzer.explainRejection(CAPACITY, DESIRED, hosts(), List.of(delta(1, 1), delta(0, 2))))
                .isInstanceOf(AllocationProblem.RejectedByPlacement.class);
        assertThat(placement.requests).isEmpty();
    }

    @Test
    void otherRejectionsKeepTheMessageOfPlacement() {
        allocateToOther(3);
        assertThat(analyzer.explainRejection(
                        new PlacementException.Rejected("no such class"), DESIRED, hosts(), List.of(delta(2, 0))))
                .isEqualTo(new AllocationProblem.RejectedByPlacement("no such class"));
        assertThat(placement.requests).isEmpty();
    }

    @Test
    void providerOfAnUnknownHostIsNotReported() {
        allocateToOther(3);
        assertThat(analyzer.explainRejection(CAPACITY, DESIRED, Map.of(), List.of(delta(2, 0))))
                .isInstanceOf(AllocationProblem.RejectedByPlacement.class);
        cache.removeDeleted(PROVIDER);
        placement.requests.clear();
        assertThat(analyzer.explainRejection(CAPACITY, DESIRED, Map.of(), List.of(delta(2, 0))))
                .isInstanceOf(AllocationProblem.RejectedByPlacement.class);
        assertThat(placement.requests).isEmpty();
    }
}
