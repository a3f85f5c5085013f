package io.pciplacement.planning.claim;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.planning.claim.DeviceRequest.Affinity;
import io.pciplacement.testing.Devices;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index does not change any result, and claims on many hosts need little memory. */
class CapacityIndexTest {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");
    private static final List<NormalizedSpec> SPECS = List.of(
            spec("vf").product(Devices.VF).as("vf").named(),
            spec("nic").product(Devices.PCI).as("nic").named());

    private final Map<String, Map<UUID, Map<UUID, Integer>>> used = new HashMap<>();
    private final Map<String, Set<PciAddress>> taken = new HashMap<>();
    private final Map<String, HostAttachments> attachments = new HashMap<>();

    private HostCapacity.Available host(String node, HostDevices devices) {
        SortedMap<PciAddress, ProviderCapacity> providers = new TreeMap<>();
        Resolver.resolve(devices, SPECS).providers().forEach((address, desired) -> {
            String name = new ProviderName(node, address).toString();
            UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
            ResourceClass rc = desired.devices().getFirst().type() == DeviceType.VF ? VF : NIC;
            Map<UUID, Map<ResourceClass, Integer>> allocations = new HashMap<>();
            used.getOrDefault(node, Map.of())
                    .getOrDefault(uuid, Map.of())
                    .forEach((consumer, amount) -> allocations.put(consumer, Map.of(rc, amount)));
            ObservedProvider observed = new ObservedProvider(
                    new ResourceProvider(uuid, name, uuid, uuid, 1),
                    new TreeMap<>(Map.of(rc, Inventory.of(desired.devices().size(), 0))),
                    new TreeSet<>(),
                    allocations,
                    desired.devices().getFirst().type());
            providers.put(
                    address,
                    ProviderCapacity.combine(address, observed, Optional.of(desired))
                            .orElseThrow());
        });
        return new HostCapacity.Available(
                node,
                new UUID(0, node.hashCode()),
                devices,
                providers,
                false,
                attachments.getOrDefault(node, HostAttachments.UNKNOWN),
                Set.of());
    }

    /** A server of libvirt, which may be one of the consumers, with some devices of a host. */
    private static HostAttachments randomAttachments(Random random, HostDevices devices, List<UUID> consumers) {
        UUID server = random.nextBoolean() ? UUID.randomUUID() : consumers.get(random.nextInt(consumers.size()));
        TreeMap<PciAddress, AttachmentKind> attached = new TreeMap<>();
        devices.devices().stream()
                .filter(device -> random.nextInt(4) == 0)
                .forEach(device -> attached.put(device.address(), AttachmentKind.DEVICE));
        return new HostAttachments(
                HostAttachments.Knowledge.COMPLETE,
                List.of(new AttachedServer(server, "s", null, null, true, attached)));
    }

    private Set<PciAddress> unavailable(HostCapacity.Available host, UUID consumer) {
        Set<PciAddress> all = new HashSet<>(taken(host.node()));
        host.attachments().servers().stream()
                .filter(server -> !server.uuid().equals(consumer))
                .flatMap(server -> server.devices().keySet().stream())
                .forEach(attached -> {
                    all.add(attached);
                    host.devices().devices().stream()
                            .filter(device -> attached.equals(device.parent())
                                    || (device.address().equals(attached) && device.parent() != null))
                            .map(device -> attached.equals(device.parent()) ? device.address() : device.parent())
                            .forEach(all::add);
                });
        return all;
    }

    private Set<PciAddress> taken(String node) {
        return taken.getOrDefault(node, Set.of());
    }

    private static Claim claim(UUID consumer, DeviceRequest... requests) {
        return new Claim(
                "c",
                "2026",
                new PlacementConsumer(consumer, "INSTANCE", "p", "u", false),
                List.of(requests),
                false,
                Set.of(),
                null);
    }

    private static DeviceRequest request(ResourceClass rc, int count) {
        return new DeviceRequest(rc.name(), count, rc, -1, -1, null, Set.of(), Set.of(), Affinity.LEGACY);
    }

