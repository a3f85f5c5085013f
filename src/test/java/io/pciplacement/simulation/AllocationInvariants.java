package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
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
final class AllocationInvariants {

    /** Reasons for which a claim may wait or an object be left, once all is done that can be done. */
    private static final Set<String> REASONS = Set.of(
            "InsufficientDevices",
            "DeviceAlreadyAllocated",
            "DuplicateConsumer",
            "DependentDevices",
            "DeviceNotTracked",
            "DeviceNotOnHost",
            "ConsumerHasNoAllocation",
            "MoveInProgress",
            "MoveNotStarted",
            "MoveNotFinished",
            "RejectedByPlacement",
            "ForeignConsumer",
            "ForeignMigration",
            "ConsumerElsewhere",
            "ProviderFull");

    private static final PciAddress ONCE = Devices.at("0000:81:01.0");

    private final PlacementClient world;
    private final Map<String, UUID> roots;
    private final Map<String, HostDevices> devices;
    private final InMemoryApiServer api;
    private final ExternalWriters hands;
    private final OwnershipInvariants owners;

    private final Map<UUID, ProviderInventories> inventories = new HashMap<>();
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

    AllocationInvariants(PlacementClient world, SimulatedCloud cloud, ExternalWriters hands) {
        this.world = world;
        this.roots = cloud.roots;
        this.devices = cloud.devices;
        this.api = cloud.api;
        this.hands = hands;
        this.owners = new OwnershipInvariants(world, cloud.api);
    }

    Optional<UUID> provider(String host, PciAddress address) {
        return Optional.ofNullable(providers.get(host + "_" + address)).map(Provider::uuid);
    }

    /** What this consumer has of devices is the operator's to take away. */
    void managed(UUID consumer) {
        managed.add(consumer);
    }

    /** An object has come back without a status, and may go before it is known what was written for it. */
    void restored(PciAllocation object) {
        owners.restored(PciAllocationMapper.toDesiredAllocation(object).consumers());
    }

