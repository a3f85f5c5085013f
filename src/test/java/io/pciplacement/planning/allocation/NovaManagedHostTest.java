package io.pciplacement.planning.allocation;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.claim.CapacityIndex;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.ClaimScheduler;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.planning.claim.ScheduleResult;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncedHosts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests of allocations on a host whose nova-compute assigns devices, too: two plain devices, and a PF with two VFs. */
class NovaManagedHostTest {

    private static final UUID CONSUMER = UUID.randomUUID();
    private static final UUID MIGRATION = UUID.randomUUID();
    private static final UUID ROOT = UUID.randomUUID();
    private static final HostDevices DEVICES =
            new Devices().plain(0).plain(2).pfWithVfs(1, 2).build();
    private static final List<NormalizedSpec> SPECS = List.of(
            spec("plain").product(Devices.PCI).as("plain").named(),
            spec("vfs").address("0000:81:01.*", DeviceType.VF).as("vf").named());

    private final HostCapacity.Available synced = SyncedHosts.host("host", ROOT, DEVICES, SPECS, Map.of());
    private final HostCapacity.Available host = new HostCapacity.Available(
            "host", ROOT, synced.devices(), synced.providers(), true, HostAttachments.UNKNOWN, Set.of());

    private Optional<AllocationProblem> evaluate(boolean external, String... addresses) {
        PlacementConsumer consumer = new PlacementConsumer(CONSUMER, "INSTANCE", "p", "u", external);
        List<DeviceRef> devices = Stream.of(addresses)
                .map(address -> new DeviceRef("host", Devices.at(address)))
                .toList();
        Allocation present = new Allocation(Map.of(), "p", "u", external ? 1 : null, "INSTANCE");
        return AllocationEvaluator.evaluate(
                        new DesiredAllocation("object", "2026", consumer, devices),
                        Map.of("host", host),
                        device -> Optional.empty(),
                        Map.of(CONSUMER, present),
                        uuid -> !uuid.equals(ROOT))
                .findProblem();
    }

    private ScheduleResult schedule(String resourceClass) {
        CapacityIndex index = new CapacityIndex();
        index.updateHosts(List.of(host));
        return schedule(resourceClass, index);
    }

    private static ScheduleResult schedule(String resourceClass, CapacityIndex index) {
        DeviceRequest request = new DeviceRequest(
                "one",
                1,
                new ResourceClass(resourceClass),
                -1,
                -1,
                null,
                Set.of(),
                Set.of(),
                DeviceRequest.Affinity.LEGACY);
        PlacementConsumer consumer = new PlacementConsumer(CONSUMER, "INSTANCE", "p", "u", false);
        Claim claim = new Claim("claim", "2026", consumer, List.of(request), false, Set.of(), null);
        return ClaimScheduler.schedule(claim, List.of(), index, node -> Set.of());
    }

    @Test
    void wholeDeviceIsAllocated() {
        assertThat(evaluate(false, "0000:81:00.0")).isEmpty();
        assertThat(schedule("CUSTOM_PLAIN")).isInstanceOf(ScheduleResult.Scheduled.class);
    }

    @Test
    void singleVfIsRejected() {
        assertThat(evaluate(false, "0000:81:01.1"))
                .contains(new AllocationProblem.VfManagedByNova(new DeviceRef("host", Devices.at("0000:81:01.1"))));
    }

    @Test
    void requestGetsNoVfAndTheMessageSaysWhy() {
        CapacityIndex index = new CapacityIndex();
        index.updateHosts(List.of(host));
        assertThat(describeFailure(index)).contains("Host host has free VFs, but its nova-compute assigns VFs itself");

        // The operator writes this host, and nothing is free on it.
        HostCapacity.Available left = new HostCapacity.Available(
                "host", ROOT, synced.devices(), new TreeMap<>(), false, HostAttachments.UNKNOWN, Set.of());
        index.updateHosts(List.of(left));
        assertThat(describeFailure(index)).doesNotContain("nova-compute");
    }

    private static String describeFailure(CapacityIndex index) {
        return ((ScheduleResult.Unschedulable) schedule("CUSTOM_VF", index))
                .problem()
                .message();
    }

    @Test
    void allVfsOfPfAreAllocated() {
        assertThat(evaluate(false, "0000:81:01.1", "0000:81:01.2")).isEmpty();
    }

    @Test
    void vfOfNovasServerIsHealed() {
        assertThat(evaluate(true, "0000:81:01.1")).isEmpty();
    }

    /** During a move nothing is removed, so the server would have both. */
    @Test
    void secondDeviceIsNotAllocatedDuringMove() {
        UUID allocated = SyncedHosts.provider("host", "0000:81:00.0");
        DesiredAllocation desired = new DesiredAllocation(
                "object",
                "2026",
                new PlacementConsumer(CONSUMER, "INSTANCE", "p", "u", true),
                List.of(new DeviceRef("host", Devices.at("0000:81:02.0"))),
                new Move(
                        Move.Kind.COLD_MIGRATION,
                        MIGRATION,
                        Move.Phase.MOVING,
                        List.of(new DeviceRef("source", Devices.at("0000:81:00.0")))));
        AllocationDecision decision = AllocationEvaluator.evaluate(
                desired,
                Map.of("host", host, "source", SyncedHosts.host("source", UUID.randomUUID(), DEVICES, SPECS, Map.of())),
                device -> Optional.empty(),
                Map.of(
                        CONSUMER,
                        new Allocation(
                                Map.of(allocated, Map.of(new ResourceClass("CUSTOM_PLAIN"), 1)),
                                "p",
                                "u",
                                1,
                                "INSTANCE"),
                        MIGRATION,
                        new Allocation(Map.of(), "p", "u", 1, Allocation.UNKNOWN_TYPE)),
                uuid -> !uuid.equals(ROOT));
        assertThat(decision)
                .isInstanceOfSatisfying(
                        AllocationDecision.Blocked.class,
                        blocked -> assertThat(blocked.problem()).isInstanceOf(AllocationProblem.DeviceMismatch.class));
    }
}
