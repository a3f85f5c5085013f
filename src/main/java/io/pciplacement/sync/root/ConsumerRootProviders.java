package io.pciplacement.sync.root;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Finds the root providers below which consumers have something. Only of providers that are neither hosts' roots nor
 * the operator's own Placement must be asked.
 */
public final class ConsumerRootProviders {

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final Map<UUID, String> nodes;

    public ConsumerRootProviders(PlacementClient placement, ProviderCache mirror, Map<UUID, String> nodes) {
        this.placement = placement;
        this.mirror = mirror;
        this.nodes = nodes;
    }

    /** Whether the consumers have something below each of these roots. */
    public boolean coversAll(Collection<Allocation> allocations, Set<UUID> roots) {
        Set<UUID> missing = new TreeSet<>(roots);
        providers(allocations).forEach(provider -> known(provider).ifPresent(missing::remove));
        return missing.isEmpty() || of(allocations).keySet().containsAll(roots);
    }

    /** The roots by uuid, with the name of the host, else of the root provider. */
    public Map<UUID, String> of(Collection<Allocation> allocations) {
        Map<UUID, String> roots = new TreeMap<>();
        for (UUID provider : providers(allocations)) {
            Optional<UUID> known = known(provider);
            if (known.isPresent() && nodes.containsKey(known.get())) {
                roots.put(known.get(), Objects.requireNonNull(nodes.get(known.get())));
            } else if (known.isEmpty() || !roots.containsKey(known.get())) {
                placement.listProvidersInTree(provider).stream()
                        .filter(other -> other.uuid().equals(other.root()))
                        .findFirst()
                        .ifPresent(root -> roots.put(root.uuid(), nodes.getOrDefault(root.uuid(), root.name())));
            }
        }
        return roots;
    }

    private static Set<UUID> providers(Collection<Allocation> allocations) {
        Set<UUID> providers = new TreeSet<>();
        allocations.forEach(
                allocation -> providers.addAll(allocation.resources().keySet()));
        return providers;
    }

    private Optional<UUID> known(UUID provider) {
        return nodes.containsKey(provider)
                ? Optional.of(provider)
                : mirror.get(provider).map(ProviderCache.Entry::provider).map(ResourceProvider::root);
    }
}
