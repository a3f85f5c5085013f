package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/**
 * Random simulation of servers that Nova boots, moves and deletes, and of agents that report their devices late,
 * wrongly or not at all, while requests fail and the operator crashes. The operator maintains PciAllocations for the
 * servers.
 *
 * <p>Whatever the agents say, the operator takes nothing from a server, gives it devices only on a host on which Nova
 * has allocated resources for it, and changes no consumer that no agent has named.
 */
final class DiscoverySimulation {

    static final String PROJECT = "project";
    static final String USER = "user";
    private static final int MOST_SERVERS = 8;
    /** Not tracked, because its PF is. */
    private static final PciAddress VF_OF_TRACKED_PF = Devices.at("0000:81:04.1");

    private final Random random;
    private final SimulatedCloud cloud;
    private final PlacementClient placement;
    private final SimulatedAgents agents;

    /** The domains of libvirt by host. */
    private final Map<String, Map<UUID, Set<PciAddress>>> domains = new TreeMap<>();

    private final Set<UUID> servers = new TreeSet<>();

    /** Servers of Nova that no agent ever names. */
    private final Set<UUID> bystanders = new TreeSet<>();

    /** The migration of each server that is being moved. */
    private final Map<UUID, UUID> migrations = new TreeMap<>();

    /** The allocations as Nova has last written them. */
    private final Map<UUID, Allocation> writtenByNova = new TreeMap<>();

    DiscoverySimulation(PlacementClient placement, Random random, ExecutorService pool) {
        this.random = random;
        this.placement = placement;
        this.cloud = new SimulatedCloud(placement, "host", 3, DiscoveryMode.ALLOCATIONS, random, pool);
        this.agents = new SimulatedAgents(cloud, random);
        cloud.roots.keySet().forEach(host -> domains.put(host, new TreeMap<>()));
        cloud.runUntilIdle();
    }

    void runStep() {
        runRandomEvent();
        switch (random.nextInt(6)) {
            case 0 -> cloud.faults.oneOf(random.nextInt(12));
            case 1 -> cloud.faults.killProcessAt(random.nextInt(12));
            case 2 -> cloud.faults.runConcurrently(random.nextInt(12), this::runRandomEvent);
            default -> {}
        }
        if (random.nextInt(3) == 0) {
            cloud.operator.tick();
        }
        cloud.operator.processTasks(random.nextInt(30));
    }

    private void runRandomEvent() {
        switch (random.nextInt(16)) {
            case 0, 1 -> bootServer();
            case 2 -> pick(servers).ifPresent(this::deleteServer);
            case 3, 4 -> pick(servers).ifPresent(this::moveServer);
            case 5 -> pick(servers).ifPresent(this::attachOther);
            case 6 -> agents.publishLie(pickHost(), named());
            case 7 -> agents.publishDoubt(pickHost());
            case 8 -> changeObject();
            case 9 -> pick(servers).ifPresent(this::declareServer);
            case 10 -> deleteUserObject();
            case 11 -> cloud.operator.start();
            default -> publishTruth(pickHost());
        }
    }

    private void publishTruth(String host) {
        agents.publishTruth(host, domains.get(host));
    }

    private Collection<UUID> named() {
        Set<UUID> named = new TreeSet<>(servers);
        named.add(new UUID(5, random.nextInt(3)));
        return named;
    }

    private String pickHost() {
        return pick(cloud.roots.keySet()).orElseThrow();
    }

    private <T> Optional<T> pick(Collection<T> all) {
        return all.isEmpty()
                ? Optional.empty()
                : all.stream().skip(random.nextInt(all.size())).findFirst();
    }

    /** One or two devices of a host that no domain has. */
    private Set<PciAddress> freeDevices(String host) {
        List<PciAddress> free = new ArrayList<>(cloud.devices.get(host).devices().stream()
                .filter(device -> device.type() != DeviceType.PF)
                .map(PciDevice::address)
                .filter(device -> !device.equals(VF_OF_TRACKED_PF))
                .filter(device -> domains.get(host).values().stream().noneMatch(taken -> taken.contains(device)))
                .toList());
        Set<PciAddress> chosen = new TreeSet<>();
        for (int i = random.nextInt(2); i >= 0 && !free.isEmpty(); i--) {
            chosen.add(free.remove(random.nextInt(free.size())));
        }
        return chosen;
    }

