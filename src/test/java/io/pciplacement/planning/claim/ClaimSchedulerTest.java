package io.pciplacement.planning.claim;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.DeviceRequest.Affinity;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncedHosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the devices that a claim gets, and of the message if none are free. */
class ClaimSchedulerTest {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final ResourceClass PF = new ResourceClass("CUSTOM_PF");
    private static final Trait BLUE = new Trait("CUSTOM_BLUE");
    private static final NormalizedSpec VFS =
            spec("vfs").address("0000:81:*", DeviceType.VF).as("vf").named();

    private final Map<DeviceRef, UUID> held = new HashMap<>();
    private final Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> allocations = new HashMap<>();

    private HostCapacity.Available host(String node, HostDevices devices, NormalizedSpec... specs) {
        return SyncedHosts.host(node, UUID.randomUUID(), devices, List.of(specs), allocations);
    }

    private static DeviceRequest request(String name, int count, ResourceClass rc, Trait... traits) {
        return new DeviceRequest(name, count, rc, -1, -1, null, Set.of(traits), Set.of(), Affinity.LEGACY);
    }

    private static Claim claim(UUID consumer, boolean isolate, DeviceRequest... requests) {
        return new Claim(
                "c" + consumer,
                "2026",
                new PlacementConsumer(consumer, "INSTANCE", "p", "u", false),
                List.of(requests),
                isolate,
                Set.of(),
                null);
    }

    private ScheduleResult schedule(Claim claim, HostCapacity.Available... hosts) {
        return schedule(claim, List.of(), hosts);
    }

    private ScheduleResult schedule(Claim claim, List<Claim> olderClaims, HostCapacity.Available... hosts) {
        CapacityIndex index = new CapacityIndex();
        index.updateHosts(List.of(hosts));
        return ClaimScheduler.schedule(claim, olderClaims, index, this::heldOn);
    }

    @Test
    void messageNamesServersThatHaveFreeDevices() {
        HostDevices devices = new Devices().pfWithVfs(1, 5).build();
        HostCapacity.Available plain = host("a", devices, VFS);
        UUID own = UUID.randomUUID();
        HostCapacity.Available attached = new HostCapacity.Available(
                plain.node(),
                plain.root(),
                plain.devices(),
                plain.providers(),
                false,
                new HostAttachments(
                        HostAttachments.Knowledge.COMPLETE,
                        List.of(server(UUID.randomUUID(), "web", 1, 2, 3, 4), server(own, "own", 5))),
                Set.of());
        assertThat(problem(schedule(claim(own, false, request("first", 2, VF)), attached)))
                .endsWith(
                        " libvirt has attached devices to servers to which Placement has not allocated them: 0000:81:01.1 (web), 0000:81:01.2 (web), 0000:81:01.3 (web) and 1 more; see pci audit. The claim is retried when capacity becomes available.");
        assertThat(problem(schedule(claim(own, false, request("first", 9, VF)), plain)))
                .doesNotContain("libvirt");
    }

    @Test
    void quarantinedDevicesAreNotSelected() {
        HostDevices devices = new Devices().pfWithVfs(1, 3).build();
        HostCapacity.Available plain = host("a", devices, VFS);
        HostCapacity.Available withheld = new HostCapacity.Available(
                plain.node(),
                plain.root(),
                plain.devices(),
                plain.providers(),
                false,
                HostAttachments.UNKNOWN,
                Set.of(Devices.at("0000:81:01.1")));
        UUID own = UUID.randomUUID();
        assertThat(devices(schedule(claim(own, false, request("first", 2, VF)), withheld)))
                .allMatch(device -> !device.contains("0000:81:01.1"));
        assertThat(problem(schedule(claim(own, false, request("first", 3, VF)), withheld)))
                .contains("2 of 3");
    }

    private static AttachedServer server(UUID uuid, String name, int... functions) {
        TreeMap<PciAddress, AttachmentKind> devices = new TreeMap<>();
        for (int function : functions) {
            devices.put(Devices.at("0000:81:01." + function), AttachmentKind.DEVICE);
        }
        return new AttachedServer(uuid, name, "p", "u", true, devices);
    }

    private static String problem(ScheduleResult result) {
        return ((ScheduleResult.Unschedulable) result).problem().message();
    }

