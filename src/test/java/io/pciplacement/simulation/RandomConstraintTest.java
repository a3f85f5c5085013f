package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.CapacityIndex;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.ClaimScheduler;
import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.planning.claim.DeviceRequest.Affinity;
import io.pciplacement.planning.claim.ScheduleResult;
import io.pciplacement.testing.TestLength;
import io.pciplacement.testing.TopologyHosts;
import io.pciplacement.testing.TopologyHosts.Position;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Random claims with constraints on random hosts: the scheduler finds devices if and only if an enumeration of all
 * devices does, and they satisfy the claim. {@code -Dconstraints.seed} repeats a run.
 */
class RandomConstraintTest {

    private static final int CASES = Integer.getInteger("constraints.cases", TestLength.choose(5_000, 20_000));
    private static final List<ResourceClass> CLASSES =
            List.of(new ResourceClass("CUSTOM_GPU"), new ResourceClass("CUSTOM_NIC"));
    private static final Trait BLUE = new Trait("CUSTOM_BLUE");
    private static final UUID CONSUMER = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    private final long seed = Long.getLong("constraints.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void agreesWithEnumeration() {
        int satisfied = 0;
        int failedConstraints = 0;
        for (int number = 0; number < CASES; number++) {
            Map<String, Set<PciAddress>> taken = new HashMap<>();
            List<HostCapacity.Available> hosts = new ArrayList<>();
            boolean symmetric = number % 3 == 0;
            for (int host = random.nextInt(1, 3); host > 0; host--) {
                hosts.add(symmetric ? symmetricHost("host-" + host) : randomHost("host-" + host, taken));
            }
            Claim claim = symmetric ? symmetricClaim() : randomClaim();
            CapacityIndex index = new CapacityIndex();
            index.updateHosts(hosts);
            String description =
                    "-Dconstraints.seed=%d, case %d: %s on %s, taken %s".formatted(seed, number, claim, hosts, taken);
            boolean expected = hosts.stream()
                    .anyMatch(host ->
                            ClaimReferenceModel.isSatisfiable(claim, host, taken.getOrDefault(host.node(), Set.of())));
            switch (ClaimScheduler.schedule(claim, List.of(), index, node -> taken.getOrDefault(node, Set.of()))) {
                case ScheduleResult.Scheduled scheduled -> {
                    satisfied++;
                    assertThat(expected).as(description).isTrue();
                    String node = scheduled.assignments().getFirst().device().node();
                    ClaimReferenceModel.assertSatisfied(
                            claim,
                            hosts.stream()
                                    .filter(host -> host.node().equals(node))
                                    .findFirst()
                                    .orElseThrow(),
                            taken.getOrDefault(node, Set.of()),
                            scheduled.assignments());
                }
                case ScheduleResult.Unschedulable unschedulable -> {
                    assertThat(expected).as(description).isFalse();
                    failedConstraints += unschedulable.problem().constraintsFail() ? 1 : 0;
                    assertThat(unschedulable.problem().message())
                            .as(description)
                            .doesNotContain("limit");
                }
            }
        }
        // The cases are only meaningful if both results are frequent.
        assertThat(satisfied).as("satisfied claims").isGreaterThan(CASES / 5);
        assertThat(failedConstraints)
                .as("claims that fail only because of constraints")
                .isGreaterThan(CASES / 10);
    }

    private HostCapacity.Available randomHost(String node, Map<String, Set<PciAddress>> taken) {
        TopologyHosts host = new TopologyHosts(node);
        boolean nested = random.nextInt(4) > 0;
        int cards = random.nextInt(1, 8);
        for (int card = 0; card < cards; card++) {
            int root = random.nextInt(1, 4);
            int switchBus = random.nextInt(3) + (nested ? 2 * root : 1);
            int numaNode = nested ? root / 2 : random.nextInt(2);
            Position position = new Position(
                    random.nextInt(10) == 0 ? null : "pci0000:%02x".formatted(root),
                    random.nextInt(6) == 0 ? null : new PciAddress(0, switchBus, 0, 0),
                    random.nextInt(10) == 0 ? -1 : numaNode);
            // Some are functions of the same card, which is then at one position.
            PciAddress address = new PciAddress(0, 0x20 + card, 0, 0);
            int functions = random.nextInt(5) == 0 ? 2 : 1;
            for (int function = 0; function < functions; function++) {
                addFunction(host, new PciAddress(0, address.bus(), 0, function), position);
            }
        }
        HostCapacity.Available built = host.build();
        built.devices().devices().stream()
                .filter(device -> random.nextInt(8) == 0)
                .forEach(device ->
                        taken.computeIfAbsent(node, any -> new HashSet<>()).add(device.address()));
        return built;
    }

