package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostCapacity;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What many hosts have to give, in such order that a claim looks only at hosts that have something of what it wants.
 * Kept from claim to claim, and brought up to date with the hosts that have changed; not for use by several threads.
 */
public final class CapacityIndex {

    /** What a wish may name, as far as that can be looked up. */
    private record CapacityKey(@Nullable ResourceClass resourceClass, int vendorId, int productId) {

        static CapacityIndex.CapacityKey of(ResourceClass resourceClass) {
            return new CapacityIndex.CapacityKey(resourceClass, -1, -1);
        }

        static CapacityIndex.CapacityKey of(PciDevice device) {
            return new CapacityIndex.CapacityKey(null, device.vendorId(), device.productId());
        }
    }

    private final TreeMap<String, HostCapacity.Available> hosts = new TreeMap<>();
    private final Map<String, FreeCapacity> rooms = new HashMap<>();
    private final Map<String, Set<PciAddress>> takenThen = new HashMap<>();
    private final Map<CapacityIndex.CapacityKey, Set<String>> free = new HashMap<>();
    private final Map<UUID, Set<String>> holders = new HashMap<>();

    /** Takes in what all hosts have now; those that are the same object as before cost nothing. */
    public void update(Collection<HostCapacity.Available> now) {
        for (HostCapacity.Available host : now) {
            HostCapacity.Available before = hosts.get(host.node());
            if (before != host) {
                unlink(before);
                hosts.put(host.node(), host);
                link(host);
            }
        }
        if (hosts.size() > now.size()) {
            Set<String> gone = new HashSet<>(hosts.keySet());
            now.forEach(host -> gone.remove(host.node()));
            gone.forEach(node -> unlink(hosts.remove(node)));
        }
    }

    private void link(HostCapacity.Available host) {
        goods(host)
                .forEach(
                        good -> free.computeIfAbsent(good, g -> new HashSet<>()).add(host.node()));
        consumers(host)
                .forEach(consumer ->
                        holders.computeIfAbsent(consumer, c -> new HashSet<>()).add(host.node()));
    }

    private void unlink(HostCapacity.@Nullable Available host) {
        if (host != null) {
            rooms.remove(host.node());
            takenThen.remove(host.node());
            goods(host).forEach(good -> drop(free, good, host.node()));
            consumers(host).forEach(consumer -> drop(holders, consumer, host.node()));
        }
    }

    private static <K> void drop(Map<K, Set<String>> index, K key, String node) {
        index.computeIfPresent(key, (k, nodes) -> nodes.remove(node) && nodes.isEmpty() ? null : nodes);
    }

    /** What Placement has some left of on a host. */
    private static Set<CapacityIndex.CapacityKey> goods(HostCapacity.Available host) {
        Set<CapacityIndex.CapacityKey> goods = new HashSet<>();
        for (FreeCapacity.FreeProvider slot : FreeCapacity.of(host, Set.of()).slots) {
            if (slot.units() > 0) {
                goods.add(CapacityIndex.CapacityKey.of(slot.provider().resourceClass()));
                goods.add(CapacityIndex.CapacityKey.of(slot.devices().getFirst()));
            }
        }
        return goods;
    }

    private static Set<UUID> consumers(HostCapacity.Available host) {
        Set<UUID> consumers = new HashSet<>();
        host.providers()
                .values()
                .forEach(provider ->
                        consumers.addAll(provider.view().allocations().keySet()));
        return consumers;
    }

    /** What each of these hosts is known to have. */
    public Map<String, HostCapacity> hosts(Collection<String> nodes) {
        Map<String, HostCapacity> found = new HashMap<>();
        for (String node : nodes) {
            HostCapacity.Available host = hosts.get(node);
            if (host != null) {
                found.put(node, host);
            }
        }
        return found;
    }

    /** The hosts that these root providers stand for, by name. */
    public List<String> nodesOf(Set<UUID> roots) {
        return hosts.values().stream()
                .filter(host -> roots.contains(host.root()))
                .map(HostCapacity.Available::node)
                .toList();
    }

    /** The hosts where a consumer has something already. */
    public Set<String> holding(UUID consumer) {
        return Collections.unmodifiableSet(holders.getOrDefault(consumer, Set.of()));
    }

    /**
     * The hosts that may have something of what a claim wants, by name; where none has, the one that comes first, so
     * that something can be said of it.
     */
    List<String> nodesFor(Claim claim) {
        SortedSet<String> nodes = new TreeSet<>(holding(claim.consumer().uuid()));
        claim.wishes().forEach(wish -> nodes.addAll(nodesFor(wish)));
        if (claim.node() != null) {
            return hosts.containsKey(claim.node()) ? List.of(claim.node()) : List.of();
        }
        return nodes.isEmpty() && !hosts.isEmpty() ? List.of(hosts.firstKey()) : List.copyOf(nodes);
    }

    private Set<String> nodesFor(DeviceRequest wish) {
        if (wish.resourceClass() != null) {
            return free.getOrDefault(CapacityIndex.CapacityKey.of(wish.resourceClass()), Set.of());
        }
        if (wish.vendorId() >= 0 && wish.productId() >= 0) {
            return free.getOrDefault(new CapacityIndex.CapacityKey(null, wish.vendorId(), wish.productId()), Set.of());
        }
        return hosts.keySet();
    }

    /** What is free on a host that is known; put together again only where others hold other devices than before. */
    FreeCapacity room(String node, Function<String, Set<PciAddress>> taken) {
        HostCapacity.Available host = hosts.get(node);
        if (host == null) {
            throw new IllegalArgumentException("no host " + node);
        }
        Set<PciAddress> now = taken.apply(node);
        if (!now.equals(takenThen.put(node, now))) {
            rooms.remove(node);
        }
        FreeCapacity known = rooms.get(node);
        if (known != null) {
            return known;
        }
        FreeCapacity made = FreeCapacity.of(host, now);
        rooms.put(node, made);
        return made;
    }
}
