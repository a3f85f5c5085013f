package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderName;
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
 * Invariants of allocations. Always: no device is allocated twice, usage does not exceed the inventory, nothing is
 * lost, and allocations of other clients are unchanged. Once the operator has settled: every consumer has the devices
 * of its object, or the object reports a correct reason.
 */
final class AllocationInvariants {

    private static final PciAddress ONCE = Devices.at("0000:81:01.0");

    private final PlacementClient placement;
    private final Map<String, UUID> roots;
    private final Map<String, HostDevices> devices;
    private final InMemoryApiServer api;
    private final ExternalWriters externalWriters;
    private final OwnershipInvariants ownership;
    private final RetainedAllocations retained;

    private final Map<UUID, ProviderInventories> inventories = new HashMap<>();
    private final Map<String, Provider> providers = new TreeMap<>();
    private final Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> byConsumer = new TreeMap<>();
    private final Set<String> usedOnce = new TreeSet<>();
    private final Set<UUID> managed = new HashSet<>();

    /** Device allocations of all consumers in the last settled state. */
    private Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> before = Map.of();

    /** Generations of the objects that were blocked in that state. */
    private Map<String, Long> blockedBefore = Map.of();

    /** Current state of one device provider. */
    private record Provider(
            UUID uuid, Map<ResourceClass, Inventory> inventories, Map<UUID, Map<ResourceClass, Integer>> allocations) {

        int used() {
            return allocations.values().stream()
                    .flatMap(amounts -> amounts.values().stream())
                    .mapToInt(Integer::intValue)
                    .sum();
        }

        /** Free units. */
        int free() {
            return inventories.values().stream()
                    .mapToInt(inventory -> inventory.total() - inventory.reserved() - used())
                    .sum();
        }
    }

    AllocationInvariants(PlacementClient placement, SimulatedCloud cloud, ExternalWriters externalWriters) {
        this.placement = placement;
        this.roots = cloud.roots;
        this.devices = cloud.devices;
        this.api = cloud.api;
        this.externalWriters = externalWriters;
        this.ownership = new OwnershipInvariants(placement, cloud.api);
        this.retained = new RetainedAllocations(cloud.api);
    }

    Optional<UUID> provider(String host, PciAddress address) {
        return Optional.ofNullable(providers.get(new ProviderName(host, address).toString()))
                .map(Provider::uuid);
    }

    private static String oneTimeUseProvider(String host) {
        return new ProviderName(host, ONCE).toString();
    }

    /** The operator may release the devices of this consumer. */
    void markManaged(UUID consumer) {
        managed.add(consumer);
    }

    /** An object was restored without status and may be deleted before its record is known again. */
    void markRestored(PciAllocation object) {
        ownership.markRestored(PciAllocationMapper.toDesiredAllocation(object).consumerUuids());
    }

    /** Whether the one-time-use device is free and reserved, and the host's status says so. */
    boolean awaitsCleaning(String host) {
        readState();
        Provider once = providers.get(oneTimeUseProvider(host));
        return once != null
                && once.used() == 0
                && usedOnce.contains(host)
                && ConditionsBuilder.findCondition(
                                api.hosts().get(host).getStatus().conditions(), "NeedsCleaning")
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent();
    }

    void markCleaned(String host) {
        usedOnce.remove(host);
    }

