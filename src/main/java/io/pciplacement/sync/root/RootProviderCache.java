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
 * those of compute services by one listing, the operator's own by the listing of its providers, and the few others one
 * by one.
 */
public final class RootProviderCache {

    /** How many root providers outside the listings are read in one sweep. */
    private static final int READ_PER_SWEEP = 50;

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final Map<String, UUID> byName = new ConcurrentHashMap<>();
    private final Map<String, String> missingByNode = new ConcurrentHashMap<>();
    private final Map<String, Long> readInSweep = new ConcurrentHashMap<>();
    private volatile Map<UUID, ResourceProvider> computeNodes = Map.of();
    private volatile Map<String, ResourceProvider> computeNodesByName = Map.of();
    private long sweeps;

    public RootProviderCache(PlacementClient placement, ProviderCache providerCache) {
        this.placement = placement;
        this.providerCache = providerCache;
    }

    /** The verified root provider of that name. */
    public Optional<UUID> findVerified(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public void putVerified(String name, UUID uuid) {
        byName.put(name, uuid);
    }

    /** Removes a root provider; its next use reads it again. */
    public void invalidate(String name) {
        byName.remove(name);
        readInSweep.remove(name);
    }

    /** The provider with exactly this name; the database may compare names case-insensitively. */
    public Optional<ResourceProvider> findProvider(String name) {
        ResourceProvider compute = computeNodesByName.get(name);
        return compute != null
                ? Optional.of(compute)
                : placement
                        .findProviderByName(name)
                        .filter(found -> found.name().equals(name));
    }

    /** The provider of that UUID, if it still exists. */
    public Optional<ResourceProvider> findProvider(UUID uuid) {
        ResourceProvider compute = computeNodes.get(uuid);
        return compute != null
                ? Optional.of(compute)
                : placement.listProvidersInTree(uuid).stream()
                        .filter(found -> found.uuid().equals(uuid))
                        .findFirst();
    }

    /** Records that a host whose changes are only planned, and which is therefore not retried, has no root provider. */
    public void recordMissing(String node, String name) {
        missingByNode.put(node, name);
    }

    /** Records that a host has a root provider, or was deleted. */
    public void recordFound(String node) {
        missingByNode.remove(node);
    }

    /** The nodes whose root provider was missing, and now is one of a compute service. */
    public Set<String> findNodesWithNewRoot() {
        Set<String> nodes = new HashSet<>();
        missingByNode.forEach((node, name) -> {
            if (computeNodesByName.containsKey(name)) {
                nodes.add(node);
            }
        });
        return nodes;
    }

    /** Whether a compute service uses the root provider, no matter which client created it. */
    public boolean isComputeNode(UUID uuid) {
        return computeNodes.containsKey(uuid);
    }

    /**
     * Verifies all known root providers. Called once per sweep, after the listing of the operator's providers.
     *
     * @return the root providers that no longer exist or were renamed
     */
    public Set<UUID> verifyRoots() {
        refreshComputeNodes();
        sweeps++;
        Set<UUID> changed = new HashSet<>();
        Map<String, UUID> unlisted = new HashMap<>();
        byName.forEach((name, uuid) -> nameInListings(uuid)
                .ifPresentOrElse(
                        listed -> {
                            if (!listed.equals(name)) {
                                changed.add(uuid);
                                invalidate(name);
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
        if (findProvider(name).filter(found -> found.uuid().equals(uuid)).isEmpty()) {
            changed.add(uuid);
            invalidate(name);
        }
    }

    private Optional<String> nameInListings(UUID uuid) {
        ResourceProvider compute = computeNodes.get(uuid);
        return compute != null
                ? Optional.of(compute.name())
                : providerCache.findEntry(uuid).map(own -> own.provider().name());
    }

    private void refreshComputeNodes() {
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
