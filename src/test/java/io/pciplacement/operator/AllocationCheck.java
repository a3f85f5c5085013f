package io.pciplacement.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.GroupPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.GrantedDevice;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What must hold whatever has happened: no device in two hands, usage never above what is there, nothing lost, nothing
 * of anybody else's touched; and once the operator has come to rest, that everybody has what his object says, or the
 * object says why not, and that this is true.
 */
final class AllocationCheck {

    /** Reasons for which a claim may wait or an object be left, once all is done that can be done. */
    private static final Set<String> REASONS = Set.of(
            "NoRoom",
            "HeldByOther",
            "SameConsumer",
            "DependentDevices",
            "DeviceNotTracked",
            "DeviceNotOnHost",
            "ConsumerHasNoAllocation",
            "MoveInProgress",
            "MoveNotStarted",
            "MoveNotFinished",
            "RefusedByPlacement");

    private static final PciAddress ONCE = Devices.at("0000:81:01.0");

    private final PlacementClient world;
    private final Map<String, UUID> roots;
    private final Map<String, HostDevices> devices;
    private final ApiInMemory api;
    private final OtherHands hands;

    private final Map<UUID, Inventories> inventories = new HashMap<>();
    private final Map<String, Provider> providers = new TreeMap<>();
    private final Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> byConsumer = new TreeMap<>();
    private final Set<String> usedOnce = new TreeSet<>();
    private final Set<UUID> managed = new HashSet<>();

    /** What everybody had of devices when the operator was at rest last. */
    private Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> before = Map.of();

    /** Of the objects that could not be followed then, the generation. */
    private Map<String, Long> leftBefore = Map.of();

    /** One provider of devices as it is. */
    private record Provider(
            UUID uuid, Map<ResourceClass, Inventory> inventories, Map<UUID, Map<ResourceClass, Integer>> allocations) {

        int used() {
            return allocations.values().stream()
                    .flatMap(amounts -> amounts.values().stream())
                    .mapToInt(Integer::intValue)
                    .sum();
        }

        /** How much of it may still be had. */
        int left() {
            return inventories.values().stream()
                    .mapToInt(inventory -> inventory.total() - inventory.reserved() - used())
                    .sum();
        }
    }

    AllocationCheck(PlacementClient world, Cloud cloud, OtherHands hands) {
        this.world = world;
        this.roots = cloud.roots;
        this.devices = cloud.devices;
        this.api = cloud.api;
        this.hands = hands;
    }

    Optional<UUID> provider(String host, PciAddress address) {
        return Optional.ofNullable(providers.get(host + "_" + address)).map(Provider::uuid);
    }

    /** What this consumer has of devices is the operator's to take away. */
    void managed(UUID consumer) {
        managed.add(consumer);
    }

    /** Whether the device for one use is free, kept back, and the host's status says so. */
    boolean awaitsCleaning(String host) {
        read();
        Provider once = providers.get(host + "_" + ONCE);
        return once != null
                && once.used() == 0
                && usedOnce.contains(host)
                && Conditions.find(api.hosts().get(host).getStatus().conditions(), "NeedsCleaning")
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent();
    }

    void cleaned(String host) {
        usedOnce.remove(host);
    }

    private void read() {
        providers.clear();
        byConsumer.clear();
        roots.forEach((host, root) -> {
            for (ResourceProvider provider : world.tree(root)) {
                UUID uuid = provider.uuid();
                Inventories known = inventories.get(uuid);
                if (known == null || known.generation() != provider.generation()) {
                    inventories.put(uuid, world.inventories(uuid));
                }
                var allocations = world.allocations(uuid).byConsumer();
                allocations.forEach((consumer, amounts) -> byConsumer
                        .computeIfAbsent(consumer, c -> new HashMap<>())
                        .put(uuid, amounts));
                if (!uuid.equals(root)) {
                    providers.put(
                            provider.name(),
                            new Provider(uuid, inventories.get(uuid).byClass(), Map.copyOf(allocations)));
                }
            }
        });
    }

    /** What a consumer has; of devices only, or of hosts only. */
    private Map<UUID, Map<ResourceClass, Integer>> has(UUID consumer, boolean ofDevices) {
        Map<UUID, Map<ResourceClass, Integer>> has = new HashMap<>(byConsumer.getOrDefault(consumer, Map.of()));
        has.keySet().removeIf(provider -> roots.containsValue(provider) == ofDevices);
        return has;
    }

    private Set<UUID> everybody() {
        Set<UUID> all = new TreeSet<>(byConsumer.keySet());
        all.addAll(hands.theirs.keySet());
        all.addAll(before.keySet());
        return all;
    }

