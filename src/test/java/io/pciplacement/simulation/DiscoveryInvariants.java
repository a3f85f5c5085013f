package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Invariants of discovered servers. Always: what Nova has allocated stays allocated, and devices are added only for
 * servers that an agent has named, on hosts of which Nova has allocated resources. Once the operator has settled with
 * correct lists: each server has an object with its devices, and its devices are allocated.
 */
final class DiscoveryInvariants {

    private final SimulatedCloud cloud;
    private final PlacementClient placement;
    private final DeviceProviders providers;
    private final SimulatedNova nova;
    private final SimulatedAgents agents;

    /** Consumers that a user has declared since Nova's last write; their devices are made exact. */
    private final Set<UUID> declared = new TreeSet<>();

    /** The allocations at the last check. */
    private final Map<UUID, Allocation> lastSeen = new TreeMap<>();

    DiscoveryInvariants(
            SimulatedCloud cloud,
            PlacementClient placement,
            DeviceProviders providers,
            SimulatedNova nova,
            SimulatedAgents agents) {
        this.cloud = cloud;
        this.placement = placement;
        this.providers = providers;
        this.nova = nova;
        this.agents = agents;
    }

    /** Checks the invariants that always hold. */
    void checkAlways() {
        cloud.api.userAllocations().forEach(object -> declared.add(consumer(object)));
        nova.written.forEach(this::checkConsumer);
    }

    private void checkConsumer(UUID consumer, Allocation written) {
        Allocation now = placement.getAllocation(consumer);
        checkAttached(consumer, now);
        lastSeen.put(consumer, now);
        if (declared.contains(consumer)) {
            return;
        }
        written.resources()
                .forEach((provider, amounts) -> amounts.forEach((resourceClass, amount) -> assertThat(
                                now.resources().getOrDefault(provider, Map.of()).getOrDefault(resourceClass, 0))
                        .as("units of %s that Nova has allocated to %s", provider, consumer)
                        .isGreaterThanOrEqualTo(amount)));
        now.resources().forEach((provider, amounts) -> {
            if (!amounts.equals(written.resources().get(provider))) {
                checkAdded(consumer, provider, amounts, written);
            }
        });
    }

    /** Also if a user names other devices: a device that is known to be attached stays allocated. */
    private void checkAttached(UUID consumer, Allocation now) {
        Map<UUID, Integer> attached = unitsByProvider(agents.publishedSinceCheck(consumer).stream());
        Allocation before = nova.writtenSinceCheck.getOrDefault(consumer, lastSeen.getOrDefault(consumer, now));
        attached.forEach((provider, devices) -> assertThat(unitsOf(now, provider))
                .as("units of %s for %s, to which %d of its devices are attached", provider, consumer, devices)
                .isGreaterThanOrEqualTo(Math.min(unitsOf(before, provider), devices)));
    }

    private Map<UUID, Integer> unitsByProvider(Stream<DeviceRef> devices) {
        Map<UUID, Integer> units = new TreeMap<>();
        devices.forEach(
                device -> providers.findProvider(device).ifPresent(provider -> units.merge(provider, 1, Integer::sum)));
        return units;
    }

    private static int unitsOf(Allocation allocation, UUID provider) {
        return sum(allocation.resources().getOrDefault(provider, Map.of()));
    }

    private static int sum(Map<ResourceClass, Integer> amounts) {
        return amounts.values().stream().mapToInt(Integer::intValue).sum();
    }

    private void checkAdded(UUID consumer, UUID provider, Map<ResourceClass, Integer> amounts, Allocation written) {
        String host = providers.hostOf(provider);
        assertThat(written.resources())
                .as("%s, which got a device, has resources of %s", consumer, host)
                .containsKey(cloud.roots.get(host));
        int published = (int) agents.everPublished.getOrDefault(consumer, Set.of()).stream()
                .filter(device -> device.node().equals(host))
                .filter(device ->
                        providers.findProvider(device).filter(provider::equals).isPresent())
                .count();
        assertThat(sum(amounts))
                .as("units of %s that were added for %s: no more than attached devices", provider, consumer)
                .isLessThanOrEqualTo(published);
        assertThat(nova.bystanders).doesNotContain(consumer);
    }

    /** Checks that each server has an object with its devices, and that its devices are allocated. */
    void checkSettled() {
        Map<UUID, Set<DeviceRef>> attached = attachedDevices();
        Set<UUID> ofUsers = cloud.api.userAllocations().stream()
                .map(DiscoveryInvariants::consumer)
                .collect(Collectors.toSet());
        Set<DeviceRef> takenByUsers = cloud.api.userAllocations().stream()
                .flatMap(DiscoveryInvariants::devices)
                .collect(Collectors.toSet());
        Map<UUID, Set<DeviceRef>> objects = new TreeMap<>();
        cloud.api
                .discoveredAllocations()
                .forEach(object ->
                        objects.put(consumer(object), devices(object).collect(Collectors.toCollection(TreeSet::new))));
        attached.keySet().removeIf(ofUsers::contains);
        assertThat(attached.keySet())
                .as("the servers of %s; users have objects for %s", objects, ofUsers)
                .containsAll(objects.keySet());
        // An object of a user keeps its devices.
        attached.values().removeIf(devices -> devices.stream().anyMatch(takenByUsers::contains));
        objects.keySet().retainAll(attached.keySet());
        assertThat(objects).as("the PciAllocations of the servers").isEqualTo(attached);
        objects.forEach(this::checkAllocated);
    }

    /** The devices of each server that has some. */
    private Map<UUID, Set<DeviceRef>> attachedDevices() {
        Map<UUID, Set<DeviceRef>> attached = new TreeMap<>();
        nova.domains.forEach((host, all) -> all.forEach((server, devices) -> {
            if (!devices.isEmpty()) {
                attached.put(
                        server,
                        devices.stream()
                                .map(device -> new DeviceRef(host, device))
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }));
        return attached;
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }

    private static Stream<DeviceRef> devices(PciAllocation object) {
        return object.getSpec().devices().stream()
                .map(device -> new DeviceRef(
                        device.node(), PciAddress.parse(device.address()).orElseThrow()));
    }

    private void checkAllocated(UUID server, Set<DeviceRef> devices) {
        Allocation now = placement.getAllocation(server);
        Map<UUID, Integer> required = unitsByProvider(
                devices.stream().filter(device -> now.resources().containsKey(cloud.roots.get(device.node()))));
        if (required.entrySet().stream().allMatch(entry -> hasCapacity(server, entry.getKey(), entry.getValue()))) {
            required.forEach((provider, units) -> assertThat(unitsOf(server, provider))
                    .as(
                            "units of %s for %s: %s",
                            provider,
                            server,
                            cloud.api
                                    .allocation(DiscoveryMetadata.nameFor(server.toString()))
                                    .map(PciAllocation::getStatus))
                    .isGreaterThanOrEqualTo(units));
        }
    }

    private int unitsOf(UUID consumer, UUID provider) {
        return unitsOf(placement.getAllocation(consumer), provider);
    }

    /** Others may have the units, and a one-time-use device that was used is reserved. */
    private boolean hasCapacity(UUID server, UUID provider, int units) {
        var inventory = providers.findInventory(provider).orElseThrow();
        int used = placement.getProviderAllocations(provider).usedUnits(inventory.getKey());
        return inventory.getValue().total() - inventory.getValue().reserved() - used
                >= units - unitsOf(server, provider);
    }
}
