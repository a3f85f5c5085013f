package io.pciplacement.sync.cache;

import io.pciplacement.placement.ResourceProvider;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Table of the cached providers with indexes by root provider, consumer and name of the host. Not thread-safe. */
final class ProviderTable {

    private final Map<UUID, CachedProvider> providers = new HashMap<>();
    private final Map<UUID, Set<UUID>> byRoot = new HashMap<>();
    private final ConsumerIndex consumers = new ConsumerIndex();
    private final DeviceRootIndex deviceRoots = new DeviceRootIndex();

    /** Versions by root provider, as long as a provider is below it. */
    private final Map<UUID, Long> versions = new HashMap<>();

    private long lastVersion;

    @Nullable CachedProvider get(UUID uuid) {
        return providers.get(uuid);
    }

    /** All providers; changes with the table. */
    Collection<CachedProvider> all() {
        return Collections.unmodifiableCollection(providers.values());
    }

    int size() {
        return providers.size();
    }

    /** The cached providers below a root provider, and itself if it is cached. */
    List<CachedProvider> withRoot(UUID root) {
        return find(byRoot.getOrDefault(root, Set.of()));
    }

    /** The providers from which a consumer had allocations when they were last read. */
    List<CachedProvider> withConsumer(UUID consumer) {
        return find(consumers.providersOf(consumer));
    }

    private List<CachedProvider> find(Collection<UUID> uuids) {
        return uuids.stream()
                .map(uuid -> Objects.requireNonNull(providers.get(uuid)))
                .toList();
    }

    /** The root providers below which device providers of a host are, by the name of the host's root provider. */
    Set<UUID> rootsForName(String rootName) {
        return deviceRoots.rootsForName(rootName);
    }

    /** Version of the providers with this root: increases with every change, and is 0 if there are none. */
    long version(UUID root) {
        return versions.getOrDefault(root, 0L);
    }

    void put(CachedProvider entry) {
        ResourceProvider provider = entry.provider();
        CachedProvider before = providers.put(provider.uuid(), entry);
        if (before != null) {
            removeFromIndexes(before.provider());
        }
        deviceRoots.add(provider);
        byRoot.computeIfAbsent(provider.root(), root -> new HashSet<>()).add(provider.uuid());
        versions.put(provider.root(), ++lastVersion);
        // While the state is unknown, the last known consumers are kept.
        if (entry.observed() != null) {
            consumers.setConsumers(
                    provider.uuid(), entry.observed().allocations().keySet());
        }
    }

    void remove(UUID uuid) {
        CachedProvider before = providers.remove(uuid);
        if (before != null) {
            consumers.setConsumers(uuid, Set.of());
            removeFromIndexes(before.provider());
        }
    }

    private void removeFromIndexes(ResourceProvider provider) {
        deviceRoots.remove(provider);
        UUID root = provider.root();
        byRoot.computeIfPresent(root, (uuid, siblings) -> {
            siblings.remove(provider.uuid());
            return siblings.isEmpty() ? null : siblings;
        });
        if (byRoot.containsKey(root)) {
            versions.put(root, ++lastVersion);
        } else {
            versions.remove(root);
        }
    }
}