    private Set<UUID> named() {
        Set<UUID> named = new HashSet<>();
        api.allocations()
                .forEach(object -> named.addAll(AllocationReader.holding(object).consumers()));
        return named;
    }

    /** What holds at every moment. */
    void always() {
        read();
        providers.forEach((name, provider) -> {
            assertThat(provider.inventories()).as(name).hasSizeLessThanOrEqualTo(1);
            int total = provider.inventories().values().stream()
                    .mapToInt(Inventory::total)
                    .sum();
            assertThat(provider.used()).as("what is used of %s is there", name).isLessThanOrEqualTo(total);
        });
        for (UUID consumer : everybody()) {
            Allocation theirs = hands.theirs.get(consumer);
            assertThat(has(consumer, false))
                    .as("what else consumer %s has", consumer)
                    .isEqualTo(theirs == null ? Map.of() : theirs.resources());
        }
        for (String host : usedOnce) {
            Provider provider = providers.get(host + "_" + ONCE);
            Inventory inventory = provider.inventories().values().iterator().next();
            assertThat(inventory.reserved())
                    .as("the device for one use of %s is kept back until it is cleaned", host)
                    .isEqualTo(inventory.total());
        }
        Set<UUID> named = named();
        everybody().stream()
                .filter(consumer -> !named.contains(consumer) && !hands.changed.contains(consumer))
                .filter(consumer -> !managed.contains(consumer))
                .forEach(consumer -> assertThat(has(consumer, true))
                        .as("the devices of consumer %s, of whom no object tells", consumer)
                        .isEqualTo(before.getOrDefault(consumer, Map.of())));
    }

    /** What holds once the operator has done all it can. */
    void settled() {
        always();
        Set<DeviceAt> given = new HashSet<>();
        Set<UUID> named = named();
        Map<String, Long> left = new HashMap<>();
        List<PciAllocation> waiting = new ArrayList<>();
        for (PciAllocation object : api.allocations()) {
            String name = object.getMetadata().getName();
            assertThat(ApiInMemory.deleting(object)).as(name + " is gone").isFalse();
            assertThat(object.getStatus()).as("status of " + name).isNotNull();
            assertThat(object.getStatus().observedGeneration())
                    .as("%s is judged as it is", name)
                    .isEqualTo(object.getMetadata().getGeneration());
            Condition ready = condition(object);
            if (ready.getStatus().equals("True")) {
                has(object, given);
            } else {
                assertThat(REASONS).as(name + ": " + ready.getMessage()).contains(ready.getReason());
                left.put(name, object.getMetadata().getGeneration());
                isTrue(object, ready);
            }
            if (ready.getReason().equals("NoRoom")) {
                waiting.add(object);
            }
        }
        waiting.stream()
                .min(Comparator.comparing(
                                (PciAllocation object) -> object.getMetadata().getCreationTimestamp())
                        .thenComparing(object -> object.getMetadata().getName()))
                .filter(object -> !byConsumer.containsKey(consumer(object)))
                .ifPresent(object -> WishOracle.hasNoRoom(
                        object,
                        api.allocations(),
                        devices,
                        provider -> providers.get(provider).left()));
        unchangedWhereLeft(left);
        everybody().stream()
                .filter(consumer -> !named.contains(consumer) && managed.contains(consumer))
                .filter(consumer -> !hands.changed.contains(consumer))
                .forEach(consumer -> assertThat(has(consumer, true))
                        .as("consumer %s is released", consumer)
                        .isEmpty());
        whoseTheyAre();
        roots.keySet().stream()
                .filter(host -> providers.containsKey(host + "_" + ONCE))
                .filter(host -> providers.get(host + "_" + ONCE).used() > 0)
                .forEach(usedOnce::add);
        always();
        before = new HashMap<>();
        everybody().forEach(consumer -> before.put(consumer, has(consumer, true)));
        leftBefore = left;
        hands.changed.clear();
    }

    private static Condition condition(PciAllocation object) {
        return Conditions.find(object.getStatus().conditions(), "Ready").orElseThrow();
    }

    /** Placement has what the object says, and nobody else has one of its devices. */
    private void has(PciAllocation object, Set<DeviceAt> given) {
        Holding holding = AllocationReader.holding(object);
        String name = holding.name();
        holding.claimed()
                .forEach(device -> assertThat(given.add(device))
                        .as("%s has %s alone", name, device)
                        .isTrue());
        boolean novaMoves = holding.consumer().external()
                && holding.move() != null
                && object.getSpec().move().phase() == MovePhase.Moving;
        for (UUID consumer : holding.consumers()) {
            Map<UUID, Integer> wanted = wanted(holding, consumer);
            Map<UUID, Integer> has = units(has(consumer, true));
            if (novaMoves) {
                if (byConsumer.containsKey(consumer)) {
                    wanted.forEach((provider, amount) -> assertThat(has.getOrDefault(provider, 0))
                            .as("what consumer %s of %s has", consumer, name)
                            .isGreaterThanOrEqualTo(amount));
                }
            } else {
                assertThat(has).as("what consumer %s of %s has", consumer, name).isEqualTo(wanted);
            }
        }
        if (object.getSpec().requests() != null) {
            isWhatWasWanted(object);
        }
    }

