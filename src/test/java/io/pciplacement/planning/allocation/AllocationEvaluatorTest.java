package io.pciplacement.planning.allocation;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncedHosts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests of the evaluation of allocations; the first three correspond to Nova's tests of healing. */
class AllocationEvaluatorTest {

    private static final ResourceClass PCI = new ResourceClass("CUSTOM_PCI_8086_1533");
    private static final ResourceClass PF = new ResourceClass("CUSTOM_PCI_8086_1528");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final UUID COMPUTE = UUID.randomUUID();
    private static final UUID SERVER = UUID.randomUUID();

    /** Host with two plain devices, one PF as a whole device and the VFs of another PF. */
    private final HostDevices devices =
            new Devices().plain(0).plain(1).pfWithVfs(2, 4).pfWithVfs(3, 4).build();

    private final HostCapacity.Available host = host("compute1", devices);
    private final Map<DeviceRef, DesiredAllocation> others = new HashMap<>();

    private static HostCapacity.Available host(String node, HostDevices devices) {
        return host(node, devices, "0000:81:03.*");
    }

    private static HostCapacity.Available host(String node, HostDevices devices, String vfs) {
        var specs = List.of(
                spec("pci").product(Devices.PCI).named(),
                spec("pf").address("0000:81:02.0", DeviceType.PF).named(),
                spec("vfs").address(vfs, DeviceType.VF).named());
        return SyncedHosts.host(node, COMPUTE, devices, specs, Map.of());
    }

    private UUID provider(String address) {
        return host.providers().get(Devices.at(address)).uuid();
    }

    private static DesiredAllocation desiredAllocation(boolean external, String... addresses) {
        return new DesiredAllocation(
                "server",
                "2026-01-01T00:00:00Z",
                new PlacementConsumer(SERVER, "INSTANCE", "p", "u", external),
                List.of(addresses).stream()
                        .map(address -> new DeviceRef("compute1", Devices.at(address)))
                        .toList());
    }

    private AllocationDecision evaluate(
            DesiredAllocation desired, Map<UUID, Map<ResourceClass, Integer>> present, Integer generation) {
        return AllocationEvaluator.evaluate(
                desired,
                Map.of("compute1", host),
                device -> Optional.ofNullable(others.get(device)),
                Map.of(SERVER, new Allocation(present, "p", "u", generation, "INSTANCE")),
                uuid -> !uuid.equals(COMPUTE));
    }

    private static Allocation writtenResources(AllocationDecision decision) {
        return ((AllocationDecision.Update) decision).allocations().get(SERVER);
    }

    private static AllocationProblem problem(AllocationDecision decision) {
        return ((AllocationDecision.Blocked) decision).problem();
    }

    @Test
    void healSinglePciAllocation() {
        Allocation next = writtenResources(
                evaluate(desiredAllocation(true, "0000:81:00.0"), Map.of(COMPUTE, Map.of(VCPU, 2)), 3));
        assertThat(next)
                .isEqualTo(new Allocation(
                        Map.of(COMPUTE, Map.of(VCPU, 2), provider("0000:81:00.0"), Map.of(PCI, 1)),
                        "p",
                        "u",
                        3,
                        "INSTANCE"));
    }

    @Test
    void healMultipleAllocations() {
        assertThat(writtenResources(evaluate(desiredAllocation(true, "0000:81:00.0", "0000:81:01.0"), Map.of(), 1))
                        .resources())
                .isEqualTo(Map.of(provider("0000:81:00.0"), Map.of(PCI, 1), provider("0000:81:01.0"), Map.of(PCI, 1)));
        assertThat(writtenResources(evaluate(desiredAllocation(true, "0000:81:02.0", "0000:81:03.1"), Map.of(), 1))
                        .resources())
                .isEqualTo(Map.of(provider("0000:81:02.0"), Map.of(PF, 1), provider("0000:81:03.0"), Map.of(VF, 1)));
        assertThat(writtenResources(evaluate(desiredAllocation(true, "0000:81:03.2", "0000:81:03.3"), Map.of(), 1))
                        .resources())
                .isEqualTo(Map.of(provider("0000:81:03.0"), Map.of(VF, 2)));
    }