    private void readState() {
        providers.clear();
        byConsumer.clear();
        roots.forEach((host, root) -> {
            for (ResourceProvider provider : placement.listProvidersInTree(root)) {
                UUID uuid = provider.uuid();
                ProviderInventories known = inventories.get(uuid);
                if (known == null || known.generation() != provider.generation()) {
                    inventories.put(uuid, placement.getInventories(uuid));
                }
                var allocations = placement.getProviderAllocations(uuid).byConsumer();
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
        ownership.readAllocations(byConsumer.keySet());
        managed.addAll(ownership.writtenFor());
    }

    /** The allocations of a consumer from device providers only or from root providers only. */
    private Map<UUID, Map<ResourceClass, Integer>> allocatedResources(UUID consumer, boolean ofDevices) {
        Map<UUID, Map<ResourceClass, Integer>> has = new HashMap<>(byConsumer.getOrDefault(consumer, Map.of()));
        has.keySet().removeIf(provider -> roots.containsValue(provider) == ofDevices);
        return has;
    }

    private Set<UUID> allConsumers() {
        Set<UUID> all = new TreeSet<>(byConsumer.keySet());
        all.addAll(externalWriters.hostAllocations.keySet());
        all.addAll(before.keySet());
        return all;
    }

    /** The root providers of the hosts where a consumer has or had allocations. */
    private Set<UUID> roots(Map<UUID, Map<ResourceClass, Integer>> resources) {
        Set<UUID> found = new HashSet<>();
        roots.forEach((host, root) -> {
            if (resources.containsKey(root)
                    || providers.entrySet().stream()
                            .filter(entry -> ProviderName.findAddressBelow(host, entry.getKey())
                                    .isPresent())
                            .anyMatch(entry ->
                                    resources.containsKey(entry.getValue().uuid()))) {
                found.add(root);
            }
        });
        return found;
    }

    /** Allocations of External consumers grow only on hosts where they have an allocation. */
    private void checkGrowthOnConsumerHosts(PciAllocation object) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        if (desired.consumer().managedExternally()
                && externalWriters.isConsumerOwner(object.getSpec().consumer())
                && desired.consumerUuids().stream().allMatch(consumer -> ownership.ownsConsumer(desired, consumer))
                && desired.consumerUuids().stream().noneMatch(externalWriters.changed::contains)) {
            Set<UUID> may = new HashSet<>();
            for (UUID consumer : desired.consumerUuids()) {
                may.addAll(roots(allocatedResources(consumer, false)));
                may.addAll(roots(before.getOrDefault(consumer, Map.of())));
            }
            for (UUID consumer : desired.consumerUuids()) {
                assertThat(may)
                        .as("hosts on which consumer %s of %s has other resources", consumer, desired.name())
                        .containsAll(roots(allocatedResources(consumer, true)));
            }
        }
    }

    /** Checks the invariants that always hold. */
    void checkAlways() {
        readState();
        providers.forEach((name, provider) -> {
            assertThat(provider.inventories()).as(name).hasSizeLessThanOrEqualTo(1);
            int total = provider.inventories().values().stream()
                    .mapToInt(Inventory::total)
                    .sum();
            assertThat(provider.used())
                    .as("usage of %s does not exceed its inventory", name)
                    .isLessThanOrEqualTo(total);
        });
        for (UUID consumer : allConsumers()) {
            Allocation hostAllocations = externalWriters.hostAllocations.get(consumer);
            assertThat(allocatedResources(consumer, false))
                    .as("other resources of consumer %s", consumer)
                    .isEqualTo(hostAllocations == null ? Map.of() : hostAllocations.resources());
        }
        for (String host : usedOnce) {
            Provider provider = providers.get(oneTimeUseProvider(host));
            Inventory inventory = provider.inventories().values().iterator().next();
            assertThat(inventory.reserved())
                    .as("the one-time-use device of %s is reserved until it is cleaned", host)
                    .isEqualTo(inventory.total());
        }
        ownership.readObjects();
        retained.check(externalWriters.changed, consumer -> units(allocatedResources(consumer, true)));
        Set<UUID> named = ownership.rightfulConsumers();
        api.allocations().forEach(this::checkGrowthOnConsumerHosts);
        allConsumers().stream()
                .filter(consumer -> !named.contains(consumer) && !externalWriters.changed.contains(consumer))
                .filter(consumer -> !managed.contains(consumer))
                .forEach(consumer -> assertThat(allocatedResources(consumer, true))
                        .as("devices of consumer %s, which no object names", consumer)
                        .isEqualTo(before.getOrDefault(consumer, Map.of())));
    }

    /** Checks the invariants that hold once the operator has settled. */
    void checkSettled() {
        checkAlways();
        Set<DeviceRef> allocated = new HashSet<>();
        Set<UUID> named = ownership.rightfulConsumers();
        externalWriters.changed.forEach(ownership::markChanged);
        retained.clear();
        Map<String, Long> blocked = new HashMap<>();
        List<PciAllocation> waiting = new ArrayList<>();
        for (PciAllocation object : api.allocations()) {
            String name = object.getMetadata().getName();
            assertThat(InMemoryApiServer.isDeleting(object))
                    .as(name + " is not being deleted")
                    .isFalse();
            assertThat(object.getStatus()).as("status of " + name).isNotNull();
            assertThat(object.getStatus().observedGeneration())
                    .as("%s is evaluated in its current generation", name)
                    .isEqualTo(object.getMetadata().getGeneration());
            Condition ready = condition(object);
            if (ready.getStatus().equals("True")) {
                checkAllocation(object, allocated);
                retained.recordInSync(object, consumer(object), units(allocatedResources(consumer(object), true)));
            } else {
                blocked.put(name, object.getMetadata().getGeneration());
                ReasonInvariants.check(
                        object,
                        ready,
                        api.allocations(),
                        ownsConsumers(object),
                        roots(byConsumer.getOrDefault(consumer(object), Map.of()))
                                        .size()
                                < roots.size());
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
                .ifPresent(object -> ClaimReferenceModel.assertNoCapacity(
                        object,
                        api.allocations(),
                        devices,
                        provider -> providers.get(provider).free()));
        checkBlockedUnchanged(blocked);
        allConsumers().stream()
                .filter(consumer -> !named.contains(consumer) && managed.contains(consumer))
                .filter(consumer -> !externalWriters.changed.contains(consumer))
                .forEach(consumer -> ownership.checkReleased(
                        consumer,
                        units(allocatedResources(consumer, true)),
                        externalWriters.hostAllocations.containsKey(consumer)));
        ownership.checkOwnersUnchanged(externalWriters.hostAllocations);
        roots.keySet().stream()
                .filter(host -> providers.containsKey(oneTimeUseProvider(host)))
                .filter(host -> providers.get(oneTimeUseProvider(host)).used() > 0)
                .forEach(usedOnce::add);
        checkAlways();
        before = new HashMap<>();
        allConsumers().forEach(consumer -> before.put(consumer, allocatedResources(consumer, true)));
        blockedBefore = blocked;
        ownership.recordContested();
        ownership.removeAbsent(byConsumer.keySet());
        externalWriters.changed.clear();
    }

    private static Condition condition(PciAllocation object) {
        return ConditionsBuilder.findCondition(object.getStatus().conditions(), "Ready")
                .orElseThrow();
    }

    /** Checks that Placement matches the object and no other consumer has one of its devices. */
    private void checkAllocation(PciAllocation object, Set<DeviceRef> allocated) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        String name = desired.name();
        desired.exclusiveDevices()
                .forEach(device -> assertThat(allocated.add(device))
                        .as("%s has %s exclusively", name, device)
                        .isTrue());
        boolean novaMoves = desired.consumer().managedExternally()
                && desired.move() != null
                && object.getSpec().move().phase() == MovePhase.MOVING;
        for (UUID consumer : desired.consumerUuids()) {
            Map<UUID, Integer> expected = desiredUnits(desired, consumer);
            Map<UUID, Integer> has = units(allocatedResources(consumer, true));
            if (novaMoves) {
                if (byConsumer.containsKey(consumer)) {
                    expected.forEach((provider, amount) -> assertThat(has.getOrDefault(provider, 0))
                            .as("devices of consumer %s of %s", consumer, name)
                            .isGreaterThanOrEqualTo(amount));
                }
            } else {
                assertThat(has)
                        .as("devices of consumer %s of %s", consumer, name)
                        .isEqualTo(expected);
            }
        }
        for (UUID consumer : desired.consumerUuids()) {
            // The consumer of a completed migration may have another owner by now; nothing is written for it.
            boolean moves =
                    object.getSpec().move() != null && object.getSpec().move().phase() == MovePhase.MOVING;
            assertThat(!byConsumer.containsKey(consumer)
                            || (!moves && !consumer.equals(consumer(object)))
                            || ownership.ownsConsumer(desired, consumer))
                    .as("consumer %s has the owner that %s names", consumer, name)
                    .isTrue();
            if (!desired.consumer().managedExternally()) {
                managed.add(consumer);
                ownership.checkSettled(
                        object,
                        consumer,
                        units(allocatedResources(consumer, true)),
                        externalWriters.hostAllocations.containsKey(consumer));
            }
        }
        if (object.getSpec().requests() != null) {
            GrantInvariants.assertMatchesRequests(object, devices);
        }
    }

    /** Includes removed devices: their allocations stay. */
    private Map<UUID, Integer> desiredUnits(DesiredAllocation desired, UUID consumer) {
        Map<UUID, Integer> expected = new HashMap<>();
        desired.devicesByConsumer()
                .getOrDefault(consumer, List.of())
                .forEach(device -> SimulatedCloud.DEVICES
                        .findDevice(device.address())
                        .flatMap(listed -> provider(device.node(), listed.providerAddress()))
                        .ifPresent(provider -> expected.merge(provider, 1, Integer::sum)));
        return expected;
    }

    private static Map<UUID, Integer> units(Map<UUID, Map<ResourceClass, Integer>> resources) {
        Map<UUID, Integer> units = new HashMap<>();
        resources.forEach((provider, amounts) -> units.put(
                provider, amounts.values().stream().mapToInt(Integer::intValue).sum()));
        return units;
    }

    private boolean ownsConsumers(PciAllocation object) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        return desired.consumerUuids().stream().allMatch(consumer -> ownership.ownsConsumer(desired, consumer));
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }

    /** While an object is blocked, nothing is changed for it, unless it was temporarily unblocked. */
    private void checkBlockedUnchanged(Map<String, Long> blocked) {
        blocked.forEach((name, generation) -> {
            PciAllocation object = api.allocation(name).orElseThrow();
            UUID consumer = consumer(object);
            if (generation.equals(blockedBefore.get(name))
                    && object.getSpec().devices() != null
                    && object.getSpec().move() == null
                    && (externalWriters.isConsumerOwner(object.getSpec().consumer())
                            || !externalWriters.isKnown(consumer))
                    && !ownership.isContested(consumer)
                    && !externalWriters.changed.contains(consumer)) {
                assertThat(units(allocatedResources(consumer, true)))
                        .as("devices of consumer %s of %s, which is blocked", consumer, name)
                        .isIn(
                                units(before.getOrDefault(consumer, Map.of())),
                                desiredUnits(PciAllocationMapper.toDesiredAllocation(object), consumer));
            }
        });
    }
}