    /** Also by devices that have gone since: what is held of them stays. */
    private Map<UUID, Integer> wanted(Holding holding, UUID consumer) {
        Map<UUID, Integer> wanted = new HashMap<>();
        holding.byConsumer()
                .getOrDefault(consumer, List.of())
                .forEach(device -> Cloud.DEVICES
                        .at(device.address())
                        .flatMap(there -> provider(device.node(), there.providerAddress()))
                        .ifPresent(provider -> wanted.merge(provider, 1, Integer::sum)));
        return wanted;
    }

    private static Map<UUID, Integer> units(Map<UUID, Map<ResourceClass, Integer>> resources) {
        Map<UUID, Integer> units = new HashMap<>();
        resources.forEach((provider, amounts) -> units.put(
                provider, amounts.values().stream().mapToInt(Integer::intValue).sum()));
        return units;
    }

    private void isWhatWasWanted(PciAllocation object) {
        String name = object.getMetadata().getName();
        List<GrantedDevice> granted = object.getStatus().devices();
        assertThat(granted.stream().map(GrantedDevice::node).distinct())
                .as("%s has all from one host", name)
                .hasSize(1);
        if (object.getSpec().nodeName() != null) {
            assertThat(granted.getFirst().node()).isEqualTo(object.getSpec().nodeName());
        }
        Set<PciAddress> from = new HashSet<>();
        for (GrantedDevice grant : granted) {
            PciDevice device = device(grant.node(), grant.address());
            Request request = object.getSpec().requests().stream()
                    .filter(r -> r.name().equals(grant.request()))
                    .findFirst()
                    .orElseThrow();
            assertThat(WishOracle.suits(request, device))
                    .as(name + " wants " + device)
                    .isTrue();
            boolean another = from.add(device.providerAddress());
            if (object.getSpec().groupPolicy() == GroupPolicy.isolate) {
                assertThat(another)
                        .as("%s has each device from another provider", name)
                        .isTrue();
            }
        }
        object.getSpec()
                .requests()
                .forEach(request -> assertThat(
                                granted.stream().filter(grant -> request.name().equals(grant.request())))
                        .as("%s has for %s", name, request.name())
                        .hasSize(WishOracle.count(request)));
    }

    private PciDevice device(String host, String address) {
        return devices.get(host).at(Devices.at(address)).orElseThrow();
    }

    /** An older object really has the device. */
    private void isTrue(PciAllocation object, Condition ready) {
        if (ready.getReason().equals("HeldByOther")) {
            Holding holding = AllocationReader.holding(object);
            assertThat(api.allocations().stream()
                            .map(AllocationReader::holding)
                            .filter(other -> Holding.OLDEST_FIRST.compare(other, holding) < 0)
                            .flatMap(other -> other.claimed().stream())
                            .anyMatch(holding.claimed()::contains))
                    .as(holding.name() + ": " + ready.getMessage())
                    .isTrue();
        }
        if (ready.getReason().equals("ConsumerHasNoAllocation")) {
            assertThat(object.getSpec().consumer().managedBy()).isEqualTo(ManagedBy.External);
        }
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }

    /** While an object cannot be followed nothing is changed for it; that it could be meanwhile is all that may be. */
    private void unchangedWhereLeft(Map<String, Long> left) {
        left.forEach((name, generation) -> {
            PciAllocation object = api.allocation(name).orElseThrow();
            UUID consumer = consumer(object);
            if (generation.equals(leftBefore.get(name))
                    && object.getSpec().devices() != null
                    && object.getSpec().move() == null
                    && !hands.changed.contains(consumer)) {
                assertThat(units(has(consumer, true)))
                        .as("what consumer %s of %s has, which cannot be followed", consumer, name)
                        .isIn(
                                units(before.getOrDefault(consumer, Map.of())),
                                wanted(AllocationReader.holding(object), consumer));
            }
        });
    }

    /** Nobody was given another project, user or type. */
    private void whoseTheyAre() {
        hands.theirs.forEach((consumer, theirs) -> {
            Allocation now = world.allocation(consumer);
            assertThat(List.of(now.projectId(), now.userId(), now.consumerType()))
                    .as("whose consumer %s is", consumer)
                    .isEqualTo(List.of(theirs.projectId(), theirs.userId(), theirs.consumerType()));
        });
    }
}