    /** Reference result: evaluates every host without an index. */
    private List<DeviceAssignment> scheduleByFullScan(Claim claim, List<HostCapacity.Available> hosts) {
        record Offer(String node, DeviceMatching matching) {}
        return hosts.stream()
                .map(host -> new Offer(
                        host.node(),
                        DeviceMatching.compute(
                                claim,
                                FreeCapacity.forHost(
                                        host, unavailable(host, claim.consumer().uuid())))))
                .filter(offer -> offer.matching().isComplete())
                .min(Comparator.<Offer>comparingInt(offer -> -offer.matching().unitsKept())
                        .thenComparingInt(offer -> offer.matching().newlyUsedProviders())
                        .thenComparingInt(offer -> offer.matching().unitsLeftOver())
                        .thenComparing(Offer::node))
                .map(offer -> offer.matching().deviceAssignments(offer.node()))
                .orElse(List.of());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void resultEqualsThatOfFullScan(long seed) {
        Random random = new Random(seed);
        Map<String, HostDevices> devices = new TreeMap<>();
        for (int i = 0; i < 12; i++) {
            Devices some = new Devices().plain(0);
            for (int slot = 1; slot <= random.nextInt(1, 4); slot++) {
                some.pfWithVfs(slot, random.nextInt(1, 5));
            }
            devices.put("n%02d".formatted(i), some.build());
        }
        Map<String, HostCapacity.Available> hosts = new TreeMap<>();
        List<UUID> consumers =
                IntStream.range(0, 12).mapToObj(i -> UUID.randomUUID()).toList();
        devices.forEach((node, list) -> {
            if (random.nextInt(3) == 0) {
                attachments.put(node, randomAttachments(random, list, consumers));
            }
            hosts.put(node, host(node, list));
        });
        CapacityIndex index = new CapacityIndex();
        int granted = 0;
        for (int i = 0; i < 60; i++) {
            UUID consumer = consumers.get(random.nextInt(consumers.size()));
            Claim claim = random.nextInt(4) == 0
                    ? claim(consumer, request(NIC, 1), request(VF, random.nextInt(1, 3)))
                    : claim(consumer, request(VF, random.nextInt(1, 5)));
            index.updateHosts(hosts.values());
            ScheduleResult choice = ClaimScheduler.schedule(claim, List.of(), index, this::taken);
            List<DeviceAssignment> assignments =
                    choice instanceof ScheduleResult.Scheduled(List<DeviceAssignment> given) ? given : List.of();
            assertThat(assignments).isEqualTo(scheduleByFullScan(claim, List.copyOf(hosts.values())));
            for (DeviceAssignment assignment : assignments) {
                String node = assignment.device().node();
                PciAddress address = assignment.device().address();
                taken.computeIfAbsent(node, n -> new HashSet<>()).add(address);
                PciAddress at =
                        devices.get(node).findDevice(address).orElseThrow().providerAddress();
                used.computeIfAbsent(node, n -> new HashMap<>())
                        .computeIfAbsent(hosts.get(node).providers().get(at).uuid(), u -> new HashMap<>())
                        .merge(consumer, 1, Integer::sum);
                hosts.put(node, host(node, devices.get(node)));
                granted++;
            }
        }
        assertThat(granted).isGreaterThan(20);
    }

    @Test
    void removedHostsAreRemovedFromIndex() {
        CapacityIndex index = new CapacityIndex();
        Claim claim = claim(UUID.randomUUID(), request(VF, 1));
        index.updateHosts(List.of(host("a", new Devices().pfWithVfs(2, 2).build())));
        assertThat(ClaimScheduler.schedule(claim, List.of(), index, this::taken))
                .isInstanceOf(ScheduleResult.Scheduled.class);
        index.updateHosts(List.of());
        assertThat(((ScheduleResult.Unschedulable) ClaimScheduler.schedule(claim, List.of(), index, this::taken))
                        .problem()
                        .message())
                .contains("no host has devices in Placement");
    }

    /** Allocated bytes, a measure of the work that does not depend on the machine. */
    @Test
    void claimOnThousandHostsAllocatesLittleMemory() {
        Devices big = new Devices();
        for (int slot = 1; slot <= 9; slot++) {
            big.pfWithVfs(slot, 7);
        }
        HostDevices devices = big.build();
        List<HostCapacity.Available> hosts = IntStream.range(0, 1000)
                .mapToObj(i -> host("n%03d".formatted(i), devices))
                .toList();
        CapacityIndex index = new CapacityIndex();
        Claim claim = claim(UUID.randomUUID(), request(VF, 2));
        long all = allocatedBytes(
                () -> assertThat(scheduleByFullScan(claim, hosts)).hasSize(2));
        long few = allocatedBytes(() -> {
            index.updateHosts(hosts);
            assertThat(ClaimScheduler.schedule(claim, List.of(), index, this::taken))
                    .isInstanceOf(ScheduleResult.Scheduled.class);
        });
        assertThat(few * 20).as("%d bytes, %d with a full scan", few, all).isLessThan(all);
    }

    private static long allocatedBytes(Runnable claim) {
        claim.run();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        int claims = 5;
        for (int i = 0; i < claims; i++) {
            claim.run();
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / claims;
    }
}
