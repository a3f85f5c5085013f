package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Simulation of other clients that write allocations: Nova, for servers with VCPUs and memory, whose devices it may
 * keep, drop or replace; and clients without PciAllocation. Their writes are recorded and compared with the actual
 * state.
 */
final class ExternalWriters {

    static final ResourceClass VCPU = new ResourceClass("VCPU");
    static final ResourceClass MEMORY = new ResourceClass("MEMORY_MB");

    private final PlacementClient placement;
    private final Random random;
    private final Map<String, UUID> roots;

    /** The root provider allocations of each consumer, with its owner. */
    final Map<UUID, Allocation> hostAllocations = new TreeMap<>();

    /** Owners of the known consumers. */
    private final Map<UUID, String> owners = new TreeMap<>();

    /** Consumers without PciAllocation. */
    final Set<UUID> unaccounted = new TreeSet<>();

    /** Consumers whose devices these clients have changed since the last check. */
    final Set<UUID> changed = new TreeSet<>();

    ExternalWriters(PlacementClient placement, Random random, Map<String, UUID> roots) {
        this.placement = placement;
        this.random = random;
        this.roots = roots;
    }

    /** Sets the owner (project and user) of a server. */
    void setOwner(UUID consumer, String owner) {
        owners.put(consumer, owner);
    }

    /** Whether a consumer's project and user match the known owner. */
    boolean isConsumerOwner(PciAllocationSpec.Consumer consumer) {
        String owner = owners.get(UUID.fromString(consumer.uuid()));
        return consumer.projectId().equals("project-" + owner)
                && consumer.userId().equals("user-" + owner)
                && consumer.type().equals("INSTANCE");
    }

    boolean isKnown(UUID consumer) {
        return owners.containsKey(consumer) || unaccounted.contains(consumer);
    }

    Set<UUID> knownConsumers() {
        Set<UUID> known = new TreeSet<>(owners.keySet());
        known.addAll(unaccounted);
        return known;
    }

    /** Applies the operator's changes to the consumers of an object that matches them. */
    void followObject(PciAllocation object) {
        if (isConsumerOwner(object.getSpec().consumer())) {
            PciAllocationMapper.toDesiredAllocation(object).consumerUuids().stream()
                    .filter(consumer -> consumer.toString()
                                    .equals(object.getSpec().consumer().uuid())
                            || !isKnown(consumer))
                    .forEach(changed::add);
        }
    }

    private boolean isHostProvider(UUID provider) {
        return roots.containsValue(provider);
    }

    private Map<UUID, Map<ResourceClass, Integer>> flavorResources(String host) {
        return Map.of(roots.get(host), Map.of(VCPU, 1 + random.nextInt(4), MEMORY, 256 * (1 + random.nextInt(4))));
    }

    private Map<UUID, Map<ResourceClass, Integer>> devices(Allocation allocation) {
        Map<UUID, Map<ResourceClass, Integer>> devices = new HashMap<>(allocation.resources());
        devices.keySet().removeIf(this::isHostProvider);
        return devices;
    }

    /** Allocates VCPUs and memory to a server. Nova keeps its devices or drops them. */
    void allocateFlavor(UUID consumer, String host) {
        boolean dropsDevices = random.nextInt(4) == 0;
        writeAllocation(consumer, "nova", present -> {
            Map<UUID, Map<ResourceClass, Integer>> resources = dropsDevices ? new HashMap<>() : devices(present);
            resources.putAll(flavorResources(host));
            return resources;
        });
    }

    /** Nova allocates a wrong device to a server. */
    void allocateByMistake(UUID consumer, UUID provider, ResourceClass resourceClass) {
        if (hostAllocations.containsKey(consumer)) {
            writeAllocation(consumer, "nova", present -> {
                Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(present.resources());
                resources.put(provider, Map.of(resourceClass, 1));
                return resources;
            });
        }
    }

    void releaseAll(UUID consumer) {
        writeAllocation(consumer, "nova", present -> Map.of());
    }

    /** Allocates a device, or two of different providers, to a consumer without PciAllocation. */
    void allocateUnaccounted(UUID provider, Optional<UUID> second, ResourceClass resourceClass, String host) {
        UUID consumer = new UUID(9, random.nextLong());
        boolean server = random.nextBoolean();
        writeAllocation(consumer, "unaccounted", present -> {
            Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(server ? flavorResources(host) : Map.of());
            resources.put(provider, Map.of(resourceClass, 1));
            second.ifPresent(another -> resources.put(another, Map.of(resourceClass, 1)));
            return resources;
        });
        if (hostAllocations.containsKey(consumer)) {
            unaccounted.add(consumer);
        }
    }

    void releaseUnaccounted() {
        unaccounted.stream()
                .skip(random.nextInt(unaccounted.size() + 1))
                .findFirst()
                .ifPresent(consumer -> {
                    releaseAll(consumer);
                    unaccounted.remove(consumer);
                });
    }

    /** Nova moves the server's allocation to the migration and allocates the destination host to the server. */
    void beginMove(UUID server, UUID migration, String host) {
        Allocation before = placement.getAllocation(server);
        if (before.generation() == null || placement.getAllocation(migration).generation() != null) {
            return;
        }
        putAllocations(Map.of(
                migration,
                new Allocation(before.resources(), before.projectId(), before.userId(), null, "MIGRATION"),
                server,
                before.withResources(flavorResources(host))));
    }

    /** Nova reverts a move: the server gets the migration's allocation again. */
    void revertMove(UUID server, UUID migration) {
        Allocation kept = placement.getAllocation(migration);
        Allocation before = placement.getAllocation(server);
        if (kept.generation() != null && before.generation() != null) {
            putAllocations(
                    Map.of(migration, kept.withResources(Map.of()), server, before.withResources(kept.resources())));
        }
    }

    /** Changes an allocation as Nova does: reads it and writes it with its generation. */
    private interface Change {
        Map<UUID, Map<ResourceClass, Integer>> of(Allocation present);
    }

    private void writeAllocation(UUID consumer, String defaultOwner, Change change) {
        Allocation read = placement.getAllocation(consumer);
        String owner = owners.getOrDefault(consumer, defaultOwner);
        Allocation present = read.generation() != null
                ? read
                : new Allocation(Map.of(), "project-" + owner, "user-" + owner, null, "INSTANCE");
        Map<UUID, Map<ResourceClass, Integer>> resources = change.of(present);
        if (read.generation() != null || !resources.isEmpty()) {
            putAllocations(Map.of(consumer, present.withResources(resources)));
        }
    }

    /** Placement may reject the write if capacity is exhausted. */
    private void putAllocations(Map<UUID, Allocation> allocations) {
        try {
            placement.putAllocations(allocations);
        } catch (PlacementException.CapacityExceeded | PlacementException.GenerationConflict e) {
            return;
        }
        allocations.forEach((consumer, allocation) -> {
            changed.add(consumer);
            if (allocation.resources().isEmpty()) {
                hostAllocations.remove(consumer);
            } else {
                Map<UUID, Map<ResourceClass, Integer>> fromHosts = new HashMap<>(allocation.resources());
                fromHosts.keySet().removeIf(provider -> !isHostProvider(provider));
                hostAllocations.put(consumer, allocation.withResources(fromHosts));
            }
        });
    }
}
