package io.pciplacement.operator;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.HoldRequest;
import io.pciplacement.operator.sync.HostRequest;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Move;
import io.pciplacement.planning.allocation.Verdict;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holdings, moves, releases, restarts and failing requests by chance, with consumers that the Operator manages: no
 * device in two hands, usage never above what is there, nothing lost, other resources untouched.
 */
class AllocationHistoryTest {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final List<String> HOSTS = List.of("one", "two", "three");
    private static final List<DeviceSpec> SPECS = List.of(
            spec("vfs").product(Devices.VF).build(),
            spec("pci").product(Devices.PCI).build());
    private static final HostDevices DEVICES =
            new Devices().plain(0).plain(1).pfWithVfs(2, 3).pfWithVfs(3, 2).build();

    private final ExecutorService pool = Executors.newFixedThreadPool(1);
    private final FakePlacement world = new FakePlacement();
    private final AllocationBook book = new AllocationBook();
    private final Map<String, Holding> objects = new TreeMap<>();
    private final Map<UUID, Integer> cpus = new HashMap<>();
    private PlacementSync sync = new PlacementSync(world, true, pool);
    private Map<String, AllocationOutcome> settled = Map.of();
    private UUID compute;
    private int made;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void invariantsHoldWhateverHappens(long seed) {
        Random random = new Random(seed);
        compute = world.createProvider(UUID.randomUUID(), "compute", Optional.empty())
                .uuid();
        world.putInventories(compute, new Inventories(0, Map.of(VCPU, Inventory.of(1000, 0))));
        try {
            settle();
            for (int step = 0; step < 120; step++) {
                Optional<Holding> one = objects.values().stream()
                        .skip(random.nextInt(objects.size() + 1))
                        .findFirst();
                int[] left = {random.nextInt(14)};
                FakePlacement.Fault fault = name -> {
                    if (left[0]-- == 0) {
                        throw new PlacementException.Unreachable("cut at " + name);
                    }
                };
                if (random.nextBoolean()) {
                    world.before = fault;
                } else {
                    world.after = fault;
                }
                switch (random.nextInt(5)) {
                    case 0, 1 -> come(random);
                    case 2 -> one.ifPresent(this::go);
                    case 3 -> one.ifPresent(holding -> move(holding, random));
                    default -> sync = new PlacementSync(world, true, pool);
                }
                round();
                nobodyHasTooMuch();
                world.before = name -> {};
                world.after = name -> {};
                settle();
                allIsAsSaid();
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<DeviceAt> some(Random random) {
        String host = HOSTS.get(random.nextInt(HOSTS.size()));
        List<PciDevice> devices = new ArrayList<>(DEVICES.all().stream()
                .filter(device -> device.type() != DeviceType.PF)
                .toList());
        Collections.shuffle(devices, random);
        return devices.subList(0, 1 + random.nextInt(2)).stream()
                .map(device -> new DeviceAt(host, device.address()))
                .toList();
    }

    private void come(Random random) {
        UUID uuid = new UUID(1, ++made);
        if (random.nextBoolean()) {
            world.before = name -> {};
            world.after = name -> {};
            world.putAllocations(Map.of(
                    uuid, new Allocation(Map.of(compute, Map.of(VCPU, made)), "p", "u", null, "INSTANCE")));
            cpus.put(uuid, made);
        }
        // The name tells the age.
        put(new Holding(
                "a%04d".formatted(made), "2026", new Consumer(uuid, "INSTANCE", "p", "u", false), some(random)));
    }

    private void put(Holding holding) {
        objects.put(holding.name(), holding);
        book.put(holding);
    }

    private void go(Holding holding) {
        // As a finalizer: tried until it went through.
        while (!(sync.release(holding.consumers()) instanceof AllocationOutcome.Released)) {
            world.before = name -> {};
            world.after = name -> {};
            sync.sweep();
        }
        objects.remove(holding.name());
        book.remove(holding.name());
    }

    private void move(Holding holding, Random random) {
        Move move = holding.move();
        if (move == null) {
            List<DeviceAt> to = some(random);
            if (to.stream().anyMatch(holding.devices()::contains)) {
                return;
            }
            put(new Holding(
                    holding.name(),
                    holding.since(),
                    holding.consumer(),
                    to,
                    new Move(Move.Kind.RESIZE, new UUID(2, ++made), Move.Phase.MOVING, holding.devices())));
        } else if (move.phase() == Move.Phase.MOVING) {
            Move.Phase end = random.nextBoolean() ? Move.Phase.CONFIRM : Move.Phase.REVERT;
            put(new Holding(
                    holding.name(),
                    holding.since(),
                    holding.consumer(),
                    holding.devices(),
                    new Move(move.kind(), move.migration(), end, move.source())));
        } else {
            put(new Holding(holding.name(), holding.since(), holding.consumer(), holding.own()));
        }
    }

    /** One look at everything, as sweeps and reconcilers take it. */
    private Map<String, AllocationOutcome> round() {
        sync.sweep();
        for (String host : HOSTS) {
            sync.sync(new HostRequest(host, host, true, true, DEVICES, SPECS, Map.of(), book.heldOn(host)));
        }
        Map<String, AllocationOutcome> outcomes = new TreeMap<>();
        for (Holding holding : objects.values()) {
            outcomes.put(
                    holding.name(),
                    sync.hold(new HoldRequest(
                            holding, () -> true, HOSTS::contains, book.olderThan(holding), book::explains)));
        }
        return outcomes;
    }

    private void settle() {
        for (int i = 0; i < 4; i++) {
            settled = round();
        }
    }

    private void nobodyHasTooMuch() {
        world.forEachProvider((name, inventories, traits, used) -> inventories.forEach(
                (rc, inventory) -> assertThat(used.applyAsInt(rc)).as(name).isLessThanOrEqualTo(inventory.total())));
        cpus.forEach((uuid, amount) -> assertThat(
                        world.consumers().get(uuid).resources().get(compute))
                .as("what else consumer %s has", uuid)
                .isEqualTo(Map.of(VCPU, amount)));
    }

    private void allIsAsSaid() {
        nobodyHasTooMuch();
        Set<DeviceAt> given = new HashSet<>();
        Map<UUID, Integer> units = new HashMap<>();
        for (Holding holding : objects.values()) {
            Verdict verdict = ((AllocationOutcome.Judged) settled.get(holding.name())).verdict();
            if (verdict instanceof Verdict.Right) {
                holding.claimed()
                        .forEach(device -> assertThat(given.add(device))
                                .as("%s has %s alone", holding.name(), device)
                                .isTrue());
                holding.byConsumer()
                        .forEach((uuid, devices) -> units.put(
                                uuid, devices.stream().distinct().toList().size()));
            } else {
                assertThat(verdict).as(holding.name()).isInstanceOf(Verdict.Left.class);
                holding.consumers().forEach(uuid -> units.put(uuid, -1));
            }
        }
        world.consumers().forEach((uuid, allocation) -> {
            int has = allocation.resources().entrySet().stream()
                    .filter(entry -> !entry.getKey().equals(compute))
                    .flatMap(entry -> entry.getValue().values().stream())
                    .mapToInt(Integer::intValue)
                    .sum();
            int should = units.getOrDefault(uuid, 0);
            if (should >= 0) {
                assertThat(has).as("what consumer %s has", uuid).isEqualTo(should);
            }
        });
    }
}