    @Test
    void healPartialAllocations() {
        DesiredAllocation two = desiredAllocation(true, "0000:81:03.2", "0000:81:03.3", "0000:81:00.0");
        var partial = Map.of(COMPUTE, Map.of(VCPU, 1), provider("0000:81:03.0"), Map.of(VF, 1));
        assertThat(writtenResources(evaluate(two, partial, 1)).resources())
                .isEqualTo(Map.of(
                        COMPUTE,
                        Map.of(VCPU, 1),
                        provider("0000:81:03.0"),
                        Map.of(VF, 2),
                        provider("0000:81:00.0"),
                        Map.of(PCI, 1)));
    }

    @Test
    void correctAllocationIsNotWritten() {
        var right = Map.of(COMPUTE, Map.of(VCPU, 1), provider("0000:81:03.0"), Map.of(VF, 1));
        assertThat(evaluate(desiredAllocation(true, "0000:81:03.1"), right, 1))
                .isInstanceOf(AllocationDecision.InSync.class);
    }

    @Test
    void excessUnitsAreRemoved() {
        var wrong = Map.of(provider("0000:81:03.0"), Map.of(VF, 3), provider("0000:81:02.0"), Map.of(PF, 1));
        assertThat(writtenResources(evaluate(desiredAllocation(true, "0000:81:03.1"), wrong, 1))
                        .resources())
                .isEqualTo(Map.of(provider("0000:81:03.0"), Map.of(VF, 1)));
    }

    @Test
    void unknownConsumerGetsNewAllocation() {
        assertThat(problem(evaluate(desiredAllocation(true, "0000:81:00.0"), Map.of(), null)))
                .isInstanceOf(AllocationProblem.ConsumerHasNoAllocation.class);
        assertThat(writtenResources(evaluate(desiredAllocation(false, "0000:81:00.0"), Map.of(), null)))
                .isEqualTo(
                        new Allocation(Map.of(provider("0000:81:00.0"), Map.of(PCI, 1)), "p", "u", null, "INSTANCE"));
    }

    @Test
    void invalidDevicesAreReportedWithoutWrite() {
        assertThat(problem(evaluate(desiredAllocation(true, "0000:82:00.0"), Map.of(), 1)))
                .isInstanceOf(AllocationProblem.DeviceNotOnHost.class);
        assertThat(problem(evaluate(desiredAllocation(true, "0000:81:03.0"), Map.of(), 1)))
                .as("a PF whose VFs are tracked is not tracked itself")
                .isInstanceOf(AllocationProblem.DeviceNotTracked.class);
        assertThat(problem(evaluate(desiredAllocation(true, "0000:81:03.0", "0000:81:03.1"), Map.of(), 1)))
                .isInstanceOf(AllocationProblem.DependentDevices.class);
        DesiredAllocation elsewhere = desiredAllocation(true, "0000:81:00.0")
                .withDevices(List.of(new DeviceRef("unknown-host", Devices.at("0000:81:00.0"))));
        assertThat(problem(evaluate(elsewhere, Map.of(), 1)))
                .isEqualTo(new AllocationProblem.UnknownHost("unknown-host"));
    }

    @Test
    void olderObjectKeepsItsDevice() {
        DesiredAllocation older = new DesiredAllocation(
                "older", "2025", new PlacementConsumer(UUID.randomUUID(), "INSTANCE", "p", "u", true), List.of());
        others.put(new DeviceRef("compute1", Devices.at("0000:81:03.1")), older);
        assertThat(problem(evaluate(desiredAllocation(true, "0000:81:03.1"), Map.of(), 1))
                        .message())
                .contains("older");
        assertThat(problem(evaluate(desiredAllocation(true, "0000:81:03.0"), Map.of(), 1)))
                .isInstanceOf(AllocationProblem.DependentDevices.class);
    }