    /** Whether the device for one use is free, kept back, and the host's status says so. */
    boolean awaitsCleaning(String host) {
        read();
        Provider once = providers.get(host + "_" + ONCE);
        return once != null
                && once.used() == 0
                && usedOnce.contains(host)
                && ConditionsBuilder.find(api.hosts().get(host).getStatus().conditions(), "NeedsCleaning")
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
                ProviderInventories known = inventories.get(uuid);
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
        owners.read(byConsumer.keySet());
        managed.addAll(owners.writtenFor());
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

    /** The roots of the hosts where a consumer has, or had, something. */
    private Set<UUID> roots(Map<UUID, Map<ResourceClass, Integer>> resources) {
        Set<UUID> found = new HashSet<>();
        roots.forEach((host, root) -> {
            if (resources.containsKey(root)
                    || providers.entrySet().stream()
                            .filter(entry -> entry.getKey().startsWith(host + "_"))
                            .anyMatch(entry ->
                                    resources.containsKey(entry.getValue().uuid()))) {
                found.add(root);
            }
        });
        return found;
    }

    /** Of External consumers nothing is added where they have nothing. */
    private void growsWhereItIs(PciAllocation object) {
        DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
        if (holding.consumer().external()
                && hands.isOf(object.getSpec().consumer())
                && holding.consumers().stream().allMatch(consumer -> owners.isItsOwn(holding, consumer))
                && holding.consumers().stream().noneMatch(hands.changed::contains)) {
            Set<UUID> may = new HashSet<>();
            for (UUID consumer : holding.consumers()) {
                may.addAll(roots(has(consumer, false)));
                may.addAll(roots(before.getOrDefault(consumer, Map.of())));
            }
            for (UUID consumer : holding.consumers()) {
                assertThat(may)
                        .as("where consumer %s of %s has something else", consumer, holding.name())
                        .containsAll(roots(has(consumer, true)));
            }
        }
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
        Set<UUID> named = owners.rightful();
        api.allocations().forEach(this::growsWhereItIs);
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
        Set<DeviceRef> given = new HashSet<>();
        Set<UUID> named = owners.rightful();
        hands.changed.forEach(owners::changed);
        Map<String, Long> left = new HashMap<>();
        List<PciAllocation> waiting = new ArrayList<>();
        for (PciAllocation object : api.allocations()) {
            String name = object.getMetadata().getName();
            assertThat(InMemoryApiServer.deleting(object)).as(name + " is gone").isFalse();
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
            if (ready.getReason().equals("InsufficientDevices")) {
                waiting.add(object);
            }
        }
        waiting.stream()
                .min(Comparator.comparing(
                                (PciAllocation object) -> object.getMetadata().getCreationTimestamp())
                        .thenComparing(object -> object.getMetadata().getName()))
                .filter(object -> !byConsumer.containsKey(consumer(object)))
                .ifPresent(object -> ClaimReferenceModel.hasNoRoom(
                        object,
                        api.allocations(),
                        devices,
                        provider -> providers.get(provider).left()));
        unchangedWhereLeft(left);
        everybody().stream()
                .filter(consumer -> !named.contains(consumer) && managed.contains(consumer))
                .filter(consumer -> !hands.changed.contains(consumer))
                .forEach(consumer ->
                        owners.isReleased(consumer, units(has(consumer, true)), hands.theirs.containsKey(consumer)));
        owners.areWhoseTheyWere(hands.theirs);
        roots.keySet().stream()
                .filter(host -> providers.containsKey(host + "_" + ONCE))
                .filter(host -> providers.get(host + "_" + ONCE).used() > 0)
                .forEach(usedOnce::add);
        always();
        before = new HashMap<>();
        everybody().forEach(consumer -> before.put(consumer, has(consumer, true)));
        leftBefore = left;
        owners.contested();
        owners.gone(byConsumer.keySet());
        hands.changed.clear();
    }

    private static Condition condition(PciAllocation object) {
        return ConditionsBuilder.find(object.getStatus().conditions(), "Ready").orElseThrow();
    }

    /** Placement has what the object says, and nobody else has one of its devices. */
    private void has(PciAllocation object, Set<DeviceRef> given) {
        DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
        String name = holding.name();
        holding.claimed()
                .forEach(device -> assertThat(given.add(device))
                        .as("%s has %s alone", name, device)
                        .isTrue());
        boolean novaMoves = holding.consumer().external()
                && holding.move() != null
                && object.getSpec().move().phase() == MovePhase.MOVING;
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
        for (UUID consumer : holding.consumers()) {
            // A migration that is over may be anybody's by now; nothing is written for it.
            boolean moves =
                    object.getSpec().move() != null && object.getSpec().move().phase() == MovePhase.MOVING;
            assertThat(!byConsumer.containsKey(consumer)
                            || (!moves && !consumer.equals(consumer(object)))
                            || owners.isItsOwn(holding, consumer))
                    .as("consumer %s is whom %s says", consumer, name)
                    .isTrue();
            if (!holding.consumer().external()) {
                managed.add(consumer);
                owners.settled(object, consumer, units(has(consumer, true)), hands.theirs.containsKey(consumer));
            }
        }
        if (object.getSpec().requests() != null) {
            GrantInvariants.isWhatWasWanted(object, devices);
        }
    }

    /** Also by devices that have gone since: what is held of them stays. */
    private Map<UUID, Integer> wanted(DesiredAllocation holding, UUID consumer) {
        Map<UUID, Integer> wanted = new HashMap<>();
        holding.byConsumer()
                .getOrDefault(consumer, List.of())
                .forEach(device -> SimulatedCloud.DEVICES
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

    /** An older object really has the device. */
    private void isTrue(PciAllocation object, Condition ready) {
        if (ready.getReason().equals("DeviceAlreadyAllocated")) {
            DesiredAllocation younger = PciAllocationMapper.toDesiredAllocation(object);
            assertThat(api.allocations().stream()
                            .map(PciAllocationMapper::toDesiredAllocation)
                            .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, younger) < 0)
                            .flatMap(other -> other.claimed().stream())
                            .anyMatch(younger.claimed()::contains))
                    .as(younger.name() + ": " + ready.getMessage())
                    .isTrue();
        }
        DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
        if (ready.getReason().startsWith("Foreign")) {
            assertThat(holding.consumers().stream().allMatch(consumer -> owners.isItsOwn(holding, consumer)))
                    .as(holding.name() + ": " + ready.getMessage())
                    .isFalse();
        }
        if (ready.getReason().equals("ConsumerElsewhere")) {
            assertThat(roots(byConsumer.getOrDefault(consumer(object), Map.of())))
                    .as(holding.name() + ": " + ready.getMessage())
                    .hasSizeLessThan(roots.size());
        }
        if (ready.getReason().equals("ConsumerHasNoAllocation")) {
            assertThat(object.getSpec().consumer().managedBy()).isEqualTo(ManagedBy.EXTERNAL);
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
                    && (hands.isOf(object.getSpec().consumer()) || !hands.isKnown(consumer))
                    && !owners.isContested(consumer)
                    && !hands.changed.contains(consumer)) {
                assertThat(units(has(consumer, true)))
                        .as("what consumer %s of %s has, which cannot be followed", consumer, name)
                        .isIn(
                                units(before.getOrDefault(consumer, Map.of())),
                                wanted(PciAllocationMapper.toDesiredAllocation(object), consumer));
            }
        });
    }
}