    /** Nova allocates resources of the host and, usually, the devices; then libvirt defines the domain. */
    private void bootServer() {
        if (servers.size() + bystanders.size() >= MOST_SERVERS) {
            return;
        }
        UUID server = cloud.uuid();
        String host = pickHost();
        Set<PciAddress> devices = freeDevices(host);
        if (!write(Map.of(server, allocation(server, host, random.nextInt(3) > 0 ? devices : Set.of())))) {
            return;
        }
        if (random.nextInt(5) == 0) {
            bystanders.add(server);
            return;
        }
        servers.add(server);
        domains.get(host).put(server, devices);
    }

    private Allocation allocation(UUID server, String host, Set<PciAddress> devices) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>();
        resources.put(cloud.roots.get(host), Map.of(ExternalWriters.VCPU, 1));
        devices.forEach(device -> findProvider(new DeviceRef(host, device))
                .ifPresent(provider -> inventoryOf(provider.uuid())
                        .ifPresent(inventory -> resources.merge(
                                provider.uuid(),
                                Map.of(inventory.getKey(), 1),
                                (one, other) -> Map.of(inventory.getKey(), one.get(inventory.getKey()) + 1)))));
        return new Allocation(
                resources, PROJECT, USER, placement.getAllocation(server).generation(), "INSTANCE");
    }

    private Optional<Map.Entry<ResourceClass, Inventory>> inventoryOf(UUID provider) {
        return placement.getInventories(provider).byClass().entrySet().stream().findFirst();
    }

    private Optional<ResourceProvider> findProvider(DeviceRef ref) {
        return cloud.devices
                .get(ref.node())
                .findDevice(ref.address())
                .flatMap(device -> placement.listProvidersInTree(cloud.roots.get(ref.node())).stream()
                        .filter(provider -> provider.name()
                                .equals(new ProviderName(ref.node(), device.providerAddress()).toString()))
                        .findFirst());
    }

    private boolean write(Map<UUID, Allocation> allocations) {
        try {
            placement.putAllocations(allocations);
        } catch (PlacementException.CapacityExceeded | PlacementException.GenerationConflict e) {
            return false;
        }
        writtenByNova.putAll(allocations);
        lastSeen.putAll(allocations);
        return true;
    }

    private void deleteServer(UUID server) {
        domains.values().forEach(all -> all.remove(server));
        servers.remove(server);
        release(server);
        UUID migration = migrations.remove(server);
        if (migration != null) {
            release(migration);
        }
    }

    private void release(UUID consumer) {
        Allocation now = placement.getAllocation(consumer);
        if (now.generation() != null) {
            assertThat(write(Map.of(consumer, now.withResources(Map.of())))).isTrue();
        }
    }

    /** The next phase of a live migration: the allocations, the domain on the destination, the end. */
    private void moveServer(UUID server) {
        List<String> at = domains.keySet().stream()
                .filter(host -> domains.get(host).containsKey(server))
                .toList();
        UUID migration = migrations.get(server);
        if (migration == null) {
            String to = pickHost();
            Allocation now = placement.getAllocation(server);
            UUID fresh = cloud.uuid();
            if (at.equals(List.of(to)) || now.generation() == null) {
                return;
            }
            Set<PciAddress> devices = freeDevices(to);
            if (write(Map.of(
                    server,
                    allocation(server, to, devices),
                    fresh,
                    new Allocation(now.resources(), PROJECT, USER, null, Allocation.MIGRATION_TYPE)))) {
                migrations.put(server, fresh);
                domains.get(to).put(server, devices);
            }
        } else {
            Allocation now = placement.getAllocation(server);
            String to = cloud.roots.keySet().stream()
                    .filter(host -> now.resources().containsKey(cloud.roots.get(host)))
                    .findFirst()
                    .orElseThrow();
            domains.forEach((host, all) -> {
                if (!host.equals(to)) {
                    all.remove(server);
                }
            });
            release(migration);
            migrations.remove(server);
        }
    }

    /** The administrator attaches another device without Nova. */
    private void attachOther(UUID server) {
        domains.forEach((host, all) -> {
            if (all.containsKey(server) && !migrations.containsKey(server)) {
                Set<PciAddress> devices = freeDevices(host);
                all.put(server, devices.isEmpty() ? all.get(server) : devices);
            }
        });
    }

    /** A user deletes or edits an object of the operator. */
    private void changeObject() {
        pick(cloud.api.allocations().stream()
                        .filter(DiscoveryMetadata::isDiscovered)
                        .toList())
                .ifPresent(object -> {
                    String name = object.getMetadata().getName();
                    if (random.nextBoolean()) {
                        cloud.api.delete(name);
                    } else {
                        String host = pickHost();
                        pick(freeDevices(host))
                                .ifPresent(device -> cloud.api.update(
                                        name,
                                        spec(
                                                UUID.fromString(object.getSpec()
                                                        .consumer()
                                                        .uuid()),
                                                host,
                                                Set.of(device))));
                    }
                });
    }

    private static PciAllocationSpec spec(UUID server, String host, Set<PciAddress> devices) {
        return new PciAllocationSpec(
                new PciAllocationSpec.Consumer(
                        server.toString(), null, PROJECT, USER, PciAllocationSpec.ManagedBy.EXTERNAL),
                devices.stream()
                        .map(device -> new PciAllocationSpec.DeviceRef(host, device.toString()))
                        .toList(),
                null,
                null,
                null,
                null,
                null);
    }

    /** A user declares devices of a server, sometimes wrong ones. From then on, its allocation is made exact. */
    private void declareServer(UUID server) {
        if (userObjects().stream()
                .anyMatch(object -> object.getSpec().consumer().uuid().equals(server.toString()))) {
            return;
        }
        domains.forEach((host, all) -> {
            Set<PciAddress> devices = all.containsKey(server) && random.nextInt(3) == 0
                    ? freeDevices(host)
                    : all.getOrDefault(server, Set.of());
            if (!devices.isEmpty() && !migrations.containsKey(server)) {
                cloud.api.create(spec(server, host, devices));
            }
        });
    }

    private List<PciAllocation> userObjects() {
        return cloud.api.allocations().stream()
                .filter(object -> !DiscoveryMetadata.isDiscovered(object))
                .toList();
    }

    private void deleteUserObject() {
        pick(userObjects())
                .ifPresent(object -> cloud.api.delete(object.getMetadata().getName()));
    }

    /** Consumers that a user has declared since Nova's last write; their devices are made exact. */
    private final Set<UUID> declared = new TreeSet<>();

    /** The allocations at the last check, or as Nova has written them since. */
    private final Map<UUID, Allocation> lastSeen = new TreeMap<>();

    void check() {
        checkConsumers();
        agents.endCheck();
    }

    private void checkConsumers() {
        userObjects()
                .forEach(object ->
                        declared.add(UUID.fromString(object.getSpec().consumer().uuid())));
        Set<UUID> consumers = new TreeSet<>(writtenByNova.keySet());
        for (UUID consumer : consumers) {
            Allocation now = placement.getAllocation(consumer);
            Allocation nova = writtenByNova.get(consumer);
            checkAttached(consumer, now);
            lastSeen.put(consumer, now);
            if (declared.contains(consumer)) {
                continue;
            }
            nova.resources()
                    .forEach((provider, amounts) ->
                            amounts.forEach((resourceClass, amount) -> assertThat(now.resources()
                                            .getOrDefault(provider, Map.of())
                                            .getOrDefault(resourceClass, 0))
                                    .as("units of %s that Nova has allocated to %s", provider, consumer)
                                    .isGreaterThanOrEqualTo(amount)));
            now.resources().forEach((provider, amounts) -> {
                if (!amounts.equals(nova.resources().get(provider))) {
                    checkAdded(consumer, provider, amounts, nova);
                }
            });
        }
    }

    /** Also if a user names other devices: a device that is known to be attached stays allocated. */
    private void checkAttached(UUID consumer, Allocation now) {
        Map<UUID, Integer> attached = new TreeMap<>();
        agents.publishedSinceCheck(consumer)
                .forEach(device ->
                        findProvider(device).ifPresent(provider -> attached.merge(provider.uuid(), 1, Integer::sum)));
        Allocation before = lastSeen.getOrDefault(consumer, now);
        attached.forEach((provider, devices) -> assertThat(unitsOf(now, provider))
                .as("units of %s for %s, to which %d of its devices are attached", provider, consumer, devices)
                .isGreaterThanOrEqualTo(Math.min(unitsOf(before, provider), devices)));
    }

    private static int unitsOf(Allocation allocation, UUID provider) {
        return allocation.resources().getOrDefault(provider, Map.of()).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    private void checkAdded(UUID consumer, UUID provider, Map<ResourceClass, Integer> amounts, Allocation nova) {
        String host = cloud.roots.keySet().stream()
                .filter(name -> placement.listProvidersInTree(cloud.roots.get(name)).stream()
                        .anyMatch(known -> known.uuid().equals(provider)))
                .findFirst()
                .orElseThrow();
        assertThat(nova.resources())
                .as("%s, which got a device, has resources of %s", consumer, host)
                .containsKey(cloud.roots.get(host));
        int published = (int) agents.everPublished.getOrDefault(consumer, Set.of()).stream()
                .filter(device -> device.node().equals(host))
                .filter(device -> findProvider(device)
                        .filter(found -> found.uuid().equals(provider))
                        .isPresent())
                .count();
        assertThat(amounts.values().stream().mapToInt(Integer::intValue).sum())
                .as("units of %s that were added for %s: no more than attached devices", provider, consumer)
                .isLessThanOrEqualTo(published);
        assertThat(bystanders).doesNotContain(consumer);
    }

    /** With correct lists of all agents, each server has an object with its devices, and its devices are allocated. */
    void checkSettled() {
        migrations.keySet().stream().toList().forEach(this::moveServer);
        cloud.roots.keySet().forEach(this::publishTruth);
        cloud.runUntilIdle();
        check();
        Map<UUID, Set<DeviceRef>> attached = new TreeMap<>();
        domains.forEach((host, all) -> all.forEach((server, devices) -> {
            if (!devices.isEmpty()) {
                attached.put(
                        server,
                        devices.stream()
                                .map(device -> new DeviceRef(host, device))
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }));
        Set<UUID> ofUsers = userObjects().stream()
                .map(object -> UUID.fromString(object.getSpec().consumer().uuid()))
                .collect(Collectors.toSet());
        Set<DeviceRef> takenByUsers = userObjects().stream()
                .flatMap(object -> object.getSpec().devices().stream())
                .map(device -> new DeviceRef(
                        device.node(), PciAddress.parse(device.address()).orElseThrow()))
                .collect(Collectors.toSet());
        Map<UUID, Set<DeviceRef>> objects = new TreeMap<>();
        cloud.api.allocations().stream()
                .filter(DiscoveryMetadata::isDiscovered)
                .forEach(object -> objects.put(
                        UUID.fromString(object.getSpec().consumer().uuid()),
                        object.getSpec().devices().stream()
                                .map(device -> new DeviceRef(
                                        device.node(),
                                        PciAddress.parse(device.address()).orElseThrow()))
                                .collect(Collectors.toCollection(TreeSet::new))));
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

    private void checkAllocated(UUID server, Set<DeviceRef> devices) {
        Allocation now = placement.getAllocation(server);
        Map<UUID, Integer> required = new TreeMap<>();
        devices.stream()
                .filter(device -> now.resources().containsKey(cloud.roots.get(device.node())))
                .forEach(device ->
                        findProvider(device).ifPresent(provider -> required.merge(provider.uuid(), 1, Integer::sum)));
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
        var inventory = inventoryOf(provider).orElseThrow();
        int used = placement.getProviderAllocations(provider).usedUnits(inventory.getKey());
        return inventory.getValue().total() - inventory.getValue().reserved() - used
                >= units - unitsOf(server, provider);
    }
}