    private static DesiredAllocation discoveredAllocation(String... addresses) {
        DesiredAllocation declared = desiredAllocation(true, addresses);
        return new DesiredAllocation(
                declared.name(), declared.createdAt(), declared.consumer(), declared.devices(), null, true);
    }

    @Test
    void discoveredServerLosesNothing() {
        var more = Map.of(provider("0000:81:03.0"), Map.of(VF, 3), provider("0000:81:02.0"), Map.of(PF, 1));
        assertThat(evaluate(discoveredAllocation("0000:81:03.1"), more, 1))
                .isInstanceOf(AllocationDecision.InSync.class);
        assertThat(writtenResources(evaluate(discoveredAllocation("0000:81:03.1", "0000:81:00.0"), more, 1))
                        .resources())
                .isEqualTo(Map.of(
                        provider("0000:81:03.0"),
                        Map.of(VF, 3),
                        provider("0000:81:02.0"),
                        Map.of(PF, 1),
                        provider("0000:81:00.0"),
                        Map.of(PCI, 1)));
    }

    @Test
    void discoveredServerWithoutTrackedDeviceNeedsNoAllocation() {
        for (Integer generation : new Integer[] {null, 1}) {
            assertThat(evaluate(discoveredAllocation("0000:82:00.0", "0000:81:03.0"), Map.of(), generation))
                    .isEqualTo(new AllocationDecision.InSync(List.of(), Optional.empty()));
        }
        assertThat(problem(evaluate(discoveredAllocation("0000:82:00.0", "0000:81:00.0"), Map.of(), null)))
                .isInstanceOf(AllocationProblem.ConsumerHasNoAllocation.class);
    }

    @Test
    void discoveredServerMayHaveOtherDevices() {
        assertThat(writtenResources(evaluate(
                                discoveredAllocation("0000:82:00.0", "0000:81:03.0", "0000:81:00.0"), Map.of(), 1))
                        .resources())
                .as("one that the host does not list, a PF whose VFs are tracked, and a tracked one")
                .isEqualTo(Map.of(provider("0000:81:00.0"), Map.of(PCI, 1)));
        HostCapacity.Available fewer = host("compute1", devices, "0000:81:03.1");
        assertThat(writtenResources(AllocationEvaluator.evaluate(
                                discoveredAllocation("0000:81:03.1", "0000:81:03.4"),
                                Map.of("compute1", fewer),
                                device -> Optional.empty(),
                                Map.of(SERVER, new Allocation(Map.of(), "p", "u", 1, "INSTANCE")),
                                uuid -> true))
                        .resources())
                .as("a VF that is not counted")
                .isEqualTo(Map.of(provider("0000:81:03.0"), Map.of(VF, 1)));
    }

    /** An allocated device that is no longer counted keeps its units; no units are added for it. */
    @Test
    void deviceThatIsNoLongerCountedKeepsItsUnits() {
        HostCapacity.Available fewer = host("compute1", devices, "0000:81:03.1");
        DesiredAllocation both = desiredAllocation(true, "0000:81:03.1", "0000:81:03.4");
        var two = Map.of(provider("0000:81:03.0"), Map.of(VF, 2));
        assertThat(AllocationEvaluator.evaluate(
                        both,
                        Map.of("compute1", fewer),
                        device -> Optional.empty(),
                        Map.of(SERVER, new Allocation(two, "p", "u", 1, "INSTANCE")),
                        uuid -> true))
                .isInstanceOf(AllocationDecision.InSync.class);
        assertThat(problem(AllocationEvaluator.evaluate(
                        both,
                        Map.of("compute1", fewer),
                        device -> Optional.empty(),
                        Map.of(SERVER, new Allocation(Map.of(), "p", "u", 1, "INSTANCE")),
                        uuid -> true)))
                .isInstanceOf(AllocationProblem.DeviceNotTracked.class);
    }
}