    /** A host with several equal roots, and sometimes one that differs: a search finds the same state often. */
    private HostCapacity.Available symmetricHost(String node) {
        TopologyHosts host = new TopologyHosts(node);
        int roots = random.nextInt(2, 5);
        int cards = random.nextInt(1, 4);
        boolean oneCardFewer = random.nextInt(3) == 0;
        boolean[] nics = {random.nextInt(3) == 0, random.nextBoolean(), random.nextBoolean()};
        int[] vfs = {random.nextInt(3), random.nextInt(3), 0};
        int other = random.nextInt(-1, roots);
        for (int root = 0; root < roots; root++) {
            for (int card = oneCardFewer && root == 0 ? 1 : 0; card < cards; card++) {
                host.card(
                        new PciAddress(0, 0x20 + root, card, 0),
                        CLASSES.get(nics[card] && root != other ? 1 : 0),
                        Set.of(),
                        Position.of(root, 0x40 + 2 * root + card % 2, root / 2),
                        vfs[card],
                        0,
                        Map.of());
            }
        }
        return host.build();
    }

    /** Equal groups of requests, each with the same constraints. */
    private Claim symmetricClaim() {
        List<DeviceRequest> requests = new ArrayList<>();
        List<DeviceConstraint> constraints = new ArrayList<>();
        int members = random.nextInt(1, 3);
        int groups = random.nextInt(2, members == 1 ? 5 : 4);
        boolean packing = random.nextBoolean();
        int[] counts = {random.nextInt(1, 3), 1};
        Attribute attribute = Attribute.values()[random.nextInt(Attribute.values().length)];
        Attribute second = Attribute.values()[random.nextInt(Attribute.values().length)];
        for (int group = 0; group < groups; group++) {
            List<String> names = new ArrayList<>();
            for (int member = 0; member < members; member++) {
                names.add("r%d-%d".formatted(group, member));
                requests.add(new DeviceRequest(
                        names.getLast(),
                        packing ? random.nextInt(1, 4 - members) : counts[member],
                        CLASSES.get(member),
                        -1,
                        -1,
                        null,
                        Set.of(),
                        Set.of(),
                        Affinity.LEGACY));
            }
            constraints.add(new DeviceConstraint(names, attribute));
            if (random.nextInt(3) == 0) {
                constraints.add(new DeviceConstraint(List.of("r0-0", names.getLast()), second));
            }
        }
        return claim(requests, constraints, random.nextInt(4) == 0, Set.of());
    }

    private static Claim claim(
            List<DeviceRequest> requests, List<DeviceConstraint> constraints, boolean isolate, Set<Integer> numaNodes) {
        return new Claim(
                "claim",
                "2026",
                new PlacementConsumer(CONSUMER, "INSTANCE", "p", "u", false),
                requests,
                constraints,
                isolate,
                numaNodes,
                null);
    }

    private void addFunction(TopologyHosts host, PciAddress address, Position position) {
        int vfs = random.nextInt(3) == 0 ? random.nextInt(1, 4) : 0;
        int units = Math.max(1, vfs);
        Map<UUID, Integer> allocated = new HashMap<>();
        if (random.nextInt(6) == 0) {
            allocated.put(random.nextBoolean() ? CONSUMER : OTHER, random.nextInt(1, units + 1));
        }
        host.card(
                address,
                CLASSES.get(random.nextInt(3) / 2),
                random.nextInt(3) == 0 ? Set.of(BLUE) : Set.of(),
                position,
                vfs,
                random.nextInt(10) == 0 ? 1 : 0,
                allocated);
    }

    private Claim randomClaim() {
        List<DeviceRequest> requests = new ArrayList<>();
        int units = random.nextInt(1, 6);
        while (units > 0 && requests.size() < 4) {
            int count = Math.min(units, random.nextInt(1, 3));
            units -= count;
            requests.add(randomRequest("r" + requests.size(), count));
        }
        List<String> names =
                new ArrayList<>(requests.stream().map(DeviceRequest::name).toList());
        List<DeviceConstraint> constraints = new ArrayList<>();
        for (int number = random.nextInt(1, 4); number > 0; number--) {
            Collections.shuffle(names, random);
            constraints.add(new DeviceConstraint(
                    names.subList(0, random.nextInt(1, names.size() + 1)),
                    Attribute.values()[random.nextInt(Attribute.values().length)]));
        }
        return claim(
                requests,
                constraints,
                random.nextInt(4) == 0,
                random.nextInt(3) == 0 ? Set.of(random.nextInt(2)) : Set.of());
    }

    private DeviceRequest randomRequest(String name, int count) {
        return new DeviceRequest(
                name,
                count,
                random.nextInt(4) == 0 ? null : CLASSES.get(random.nextInt(3) / 2),
                -1,
                -1,
                random.nextInt(6) == 0 ? DeviceType.VF : null,
                random.nextInt(8) == 0 ? Set.of(BLUE) : Set.of(),
                random.nextInt(8) == 0 ? Set.of(BLUE) : Set.of(),
                Affinity.values()[random.nextInt(Affinity.values().length)]);
    }
}
