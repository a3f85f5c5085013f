package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceClass;
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
import java.util.TreeSet;
import java.util.UUID;

/**
 * Invariants of allocations. Always: no device is allocated twice, usage does not exceed the inventory, nothing is
 * lost, and allocations of other clients are unchanged. Once the operator has settled: every consumer has the devices
 * of its object, or the object reports a correct reason.
 */
final class AllocationInvariants {

    private static final PciAddress ONCE = Devices.at("0000:81:01.0");

    private final ObservedPlacement observed;
    private final Map<String, HostDevices> devices;
    private final InMemoryApiServer api;
    private final ExternalWriters externalWriters;
    private final OwnershipInvariants ownership;
    private final RetainedAllocations retained;

    private final Set<String> usedOnce = new TreeSet<>();
    private final Set<UUID> managed = new HashSet<>();

    /** Device allocations of all consumers in the last settled state. */
    private Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> before = Map.of();

    /** Generations of the objects that were blocked in that state. */
    private Map<String, Long> blockedBefore = Map.of();

    AllocationInvariants(PlacementClient placement, SimulatedCloud cloud, ExternalWriters externalWriters) {
        this.observed = new ObservedPlacement(placement, cloud.roots);
        this.devices = cloud.devices;
        this.api = cloud.api;
        this.externalWriters = externalWriters;
        this.ownership = new OwnershipInvariants(placement, cloud.api);
        this.retained = new RetainedAllocations(cloud.api);
    }

    Optional<UUID> findProvider(String host, PciAddress address) {
        return observed.findProvider(host, address).map(ObservedPlacement.Provider::uuid);
    }

    /** The operator may release the devices of this consumer. */
    void markManaged(UUID consumer) {
        managed.add(consumer);
    }

    /** An object was restored without status and may be deleted before its record is known again. */
    void markRestored(PciAllocation object) {
        ownership.markRestored(PciAllocationMapper.toDesiredAllocation(object).consumerUuids());
    }

    private void readState() {
        observed.refresh();
        ownership.readAllocations(observed.consumers());
        managed.addAll(ownership.writtenFor());
    }

    /** Whether the one-time-use device is free and reserved, and the host's status says so. */
    boolean awaitsCleaning(String host) {
        readState();
        return observed.findProvider(host, ONCE)
                        .filter(once -> once.used() == 0)
                        .isPresent()
                && usedOnce.contains(host)
                && Conditions.find(api.hosts().get(host).getStatus().conditions(), "NeedsCleaning")
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent();
    }

    void markCleaned(String host) {
        usedOnce.remove(host);
    }

    private Set<UUID> allConsumers() {
        Set<UUID> all = new TreeSet<>(observed.consumers());
        all.addAll(externalWriters.hostAllocations.keySet());
        all.addAll(before.keySet());
        return all;
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
                may.addAll(observed.rootsOf(observed.rootAllocations(consumer)));
                may.addAll(observed.rootsOf(before.getOrDefault(consumer, Map.of())));
            }
            for (UUID consumer : desired.consumerUuids()) {
                assertThat(may)
                        .as("hosts on which consumer %s of %s has other resources", consumer, desired.name())
                        .containsAll(observed.rootsOf(observed.deviceAllocations(consumer)));
            }
        }
    }

    /** Checks the invariants that always hold. */
    void checkAlways() {
        readState();
        observed.providers().forEach((name, provider) -> {
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
            assertThat(observed.rootAllocations(consumer))
                    .as("other resources of consumer %s", consumer)
                    .isEqualTo(hostAllocations == null ? Map.of() : hostAllocations.resources());
        }
        for (String host : usedOnce) {
            Inventory inventory = observed.findProvider(host, ONCE)
                    .orElseThrow()
                    .inventories()
                    .values()
                    .iterator()
                    .next();
            assertThat(inventory.reserved())
                    .as("the one-time-use device of %s is reserved until it is cleaned", host)
                    .isEqualTo(inventory.total());
        }
        ownership.readObjects();
        retained.check(externalWriters.changed, consumer -> observed.deviceUnits(consumer));
        Set<UUID> named = ownership.rightfulConsumers();
        api.allocations().forEach(this::checkGrowthOnConsumerHosts);
        allConsumers().stream()
                .filter(consumer -> !named.contains(consumer) && !externalWriters.changed.contains(consumer))
                .filter(consumer -> !managed.contains(consumer))
                .forEach(consumer -> assertThat(observed.deviceAllocations(consumer))
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
                retained.recordInSync(object, consumer(object), observed.deviceUnits(consumer(object)));
            } else {
                blocked.put(name, object.getMetadata().getGeneration());
                ReasonInvariants.check(
                        object,
                        ready,
                        api.allocations(),
                        ownsConsumers(object),
                        observed.isOutsideOfAHost(consumer(object)));
            }
            if (ready.getReason().equals("InsufficientDevices")) {
                waiting.add(object);
            }
        }
        waiting.stream()
                .min(Comparator.comparing(
                                (PciAllocation object) -> object.getMetadata().getCreationTimestamp())
                        .thenComparing(object -> object.getMetadata().getName()))
                .filter(object -> !observed.consumers().contains(consumer(object)))
                .ifPresent(object -> ClaimReferenceModel.assertNoCapacity(
                        object,
                        api.allocations(),
                        devices,
                        provider -> observed.providers().get(provider).free()));
        checkBlockedUnchanged(blocked);
        allConsumers().stream()
                .filter(consumer -> !named.contains(consumer) && managed.contains(consumer))
                .filter(consumer -> !externalWriters.changed.contains(consumer))
                .forEach(consumer -> ownership.checkReleased(
                        consumer,
                        observed.deviceUnits(consumer),
                        externalWriters.hostAllocations.containsKey(consumer)));
        ownership.checkOwnersUnchanged(externalWriters.hostAllocations);
        devices.keySet().stream()
                .filter(host -> observed.findProvider(host, ONCE)
                        .filter(once -> once.used() > 0)
                        .isPresent())
                .forEach(usedOnce::add);
        checkAlways();
        before = new HashMap<>();
        allConsumers().forEach(consumer -> before.put(consumer, observed.deviceAllocations(consumer)));
        blockedBefore = blocked;
        ownership.recordContested();
        ownership.removeAbsent(observed.consumers());
        externalWriters.changed.clear();
    }

    private static Condition condition(PciAllocation object) {
        return Conditions.find(object.getStatus().conditions(), "Ready").orElseThrow();
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
            Map<UUID, Integer> has = observed.deviceUnits(consumer);
            if (novaMoves) {
                if (observed.consumers().contains(consumer)) {
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
            assertThat(!observed.consumers().contains(consumer)
                            || (!moves && !consumer.equals(consumer(object)))
                            || ownership.ownsConsumer(desired, consumer))
                    .as("consumer %s has the owner that %s names", consumer, name)
                    .isTrue();
            if (!desired.consumer().managedExternally()) {
                managed.add(consumer);
                ownership.checkSettled(
                        object,
                        consumer,
                        observed.deviceUnits(consumer),
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
                        .flatMap(listed -> findProvider(device.node(), listed.providerAddress()))
                        .ifPresent(provider -> expected.merge(provider, 1, Integer::sum)));
        return expected;
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
                assertThat(observed.deviceUnits(consumer))
                        .as("devices of consumer %s of %s, which is blocked", consumer, name)
                        .isIn(
                                ObservedPlacement.units(before.getOrDefault(consumer, Map.of())),
                                desiredUnits(PciAllocationMapper.toDesiredAllocation(object), consumer));
            }
        });
    }
}
