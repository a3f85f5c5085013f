package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Simulated Nova that boots, moves and deletes servers: their allocations in Placement and their domains in libvirt.
 */
final class SimulatedNova {

    static final String PROJECT = "project";
    static final String USER = "user";
    private static final int MOST_SERVERS = 8;
    /** Not tracked, because its PF is. */
    private static final PciAddress VF_OF_TRACKED_PF = Devices.at("0000:81:04.1");

    private final SimulatedCloud cloud;
    private final PlacementClient placement;
    private final DeviceProviders providers;
    private final Random random;

    /** The domains of libvirt by host. */
    final Map<String, Map<UUID, Set<PciAddress>>> domains = new TreeMap<>();

    final Set<UUID> servers = new TreeSet<>();

    /** Servers that no agent ever names. */
    final Set<UUID> bystanders = new TreeSet<>();

    /** The migration of each server that is being moved. */
    private final Map<UUID, UUID> migrations = new TreeMap<>();

    /** The allocations as last written. */
    final Map<UUID, Allocation> written = new TreeMap<>();

    /** Those that were written since the last check. */
    final Map<UUID, Allocation> writtenSinceCheck = new TreeMap<>();

    SimulatedNova(SimulatedCloud cloud, PlacementClient placement, DeviceProviders providers, Random random) {
        this.cloud = cloud;
        this.placement = placement;
        this.providers = providers;
        this.random = random;
        cloud.roots.keySet().forEach(host -> domains.put(host, new TreeMap<>()));
    }

    String pickHost() {
        return List.copyOf(cloud.roots.keySet()).get(random.nextInt(cloud.roots.size()));
    }

    boolean isMoving(UUID server) {
        return migrations.containsKey(server);
    }

    /** One or two devices of a host that no domain has. */
    Set<PciAddress> freeDevices(String host) {
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
    void bootServer() {
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
        devices.forEach(device -> providers
                .findProvider(new DeviceRef(host, device))
                .ifPresent(provider -> providers
                        .findInventory(provider)
                        .ifPresent(inventory -> resources.merge(
                                provider,
                                Map.of(inventory.getKey(), 1),
                                (one, other) -> Map.of(inventory.getKey(), one.get(inventory.getKey()) + 1)))));
        return new Allocation(
                resources, PROJECT, USER, placement.getAllocation(server).generation(), "INSTANCE");
    }

    private boolean write(Map<UUID, Allocation> allocations) {
        try {
            placement.putAllocations(allocations);
        } catch (PlacementException.CapacityExceeded | PlacementException.GenerationConflict e) {
            return false;
        }
        written.putAll(allocations);
        writtenSinceCheck.putAll(allocations);
        return true;
    }

    void deleteServer(UUID server) {
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
    void moveServer(UUID server) {
        UUID migration = migrations.get(server);
        if (migration == null) {
            beginMove(server);
        } else {
            endMove(server, migration);
        }
    }

    private void beginMove(UUID server) {
        List<String> at = domains.keySet().stream()
                .filter(host -> domains.get(host).containsKey(server))
                .toList();
        String to = pickHost();
        Allocation now = placement.getAllocation(server);
        UUID migration = cloud.uuid();
        if (at.equals(List.of(to)) || now.generation() == null) {
            return;
        }
        Set<PciAddress> devices = freeDevices(to);
        if (write(Map.of(
                server,
                allocation(server, to, devices),
                migration,
                new Allocation(now.resources(), PROJECT, USER, null, Allocation.MIGRATION_TYPE)))) {
            migrations.put(server, migration);
            domains.get(to).put(server, devices);
        }
    }

    private void endMove(UUID server, UUID migration) {
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

    void endAllMoves() {
        new TreeMap<>(migrations).forEach(this::endMove);
    }

    /** The administrator attaches another device without Nova. */
    void attachOther(UUID server) {
        domains.forEach((host, all) -> {
            if (all.containsKey(server) && !isMoving(server)) {
                Set<PciAddress> devices = freeDevices(host);
                all.put(server, devices.isEmpty() ? all.get(server) : devices);
            }
        });
    }

    void endCheck() {
        writtenSinceCheck.clear();
    }
}