    private Set<PciAddress> heldOn(String node) {
        return held.keySet().stream()
                .filter(device -> device.node().equals(node))
                .map(DeviceRef::address)
                .collect(Collectors.toSet());
    }

    private static List<String> devices(ScheduleResult choice) {
        return ((ScheduleResult.Scheduled) choice)
                .assignments().stream()
                        .map(assignment -> assignment.device().toString())
                        .toList();
    }

    private void take(String node, String provider, String device) {
        UUID other = UUID.randomUUID();
        UUID uuid = SyncedHosts.provider(node, provider);
        held.put(new DeviceRef(node, Devices.at(device)), other);
        allocations.computeIfAbsent(uuid, u -> new HashMap<>()).put(other, Map.of(VF, 1));
    }

    @Test
    void partlyUsedPfIsPreferred() {
        take("n", "0000:81:03.0", "0000:81:03.1");
        HostCapacity.Available host =
                host("n", new Devices().pfWithVfs(2, 4).pfWithVfs(3, 4).build(), VFS);
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, request("vf", 2, VF)), host)))
                .containsExactly("n/0000:81:03.2", "n/0000:81:03.3");
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, request("vf", 4, VF)), host)))
                .containsExactly("n/0000:81:02.1", "n/0000:81:03.2", "n/0000:81:03.3", "n/0000:81:03.4");
        assertThat(devices(schedule(claim(UUID.randomUUID(), true, request("vf", 2, VF)), host)))
                .as("isolate")
                .containsExactly("n/0000:81:02.1", "n/0000:81:03.2");
    }

    /** The server may have been created before the host was tracked. */
    @Test
    void deviceThatIsAttachedToAnotherServerIsNotSelected() {
        UUID server = UUID.randomUUID();
        HostCapacity.Available plain = host("n", new Devices().pfWithVfs(2, 2).build(), VFS);
        HostCapacity.Available host = new HostCapacity.Available(
                plain.node(),
                plain.root(),
                plain.devices(),
                plain.providers(),
                false,
                new HostAttachments(
                        HostAttachments.Knowledge.OUTDATED,
                        List.of(new AttachedServer(
                                server,
                                "web",
                                null,
                                null,
                                false,
                                new TreeMap<>(Map.of(Devices.at("0000:81:02.1"), AttachmentKind.INTERFACE))))),
                Set.of());
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, request("vf", 1, VF)), host)))
                .containsExactly("n/0000:81:02.2");
        assertThat(schedule(claim(UUID.randomUUID(), false, request("vf", 2, VF)), host))
                .isInstanceOf(ScheduleResult.Unschedulable.class);
        assertThat(devices(schedule(claim(server, false, request("vf", 2, VF)), host)))
                .containsExactly("n/0000:81:02.1", "n/0000:81:02.2");
    }

    @Test
    void hostWithFewestUntouchedProvidersIsPreferred() {
        take("b", "0000:81:02.0", "0000:81:02.1");
        HostCapacity.Available a = host("a", new Devices().pfWithVfs(2, 4).build(), VFS);
        HostCapacity.Available b = host("b", new Devices().pfWithVfs(2, 4).build(), VFS);
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, request("vf", 1, VF)), a, b)))
                .containsExactly("b/0000:81:02.2");
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, request("vf", 4, VF)), a, b)))
                .hasSize(4)
                .allMatch(device -> device.startsWith("a/"));
    }

    @Test
    void flexibleRequestIsReassignedForStrictOne() {
        HostCapacity.Available host = host(
                "n",
                new Devices().pfWithVfs(2, 1).pfWithVfs(3, 1).build(),
                spec("blue")
                        .address("0000:81:02.*", DeviceType.VF)
                        .as("vf")
                        .traits("blue")
                        .named(),
                spec("plain").address("0000:81:03.*", DeviceType.VF).as("vf").named());
        Claim claim = claim(UUID.randomUUID(), false, request("any", 1, VF), request("blue", 1, VF, BLUE));
        assertThat(((ScheduleResult.Scheduled) schedule(claim, host)).assignments())
                .extracting(DeviceAssignment::requestName)
                .containsExactly("blue", "any");
        DeviceRequest notBlue = new DeviceRequest("x", 2, VF, -1, -1, null, Set.of(), Set.of(BLUE), Affinity.LEGACY);
        assertThat(((ScheduleResult.Unschedulable) schedule(claim(UUID.randomUUID(), false, notBlue), host))
                        .problem()
                        .message())
                .contains("n has 1 of 2 devices free", "without CUSTOM_BLUE");
    }

    @Test
    void numaAffinityAndDeviceTypeAreRespected() {
        HostCapacity.Available host = host("n", new Devices().pfWithVfs(2, 2).build(), VFS);
        Claim far = new Claim(
                "c",
                "2026",
                new PlacementConsumer(UUID.randomUUID(), "INSTANCE", "p", "u", false),
                List.of(request("vf", 1, VF)),
                false,
                Set.of(1),
                null);
        assertThat(schedule(far, host))
                .as("the device is on NUMA node 0")
                .isInstanceOf(ScheduleResult.Unschedulable.class);
        DeviceRequest pf = new DeviceRequest(
                "pf", 1, null, Devices.VENDOR, Devices.PF, DeviceType.PF, Set.of(), Set.of(), Affinity.LEGACY);
        assertThat(schedule(claim(UUID.randomUUID(), false, pf), host))
                .isInstanceOf(ScheduleResult.Unschedulable.class);
        HostCapacity.Available whole = host(
                "w",
                new Devices().pfWithVfs(2, 2).build(),
                spec("pf").address("0000:81:02.0", DeviceType.PF).as("pf").named());
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, pf), host, whole)))
                .containsExactly("w/0000:81:02.0");
        assertThat(devices(schedule(claim(UUID.randomUUID(), false, request("pf", 1, PF)), host, whole)))
                .containsExactly("w/0000:81:02.0");
    }

    @Test
    void capacityIsReservedForOlderClaims() {
        HostCapacity.Available host = host("n", new Devices().pfWithVfs(2, 3).build(), VFS);
        Claim olderClaim = claim(UUID.randomUUID(), false, request("vf", 3, VF));
        Claim tooBig = claim(UUID.randomUUID(), false, request("vf", 4, VF));
        Claim young = claim(UUID.randomUUID(), false, request("vf", 1, VF));
        assertThat(schedule(young, List.of(olderClaim), host)).isInstanceOf(ScheduleResult.Unschedulable.class);
        assertThat(schedule(young, List.of(tooBig), host))
                .as("an unsatisfiable claim does not block others")
                .isInstanceOf(ScheduleResult.Scheduled.class);
    }

    /**
     * Random claims: no device is assigned twice, capacity is never exceeded, and no claim is rejected that could be
     * satisfied.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noDeviceIsAssignedTwice(long seed) {
        Random random = new Random(seed);
        HostDevices devices =
                new Devices().pfWithVfs(2, 5).pfWithVfs(3, 3).pfWithVfs(4, 7).build();
        int granted = 0;
        for (int i = 0; i < 30; i++) {
            HostCapacity.Available host = host("n", devices, VFS);
            UUID consumer = UUID.randomUUID();
            int count = random.nextInt(1, 4);
            ScheduleResult choice = schedule(claim(consumer, false, request("vf", count, VF)), host);
            if (choice instanceof ScheduleResult.Scheduled(List<DeviceAssignment> assignments)) {
                assertThat(assignments).hasSize(count);
                granted += count;
                Set<DeviceRef> fresh = new HashSet<>();
                Map<UUID, Integer> amounts = new HashMap<>();
                for (DeviceAssignment assignment : assignments) {
                    assertThat(held).doesNotContainKey(assignment.device());
                    assertThat(fresh.add(assignment.device())).isTrue();
                    PciAddress pf = devices.findDevice(assignment.device().address())
                            .orElseThrow()
                            .providerAddress();
                    amounts.merge(host.providers().get(pf).uuid(), 1, Integer::sum);
                }
                fresh.forEach(device -> held.put(device, consumer));
                amounts.forEach((uuid, n) ->
                        allocations.computeIfAbsent(uuid, u -> new HashMap<>()).put(consumer, Map.of(VF, n)));
            } else {
                assertThat(granted + count).isGreaterThan(15);
            }
        }
        assertThat(granted).isLessThanOrEqualTo(15);
        assertThat(new ArrayList<>(held.keySet())).hasSize(granted);
    }
}
