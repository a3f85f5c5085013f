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
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Who else writes allocations: Nova, for servers with VCPUs and memory, whose devices it may know, forget or mistake;
 * and somebody of whom nothing is told. What they have written is remembered, to be held against what is there.
 */
final class ExternalWriters {

    static final ResourceClass VCPU = new ResourceClass("VCPU");
    static final ResourceClass MEMORY = new ResourceClass("MEMORY_MB");

    private final PlacementClient world;
    private final Random random;
    private final Map<String, UUID> roots;

    /** What each consumer has from them of the hosts themselves, and whose it is. */
    final Map<UUID, Allocation> theirs = new TreeMap<>();

    /** Whose the consumers are that they know. */
    private final Map<UUID, String> owners = new TreeMap<>();

    /** Consumers of which nothing is told. */
    final Set<UUID> strangers = new TreeSet<>();

    /** Whose devices they have changed since that was last looked at. */
    final Set<UUID> changed = new TreeSet<>();

    ExternalWriters(PlacementClient world, Random random, Map<String, UUID> roots) {
        this.world = world;
        this.random = random;
        this.roots = roots;
    }

    /** A server is one of this number's project and user. */
    void owner(UUID consumer, String owner) {
        owners.put(consumer, owner);
    }

    /** Whether a server is this one's, as far as they know. */
    boolean isOf(PciAllocationSpec.Consumer consumer) {
        String owner = owners.get(UUID.fromString(consumer.uuid()));
        return consumer.projectId().equals("project-" + owner)
                && consumer.userId().equals("user-" + owner)
                && consumer.type().equals("INSTANCE");
    }

    boolean isKnown(UUID consumer) {
        return owners.containsKey(consumer) || strangers.contains(consumer);
    }

    Set<UUID> known() {
        Set<UUID> known = new TreeSet<>(owners.keySet());
        known.addAll(strangers);
        return known;
    }

    /** An object's own consumers may have changed by what was done for it, if it is for whom it says. */
    void followed(PciAllocation object) {
        if (isOf(object.getSpec().consumer())) {
            PciAllocationMapper.toDesiredAllocation(object).consumers().stream()
                    .filter(consumer -> consumer.toString()
                                    .equals(object.getSpec().consumer().uuid())
                            || !isKnown(consumer))
                    .forEach(changed::add);
        }
    }

    private boolean ofHosts(UUID provider) {
        return roots.containsValue(provider);
    }

    private Map<UUID, Map<ResourceClass, Integer>> flavor(String host) {
        return Map.of(roots.get(host), Map.of(VCPU, 1 + random.nextInt(4), MEMORY, 256 * (1 + random.nextInt(4))));
    }

    private Map<UUID, Map<ResourceClass, Integer>> devices(Allocation allocation) {
        Map<UUID, Map<ResourceClass, Integer>> devices = new HashMap<>(allocation.resources());
        devices.keySet().removeIf(this::ofHosts);
        return devices;
    }

    /** A server gets VCPUs and memory, or others than it had; Nova keeps its devices, or forgets them. */
    void flavor(UUID consumer, String host) {
        boolean forgets = random.nextInt(4) == 0;
        write(consumer, "nova", present -> {
            Map<UUID, Map<ResourceClass, Integer>> resources = forgets ? new HashMap<>() : devices(present);
            resources.putAll(flavor(host));
            return resources;
        });
    }

    /** Nova gives a server a device that it may not have. */
    void mistake(UUID consumer, UUID provider, ResourceClass resourceClass) {
        if (theirs.containsKey(consumer)) {
            write(consumer, "nova", present -> {
                Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(present.resources());
                resources.put(provider, Map.of(resourceClass, 1));
                return resources;
            });
        }
    }

    void end(UUID consumer) {
        write(consumer, "nova", present -> Map.of());
    }

    /** Somebody takes a device by hand, or a server of which no object tells has one. */
    void stranger(UUID provider, ResourceClass resourceClass, String host) {
        UUID stranger = new UUID(9, random.nextLong());
        boolean server = random.nextBoolean();
        write(stranger, "nobody", present -> {
            Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(server ? flavor(host) : Map.of());
            resources.put(provider, Map.of(resourceClass, 1));
            return resources;
        });
        if (theirs.containsKey(stranger)) {
            strangers.add(stranger);
        }
    }

    void strangerGoes() {
        strangers.stream()
                .skip(random.nextInt(strangers.size() + 1))
                .findFirst()
                .ifPresent(stranger -> {
                    end(stranger);
                    strangers.remove(stranger);
                });
    }

    /** Nova gives a migration what the server had, and the server its place on another host. */
    void begin(UUID server, UUID migration, String host) {
        Allocation before = world.allocation(server);
        if (before.generation() == null || world.allocation(migration).generation() != null) {
            return;
        }
        put(Map.of(
                migration,
                new Allocation(before.resources(), before.projectId(), before.userId(), null, "MIGRATION"),
                server,
                before.with(flavor(host))));
    }

    /** Nova brings a server back to where the migration has kept its place. */
    void revert(UUID server, UUID migration) {
        Allocation kept = world.allocation(migration);
        Allocation before = world.allocation(server);
        if (kept.generation() != null && before.generation() != null) {
            put(Map.of(migration, kept.with(Map.of()), server, before.with(kept.resources())));
        }
    }

    /** What a consumer has is changed as Nova does: read, and written with its generation. */
    private interface Change {
        Map<UUID, Map<ResourceClass, Integer>> of(Allocation present);
    }

    private void write(UUID consumer, String whose, Change change) {
        Allocation read = world.allocation(consumer);
        String owner = owners.getOrDefault(consumer, whose);
        Allocation present = read.generation() != null
                ? read
                : new Allocation(Map.of(), "project-" + owner, "user-" + owner, null, "INSTANCE");
        Map<UUID, Map<ResourceClass, Integer>> resources = change.of(present);
        if (read.generation() != null || !resources.isEmpty()) {
            put(Map.of(consumer, present.with(resources)));
        }
    }

    /** Placement may refuse it, for want of room. */
    private void put(Map<UUID, Allocation> allocations) {
        try {
            world.putAllocations(allocations);
        } catch (PlacementException.CapacityExceeded | PlacementException.GenerationConflict e) {
            return;
        }
        allocations.forEach((consumer, allocation) -> {
            changed.add(consumer);
            if (allocation.resources().isEmpty()) {
                theirs.remove(consumer);
            } else {
                Map<UUID, Map<ResourceClass, Integer>> ofHosts = new HashMap<>(allocation.resources());
                ofHosts.keySet().removeIf(provider -> !ofHosts(provider));
                theirs.put(consumer, allocation.with(ofHosts));
            }
        });
    }
}
