package io.pciplacement.testing;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.ToIntBiFunction;

/** Consumers of an in-memory Placement: allocations and generations. */
final class FakeConsumers {

    private final Map<UUID, Allocation> all = new HashMap<>();
    private final Set<UUID> rejectedConsumers = new HashSet<>();
    private int rejections;

    Allocation get(UUID consumer) {
        return all.getOrDefault(consumer, new Allocation(Map.of(), "", "", null, "INSTANCE"));
    }

    Map<UUID, Allocation> all() {
        return Map.copyOf(all);
    }

    /** Returns the allocations of a provider by consumer. */
    TreeMap<UUID, Map<ResourceClass, Integer>> of(UUID provider) {
        TreeMap<UUID, Map<ResourceClass, Integer>> byConsumer = new TreeMap<>();
        all.forEach((consumer, allocation) -> {
            if (allocation.resources().containsKey(provider)) {
                byConsumer.put(consumer, allocation.resources().get(provider));
            }
        });
        return byConsumer;
    }

    int used(UUID provider, ResourceClass rc) {
        return used(all, provider, rc);
    }

    private static int used(Map<UUID, Allocation> consumers, UUID provider, ResourceClass rc) {
        return consumers.values().stream()
                .mapToInt(c -> c.resources().getOrDefault(provider, Map.of()).getOrDefault(rc, 0))
                .sum();
    }

    /**
     * Replaces the allocations of several consumers atomically.
     *
     * @param capacity the units of a provider and class that can be allocated, -1 if there is no inventory
     * @return the changed providers: those with new allocations, and those of a consumer that has no allocation
     *     afterwards
     */
    Set<UUID> replace(Map<UUID, Allocation> requested, ToIntBiFunction<UUID, ResourceClass> capacity) {
        requested.forEach(this::requireGeneration);
        Map<UUID, Allocation> before = new HashMap<>(all);
        requested.forEach(this::set);
        Set<UUID> changed = new HashSet<>();
        try {
            for (Allocation allocation : requested.values()) {
                allocation.resources().forEach((provider, amounts) -> {
                    changed.add(provider);
                    amounts.keySet()
                            .forEach(rc -> requireCapacity(before, provider, rc, capacity.applyAsInt(provider, rc)));
                });
            }
        } catch (PlacementException e) {
            all.clear();
            all.putAll(before);
            throw e;
        }
        requested.forEach((consumer, allocation) -> {
            if (allocation.resources().isEmpty() && before.containsKey(consumer)) {
                changed.addAll(before.get(consumer).resources().keySet());
            }
        });
        return changed;
    }

    private void requireGeneration(UUID consumer, Allocation requested) {
        Allocation known = all.get(consumer);
        Integer generation = known != null ? known.generation() : rejectedConsumers.contains(consumer) ? 0 : null;
        if (!Objects.equals(generation, requested.generation())) {
            throw new PlacementException.GenerationConflict("consumer generation conflict");
        }
    }

    private void set(UUID consumer, Allocation requested) {
        if (requested.resources().isEmpty()) {
            all.remove(consumer);
            return;
        }
        all.put(
                consumer,
                new Allocation(
                        requested.resources(),
                        requested.projectId(),
                        requested.userId(),
                        requested.generation() == null ? 1 : requested.generation() + 1,
                        requested.consumerType()));
    }

    /** Usage that already exceeds the capacity is accepted, but it must not grow. */
    private void requireCapacity(Map<UUID, Allocation> before, UUID provider, ResourceClass rc, int capacity) {
        int used = used(provider, rc);
        if (capacity < 0 || (used > capacity && used > used(before, provider, rc))) {
            // Placement includes the request id, so all these messages differ.
            throw new PlacementException.CapacityExceeded("would exceed the capacity (req-%d)".formatted(++rejections));
        }
    }

    void remove(UUID consumer) {
        all.remove(consumer);
    }

    /** Placement rejected the first claim of a consumer: it keeps the consumer, does not show it, and counts from 0. */
    void keepRejectedConsumer(UUID consumer) {
        rejectedConsumers.add(consumer);
    }

    void clear() {
        all.clear();
    }
}
