package io.pciplacement.operator.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.operator.sync.HostOutcome.Decided;
import io.pciplacement.operator.sync.HostOutcome.ProviderResult;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import io.pciplacement.testing.Faults;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.Specs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One host whose specs, devices, consumers and administrator do what chance says, with an operator whose requests fail
 * and which is killed; and what must hold of Placement after each look of the operator's.
 */
final class History {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final int MOST_CONSUMERS = 6;

    private final PlacementClient world;
    private final Faults faults;
    private final PlacementClient flaky;
    private final Random random;
    private final ExecutorService pool;
    private final String host;
    /** Where a card's PF and its VFs count under one class, only what is remembered of the kind keeps them apart. */
    private final boolean oneClass;

    private final UUID root = UUID.randomUUID();
    private final UUID foreign = UUID.randomUUID();

    private final List<DeviceSpec> specs = new ArrayList<>();
    private final Map<UUID, Held> held = new TreeMap<>();
    private final Map<UUID, Seen> seen = new HashMap<>();
    private HostDevices devices;
    private PlacementSync sync;
    private Map<String, Remembered> remembered = Map.of();
    private Optional<Decided> last = Optional.empty();
    private int made;

    /** What a consumer was given; the kind is null where nobody knew, after a lost answer or a kill. */
    private record Held(
            UUID provider,
            ResourceClass resourceClass,
            @Nullable DeviceType kind) {}

    /** A provider as it was read in some generation. */
    private record Seen(int generation, Inventories inventories, ProviderTraits traits) {}

    History(PlacementClient world, String host, Random random, ExecutorService pool) {
        this.world = world;
        this.host = host;
        this.random = random;
        this.pool = pool;
        this.oneClass = random.nextBoolean();
        this.faults = new Faults(random);
        this.flaky = faults.before(world);
        this.devices = RandomSpecs.host(random);
        this.sync = new PlacementSync(flaky, Marks.DEFAULT, pool);
        world.createProvider(root, host, Optional.empty());
        world.putInventories(root, new Inventories(0, new TreeMap<>(Map.of(VCPU, Inventory.of(64, 2)))));
        allocate(UUID.randomUUID(), root, VCPU);
        world.createProvider(foreign, host + "_0000:81:01.0", Optional.of(root));
        world.putInventories(foreign, new Inventories(0, new TreeMap<>(Map.of(VCPU, Inventory.of(3, 1)))));
        remember(foreign);
        remember(root);
    }

    private void remember(UUID provider) {
        ResourceProvider listed = world.tree(root).stream()
                .filter(p -> p.uuid().equals(provider))
                .findFirst()
                .orElseThrow();
        seen.put(provider, new Seen(listed.generation(), world.inventories(provider), world.traits(provider)));
    }

    /** One thing happens; what the operator does is checked. */
    void step() {
        switch (random.nextInt(14)) {
            case 0, 1 -> specs.add(spec());
            case 2, 3 -> {
                if (!specs.isEmpty()) {
                    specs.remove(random.nextInt(specs.size()));
                }
            }
            case 4, 5 -> devices = RandomSpecs.host(random);
            case 6, 7 -> consume();
            case 8 -> letGo();
            case 9 -> reserve();
            case 10 -> sync = new PlacementSync(flaky, Marks.DEFAULT, pool);
            default -> {
                look(random.nextInt(3) > 0);
                check();
            }
        }
    }

    private DeviceSpec spec() {
        Specs spec = RandomSpecs.spec(random, "s" + made++);
        return (oneClass ? spec.as("red") : spec).build();
    }

    private void look(boolean withFaults) {
        if (withFaults) {
            faults.oneOf(random.nextInt(10));
        }
        last = Optional.empty();
        sync.sweep();
        HostOutcome outcome = sync.sync(new HostRequest(
                host,
                host,
                false,
                true,
                null,
                devices,
                specs,
                HostRecord.of(remembered),
                HeldDevices.NONE,
                Adoption.Mode.NONE));
        faults.none();
        if (outcome instanceof Decided decided) {
            // What the rows of the status would be.
            remembered = decided.providers().stream()
                    .collect(Collectors.toMap(result -> result.decision().name(), ProviderResult::remembered));
            last = decided.providers().stream().allMatch(r -> r.progress() instanceof HostOutcome.Progress.Done)
                    ? Optional.of(decided)
                    : Optional.empty();
        }
    }

    /** Somebody takes a unit of what was last seen to be free; Placement may know better. */
    private void consume() {
        List<ProviderResult> offered = last.stream()
                .flatMap(decided -> decided.providers().stream())
                .filter(result -> !result.decision().inventories().isEmpty())
                .toList();
        if (offered.isEmpty() || held.size() >= MOST_CONSUMERS) {
            return;
        }
        var decision = offered.get(random.nextInt(offered.size())).decision();
        ResourceClass resourceClass = decision.inventories().firstKey();
        UUID consumer = UUID.randomUUID();
        try {
            allocate(consumer, decision.uuid(), resourceClass);
            held.put(consumer, new Held(decision.uuid(), resourceClass, decision.deviceType()));
        } catch (PlacementException.CapacityExceeded e) {
            // None was left.
        }
    }

