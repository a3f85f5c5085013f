package io.pciplacement.sync.cache;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Index of consumers by provider and of providers by consumer. Not thread-safe. */
final class ConsumerIndex {

    private final Map<UUID, Set<UUID>> byProvider = new HashMap<>();
    private final Map<UUID, Set<UUID>> byConsumer = new HashMap<>();

    /** Sets the consumers of a provider. */
    void setConsumers(UUID provider, Set<UUID> consumers) {
        Set<UUID> before =
                consumers.isEmpty() ? byProvider.remove(provider) : byProvider.put(provider, Set.copyOf(consumers));
        if (before != null) {
            before.forEach(consumer -> byConsumer.computeIfPresent(consumer, (uuid, providers) -> {
                providers.remove(provider);
                return providers.isEmpty() ? null : providers;
            }));
        }
        consumers.forEach(consumer ->
                byConsumer.computeIfAbsent(consumer, uuid -> new HashSet<>()).add(provider));
    }

    Set<UUID> providersOf(UUID consumer) {
        return Set.copyOf(byConsumer.getOrDefault(consumer, Set.of()));
    }
}
