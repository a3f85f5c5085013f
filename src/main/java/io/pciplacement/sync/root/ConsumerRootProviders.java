package io.pciplacement.sync.root;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.HostRootIndex;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Finder of the root providers below which consumers have allocations. Placement is requested only for providers that
 * are neither root providers of hosts nor the operator's own.
 */
public final class ConsumerRootProviders {

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final HostRootIndex hostRoots;

    public ConsumerRootProviders(PlacementClient placement, ProviderCache providerCache, HostRootIndex hostRoots) {
        this.placement = placement;
        this.providerCache = providerCache;
        this.hostRoots = hostRoots;
    }

    /** Whether the consumers have allocations below each of these root providers. */
    public boolean coversAllRoots(Collection<Allocation> allocations, Set<UUID> roots) {
        Set<UUID> missing = new TreeSet<>(roots);
        providerUuids(allocations).forEach(provider -> findKnownRoot(provider).ifPresent(missing::remove));
        return missing.isEmpty() || rootsOfAllocations(allocations).keySet().containsAll(roots);
    }

    /** The root providers by UUID, each with the name of its host or, if unknown, its own name. */
    public Map<UUID, String> rootsOfAllocations(Collection<Allocation> allocations) {
        Map<UUID, String> roots = new TreeMap<>();
        for (UUID provider : providerUuids(allocations)) {
            Optional<UUID> known = findKnownRoot(provider);
            Optional<String> node = known.flatMap(hostRoots::findNode);
            if (known.isPresent() && node.isPresent()) {
                roots.put(known.get(), node.get());
            } else if (known.isEmpty() || !roots.containsKey(known.get())) {
                placement.listProvidersInTree(provider).stream()
                        .filter(other -> other.uuid().equals(other.root()))
                        .findFirst()
                        .ifPresent(root -> roots.put(
                                root.uuid(), hostRoots.findNode(root.uuid()).orElse(root.name())));
            }
        }
        return roots;
    }

    private static Set<UUID> providerUuids(Collection<Allocation> allocations) {
        Set<UUID> providers = new TreeSet<>();
        allocations.forEach(
                allocation -> providers.addAll(allocation.resources().keySet()));
        return providers;
    }

    private Optional<UUID> findKnownRoot(UUID provider) {
        return hostRoots.findNode(provider).isPresent()
                ? Optional.of(provider)
                : providerCache
                        .findEntry(provider)
                        .map(CachedProvider::provider)
                        .map(ResourceProvider::root);
    }
}