    private void allocate(UUID consumer, UUID provider, ResourceClass resourceClass) {
        world.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(provider, Map.of(resourceClass, 1)), "project", "user", null, "INSTANCE")));
    }

    private void letGo() {
        if (!held.isEmpty()) {
            UUID consumer = held.keySet().stream()
                    .skip(random.nextInt(held.size()))
                    .findFirst()
                    .orElseThrow();
            release(consumer);
        }
    }

    private void release(UUID consumer) {
        Allocation has = world.allocation(consumer);
        world.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(), has.projectId(), has.userId(), has.generation(), has.consumerType())));
        held.remove(consumer);
    }

    /** An administrator keeps a unit back, or no longer does. */
    private void reserve() {
        List<UUID> ours = last.stream()
                .flatMap(decided -> decided.providers().stream())
                .map(result -> result.decision().uuid())
                .filter(uuid -> !uuid.equals(foreign))
                .toList();
        if (ours.isEmpty()) {
            return;
        }
        UUID uuid = ours.get(random.nextInt(ours.size()));
        try {
            Inventories has = world.inventories(uuid);
            TreeMap<ResourceClass, Inventory> changed = new TreeMap<>();
            int reserved = random.nextInt(2);
            has.byClass().forEach((rc, i) -> changed.put(rc, Inventory.of(i.total(), reserved)));
            world.putInventories(uuid, new Inventories(has.generation(), changed));
        } catch (PlacementException.NotFound e) {
            // It was only planned.
        }
    }

    /** What must hold whatever has happened. Only what has moved since it was last read is read again. */
    void check() {
        Set<UUID> there = new TreeSet<>();
        for (ResourceProvider provider : world.tree(root)) {
            UUID uuid = provider.uuid();
            there.add(uuid);
            Seen before = seen.get(uuid);
            if (uuid.equals(foreign)) {
                assertThat(provider.generation())
                        .as("what is theirs is left alone")
                        .isEqualTo(generation(before));
            }
            if (before == null || before.generation() != provider.generation()) {
                seen.put(uuid, new Seen(provider.generation(), world.inventories(uuid), world.traits(uuid)));
            }
        }
        seen.keySet().retainAll(there);
        assertThat(seen.get(root).inventories().byClass().get(VCPU)).isEqualTo(Inventory.of(64, 2));
        assertThat(seen.get(root).traits().traits()).isEmpty();
        held.forEach(
                (consumer, has) -> assertThat(there).as("held by " + consumer).contains(has.provider()));
        seen.forEach((uuid, provider) -> {
            if (!uuid.equals(root) && !uuid.equals(foreign)) {
                check(uuid, provider);
            }
        });
    }

    private static int generation(Seen seen) {
        return seen == null ? -1 : seen.generation();
    }

    private void check(UUID uuid, Seen provider) {
        var inventories = provider.inventories().byClass();
        assertThat(inventories).as("one card is offered once").hasSizeLessThanOrEqualTo(1);
        List<Held> here =
                held.values().stream().filter(h -> h.provider().equals(uuid)).toList();
        if (!inventories.isEmpty()) {
            assertThat(provider.traits().traits())
                    .as("what is offered is described")
                    .contains(Trait.OPERATOR_MARK, Trait.MANAGED_PCI_DEVICE);
            Inventory inventory = inventories.firstEntry().getValue();
            assertThat(here.size()).as("usage is never above what is there").isLessThanOrEqualTo(inventory.total());
            DeviceType kind = last.stream()
                    .flatMap(decided -> decided.providers().stream())
                    .filter(result -> result.decision().uuid().equals(uuid))
                    .map(result -> result.decision().deviceType())
                    // (it is not always known)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            boolean free = inventory.total() - inventory.reserved() > here.size();
            if (kind != null && free) {
                assertThat(here)
                        .as("never a PF and its VFs at once")
                        .allMatch(h -> h.kind() == null || h.kind() == kind);
            }
        }
        here.forEach(h -> assertThat(inventories).containsKey(h.resourceClass()));
    }

    /** Nobody has lost or gained anything. */
    void checkConsumers() {
        held.forEach((consumer, has) -> assertThat(world.allocation(consumer).resources())
                .as("what %s has", consumer)
                .isEqualTo(Map.of(has.provider(), Map.of(has.resourceClass(), 1))));
    }

    /** Left in peace it comes to rest, and once everybody has let go nothing is held. */
    void end() {
        settle();
        check();
        checkConsumers();
        faults.writes.clear();
        settle();
        assertThat(faults.writes).as("nothing is written twice").isEmpty();
        List.copyOf(held.keySet()).forEach(this::release);
        settle();
        assertThat(last).isPresent();
        assertThat(last.get().providers())
                .allMatch(result -> result.decision().findings().stream()
                        .noneMatch(finding -> finding.reason().equals("Held")));
    }

    private void settle() {
        for (int i = 0; i < 4; i++) {
            look(false);
        }
    }
}
