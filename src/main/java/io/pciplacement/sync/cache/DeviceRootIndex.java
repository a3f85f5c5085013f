package io.pciplacement.sync.cache;

import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Index of the root providers below which device providers are, by the name of a host. Not thread-safe. */
final class DeviceRootIndex {

    /** By the name of the host's root provider: root providers and the number of device providers below each. */
    private final Map<String, Map<UUID, Integer>> rootsByName = new HashMap<>();

    void add(ResourceProvider provider) {
        adjustCount(provider, 1);
    }

    void remove(ResourceProvider provider) {
        adjustCount(provider, -1);
    }

    private void adjustCount(ResourceProvider provider, int amount) {
        if (provider.parent() != null) {
            ProviderName.findRoot(provider.name())
                    .ifPresent(rootName -> adjustCount(rootName, provider.root(), amount));
        }
    }

    private void adjustCount(String rootName, UUID root, int amount) {
        rootsByName.compute(rootName, (name, roots) -> {
            Map<UUID, Integer> counts = roots == null ? new HashMap<>() : roots;
            counts.merge(root, amount, (a, b) -> a + b == 0 ? null : a + b);
            return counts.isEmpty() ? null : counts;
        });
    }

    /** The root providers below which device providers of a host are. */
    Set<UUID> rootsForName(String rootName) {
        return Set.copyOf(rootsByName.getOrDefault(rootName, Map.of()).keySet());
    }
}
