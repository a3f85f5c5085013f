package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Writes consumers' allocations, and remembers them. A device for one use is kept back before anybody may let go of it,
 * and as soon as somebody has it: so it is never offered again uncleaned, whenever a kill may come.
 */
final class AllocationWriter {

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final Map<UUID, String> nodes;

    AllocationWriter(PlacementClient placement, ProviderCache mirror, Map<UUID, String> nodes) {
        this.placement = placement;
        this.mirror = mirror;
        this.nodes = nodes;
    }

    /**
     * Writes all in one request, and tells the nodes whose providers that touches.
     *
     * @param before what the consumers have
     * @param after what those of them that change shall have
     * @param attempt which try this is, from 1
     */
    Set<String> put(Map<UUID, Allocation> before, Map<UUID, Allocation> after, int attempt) {
        Set<UUID> left = new TreeSet<>();
        Set<UUID> taken = new TreeSet<>();
        before.forEach((consumer, allocation) -> {
            if (after.containsKey(consumer)) {
                left.addAll(allocation.resources().keySet());
            }
        });
        after.values().forEach(allocation -> taken.addAll(allocation.resources().keySet()));
        left.forEach(this::keepBack);
        Set<UUID> touched = new TreeSet<>(left);
        touched.addAll(taken);
        try {
            placement.putAllocations(attempt % 2 == 0 ? known(after) : after);
        } catch (PlacementException e) {
            if (FailureAction.to(e) == FailureAction.WAIT) {
                // It may have been carried out although no answer came.
                touched.forEach(mirror::stale);
            }
            throw e;
        }
        mirror.allocated(after, touched);
        taken.forEach(this::keepBackSoon);
        return hosts(touched);
    }

    private Set<String> hosts(Set<UUID> touched) {
        Set<String> hosts = new TreeSet<>();
        touched.forEach(uuid -> mirror.get(uuid)
                .map(entry -> nodes.get(entry.provider().root()))
                .ifPresent(hosts::add));
        return hosts;
    }

    /**
     * As {@link #put}, for a consumer that has its devices whatever Placement says. If a one-time-use device has no
     * room only because it is reserved until it is cleaned, its holder gets its allocation all the same. In one
     * request, in which the inventory grows by just that amount: in between nobody else can be given the device.
     */
    Set<String> putBack(Map<UUID, Allocation> before, Map<UUID, Allocation> after, int attempt) {
        try {
            return put(before, after, attempt);
        } catch (PlacementException.CapacityExceeded e) {
            Map<UUID, ProviderInventories> reserved = new TreeMap<>();
            Map<UUID, ProviderInventories> grown = new TreeMap<>();
            after.forEach((consumer, allocation) -> allocation.resources().forEach((provider, amounts) -> {
                Allocation had = before.get(consumer);
                if (had == null || !had.resources().containsKey(provider)) {
                    grow(provider, amounts, reserved, grown);
                }
            }));
            if (grown.isEmpty()) {
                throw e;
            }
            try {
                placement.reshape(grown, after);
            } catch (PlacementException.Forbidden forbidden) {
                throw e;
            } finally {
                grown.keySet().forEach(mirror::stale);
            }
            reserved.forEach(this::shrink);
            return hosts(grown.keySet());
        }
    }

    /** Adds a provider to those that grow, if only its reservation is in the way. */
    private void grow(
            UUID provider,
            Map<ResourceClass, Integer> amounts,
            Map<UUID, ProviderInventories> reserved,
            Map<UUID, ProviderInventories> grown) {
        if (!mirror.ofDevices(provider) || !placement.traits(provider).traits().contains(Trait.ONE_TIME_USE)) {
            return;
        }
        ProviderInventories present = placement.inventories(provider);
        ProviderAllocations allocations = placement.allocations(provider);
        SortedMap<ResourceClass, Inventory> larger = new TreeMap<>(present.byClass());
        amounts.forEach((resourceClass, amount) -> larger.computeIfPresent(resourceClass, (rc, inventory) -> {
            int used = allocations.byConsumer().values().stream()
                    .mapToInt(has -> has.getOrDefault(rc, 0))
                    .sum();
            boolean free = inventory.total() - used >= amount;
            return free ? Inventory.of(inventory.reserved() + used + amount, inventory.reserved()) : inventory;
        }));
        if (!larger.equals(present.byClass())) {
            reserved.put(provider, present);
            grown.put(provider, new ProviderInventories(present.generation(), larger));
        }
    }

    /** Where that does not go through at once, the next sync of the host does it. */
    private void shrink(UUID provider, ProviderInventories reserved) {
        try {
            int generation = placement.inventories(provider).generation();
            placement.putInventories(provider, new ProviderInventories(generation, reserved.byClass()));
        } catch (PlacementException e) {
            if (FailureAction.to(e) == FailureAction.WAIT) {
                throw e;
            }
        } finally {
            mirror.stale(provider);
        }
    }

    /**
     * Placement keeps a consumer whose first claim it refused, shows it to nobody, and takes no second first claim for
     * it: generation 0 is then the right one.
     */
    private static Map<UUID, Allocation> known(Map<UUID, Allocation> allocations) {
        Map<UUID, Allocation> known = new TreeMap<>(allocations);
        known.replaceAll((uuid, allocation) -> allocation.generation() != null
                ? allocation
                : new Allocation(
                        allocation.resources(),
                        allocation.projectId(),
                        allocation.userId(),
                        0,
                        allocation.consumerType()));
        return known;
    }

    /** Somebody else was faster: what is left of a provider is read again. */
    void readAgain(UUID provider) {
        mirror.get(provider).map(ProviderCache.Entry::view).ifPresent(view -> {
            ProviderAllocations read = placement.allocations(provider);
            mirror.reread(view, read);
        });
    }

    /**
     * Reserves all of a provider for one use, where that is not so already.
     *
     * @return whether it had to be written
     */
    boolean keepBack(UUID provider) {
        if (!mirror.ofDevices(provider)) {
            return false;
        }
        ObservedProvider view =
                mirror.get(provider).map(ProviderCache.Entry::view).orElse(null);
        Set<Trait> traits =
                view != null ? view.traits() : placement.traits(provider).traits();
        if (!traits.contains(Trait.ONE_TIME_USE)) {
            return false;
        }
        ProviderInventories present = view != null
                ? new ProviderInventories(view.provider().generation(), view.inventories())
                : placement.inventories(provider);
        SortedMap<ResourceClass, Inventory> all = new TreeMap<>();
        present.byClass().forEach((rc, inventory) -> all.put(rc, inventory.withReserved(inventory.total())));
        if (all.equals(present.byClass())) {
            return false;
        }
        try {
            int generation = placement.putInventories(provider, new ProviderInventories(present.generation(), all));
            if (view != null) {
                mirror.put(view.withInventories(generation, all, view.deviceType()));
            }
            return true;
        } catch (PlacementException e) {
            mirror.stale(provider);
            throw e;
        }
    }

    /** The same once it is somebody's: where it does not go through at once the next sync of its host does it. */
    private void keepBackSoon(UUID provider) {
        try {
            keepBack(provider);
        } catch (PlacementException e) {
            if (FailureAction.to(e) == FailureAction.WAIT) {
                throw e;
            }
        }
    }
}
