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
    private final Set<UUID> leftBehind = new HashSet<>();
    private int refusals;

    Allocation get(UUID consumer) {
        return all.getOrDefault(consumer, new Allocation(Map.of(), "", "", null, "INSTANCE"));
    }

    Map<UUID, Allocation> all() {
        return Map.copyOf(all);
    }

    /** Who has what of a provider. */
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
     * Replaces all that several consumers have, all or nothing.
     *
     * @param capacity how much of a provider and class may be given out, -1 where there is none of it
     * @return the providers that are changed by it: of which something is taken, or that a consumer leaves who then has
     *     nothing at all
     */
    Set<UUID> replace(Map<UUID, Allocation> wanted, ToIntBiFunction<UUID, ResourceClass> capacity) {
        wanted.forEach(this::requireGeneration);
        Map<UUID, Allocation> before = new HashMap<>(all);
        wanted.forEach(this::set);
        Set<UUID> taken = new HashSet<>();
        try {
            for (Allocation allocation : wanted.values()) {
                allocation.resources().forEach((provider, amounts) -> {
                    taken.add(provider);
                    amounts.keySet()
                            .forEach(rc -> requireCapacity(before, provider, rc, capacity.applyAsInt(provider, rc)));
                });
            }
        } catch (PlacementException e) {
            all.clear();
            all.putAll(before);
            throw e;
        }
        wanted.forEach((consumer, allocation) -> {
            if (allocation.resources().isEmpty() && before.containsKey(consumer)) {
                taken.addAll(before.get(consumer).resources().keySet());
            }
        });
        return taken;
    }

    private void requireGeneration(UUID consumer, Allocation wanted) {
        Allocation known = all.get(consumer);
        Integer generation = known != null ? known.generation() : leftBehind.contains(consumer) ? 0 : null;
        if (!Objects.equals(generation, wanted.generation())) {
            throw new PlacementException.GenerationConflict("consumer generation conflict");
        }
    }

    private void set(UUID consumer, Allocation wanted) {
        if (wanted.resources().isEmpty()) {
            all.remove(consumer);
            return;
        }
        all.put(
                consumer,
                new Allocation(
                        wanted.resources(),
                        wanted.projectId(),
                        wanted.userId(),
                        wanted.generation() == null ? 1 : wanted.generation() + 1,
                        wanted.consumerType()));
    }

    /** What is over its capacity already may stay so, but not grow. */
    private void requireCapacity(Map<UUID, Allocation> before, UUID provider, ResourceClass rc, int capacity) {
        int used = used(provider, rc);
        if (capacity < 0 || (used > capacity && used > used(before, provider, rc))) {
            // As the real one it tells the request's id, so no two refusals read alike.
            throw new PlacementException.CapacityExceeded("would exceed the capacity (req-%d)".formatted(++refusals));
        }
    }

    void remove(UUID consumer) {
        all.remove(consumer);
    }

    /** A first claim of this consumer was refused: the real one keeps it, shows it to nobody, and counts from 0. */
    void leaveBehind(UUID consumer) {
        leftBehind.add(consumer);
    }

    void clear() {
        all.clear();
    }
}
