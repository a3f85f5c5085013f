package io.pciplacement.sync.root;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cache of the root providers of all hosts. Each sweep verifies that every one of them still exists under its name:
 * those of compute services by one listing, the operator's own by the listing of its providers, and others, of which a
 * cloud has few, one by one.
 */
public final class RootProviderCache {

    /** How many roots that no listing covers are read in one sweep. */
    private static final int READ_PER_SWEEP = 50;

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final Map<String, UUID> byName = new ConcurrentHashMap<>();
    private final Map<String, Long> readInSweep = new ConcurrentHashMap<>();
    private volatile Map<UUID, ResourceProvider> computeNodes = Map.of();
    private volatile Map<String, ResourceProvider> computeNodesByName = Map.of();
    private long sweeps;

    public RootProviderCache(PlacementClient placement, ProviderCache mirror) {
        this.placement = placement;
        this.mirror = mirror;
    }

    /** The verified root of that name. */
    public Optional<UUID> known(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public void put(String name, UUID uuid) {
        byName.put(name, uuid);
    }

    /** Its next use reads it again. */
    public void forget(String name) {
        byName.remove(name);
        readInSweep.remove(name);
    }

    /** The provider that has exactly this name now; a database may compare names without case. */
    public Optional<ResourceProvider> find(String name) {
        ResourceProvider compute = computeNodesByName.get(name);
        return compute != null
                ? Optional.of(compute)
                : placement
                        .findProviderByName(name)
                        .filter(found -> found.name().equals(name));
    }

    /** The provider of that UUID, if it still exists. */
    public Optional<ResourceProvider> find(UUID uuid) {
        ResourceProvider compute = computeNodes.get(uuid);
        return compute != null
                ? Optional.of(compute)
                : placement.listProvidersInTree(uuid).stream()
                        .filter(found -> found.uuid().equals(uuid))
                        .findFirst();
    }

    /** Whether a compute service uses the root, whoever created it. */
    public boolean isComputeNode(UUID uuid) {
        return computeNodes.containsKey(uuid);
    }

    /**
     * Verifies all known roots; called once per sweep, after the listing of the operator's own providers.
     *
     * @return the roots that have gone or have another name
     */
    public Set<UUID> verify() {
        list();
        sweeps++;
        Set<UUID> changed = new HashSet<>();
        Map<String, UUID> unlisted = new HashMap<>();
        byName.forEach((name, uuid) -> nameInListings(uuid)
                .ifPresentOrElse(
                        listed -> {
                            if (!listed.equals(name)) {
                                changed.add(uuid);
                                forget(name);
                            }
                        },
                        () -> unlisted.put(name, uuid)));
        unlisted.entrySet().stream()
                .sorted(Comparator.comparingLong(root -> readInSweep.getOrDefault(root.getKey(), 0L)))
                .limit(READ_PER_SWEEP)
                .forEach(root -> verifyByReading(root.getKey(), root.getValue(), changed));
        return changed;
    }

    private void verifyByReading(String name, UUID uuid, Set<UUID> changed) {
        readInSweep.put(name, sweeps);
        if (find(name).filter(found -> found.uuid().equals(uuid)).isEmpty()) {
            changed.add(uuid);
            forget(name);
        }
    }

    private Optional<String> nameInListings(UUID uuid) {
        ResourceProvider compute = computeNodes.get(uuid);
        return compute != null
                ? Optional.of(compute.name())
                : mirror.get(uuid).map(own -> own.provider().name());
    }

    private void list() {
        Map<UUID, ResourceProvider> byUuid = new HashMap<>();
        Map<String, ResourceProvider> named = new HashMap<>();
        for (ResourceProvider root : placement.listProvidersWithTrait(Trait.COMPUTE_NODE)) {
            byUuid.put(root.uuid(), root);
            named.put(root.name(), root);
        }
        computeNodes = byUuid;
        computeNodesByName = named;
    }
}
