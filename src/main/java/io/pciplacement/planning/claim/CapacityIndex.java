package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Index of hosts by free resource class and device ids, so that a claim is evaluated only on hosts that may satisfy it.
 * Updated incrementally with changed hosts; not thread-safe.
 */
public final class CapacityIndex {

    /** Resource class or ids that a request can name. */
    private record CapacityKey(@Nullable ResourceClass resourceClass, int vendorId, int productId) {

        static CapacityKey of(ResourceClass resourceClass) {
            return new CapacityKey(resourceClass, -1, -1);
        }

        static CapacityKey of(PciDevice device) {
            return new CapacityKey(null, device.vendorId(), device.productId());
        }

        /** Empty if a request names neither a class nor both ids. */
        static Optional<CapacityKey> of(DeviceRequest request) {
            if (request.resourceClass() != null) {
                return Optional.of(of(request.resourceClass()));
            }
            return request.vendorId() >= 0 && request.productId() >= 0
                    ? Optional.of(new CapacityKey(null, request.vendorId(), request.productId()))
                    : Optional.empty();
        }
    }

    private final TreeMap<String, HostCapacity.Available> hosts = new TreeMap<>();
    private final Map<String, FreeCapacity> capacities = new HashMap<>();
    private final Map<String, Set<PciAddress>> takenAtBuild = new HashMap<>();
    private final Map<CapacityKey, Set<String>> nodesByKey = new HashMap<>();
    private final Map<CapacityKey, Set<String>> nodesByVfsForNova = new HashMap<>();
    private final Map<UUID, Set<String>> nodesByConsumer = new HashMap<>();

    /** Updates the index to the current hosts; hosts that are the same object as before cost nothing. */
    public void updateHosts(Collection<HostCapacity.Available> now) {
        for (HostCapacity.Available host : now) {
            HostCapacity.Available before = hosts.get(host.node());
            if (before != host) {
                removeHost(before);
                hosts.put(host.node(), host);
                addHost(host);
            }
        }
        if (hosts.size() > now.size()) {
            Set<String> gone = new HashSet<>(hosts.keySet());
            now.forEach(host -> gone.remove(host.node()));
            gone.forEach(node -> removeHost(hosts.remove(node)));
        }
    }

    private void addHost(HostCapacity.Available host) {
        capacityKeys(host).forEach(key -> addNode(nodesByKey, key, host.node()));
        keysOfVfsForNova(host).forEach(key -> addNode(nodesByVfsForNova, key, host.node()));
        findConsumers(host).forEach(consumer -> addNode(nodesByConsumer, consumer, host.node()));
    }

    private void removeHost(HostCapacity.@Nullable Available host) {
        if (host != null) {
            capacities.remove(host.node());
            takenAtBuild.remove(host.node());
            capacityKeys(host).forEach(key -> removeNode(nodesByKey, key, host.node()));
            keysOfVfsForNova(host).forEach(key -> removeNode(nodesByVfsForNova, key, host.node()));
            findConsumers(host).forEach(consumer -> removeNode(nodesByConsumer, consumer, host.node()));
        }
    }

    private static <K> void addNode(Map<K, Set<String>> index, K key, String node) {
        index.computeIfAbsent(key, any -> new HashSet<>()).add(node);
    }

    private static <K> void removeNode(Map<K, Set<String>> index, K key, String node) {
        index.computeIfPresent(key, (k, nodes) -> nodes.remove(node) && nodes.isEmpty() ? null : nodes);
    }

    /** Returns the keys for which a host has free units. */
    private static Set<CapacityKey> capacityKeys(HostCapacity.Available host) {
        Set<CapacityKey> keys = new HashSet<>();
        for (FreeCapacity.FreeProvider provider : FreeCapacity.forHost(host, Set.of()).providers) {
            if (provider.units() > 0) {
                keys.add(CapacityKey.of(provider.capacity().resourceClass()));
                keys.add(CapacityKey.of(provider.devices().getFirst()));
            }
        }
        return keys;
    }

    /** Returns the keys for which a host has free VFs that only servers of Nova can get. */
    private static Set<CapacityKey> keysOfVfsForNova(HostCapacity.Available host) {
        Set<CapacityKey> keys = new HashSet<>();
        for (ProviderCapacity provider : FreeCapacity.findVfsForNova(host)) {
            keys.add(CapacityKey.of(provider.resourceClass()));
            keys.add(CapacityKey.of(provider.listedDevices().getFirst()));
        }
        return keys;
    }

    /** Returns the first host with free VFs of a request's class or ids that only servers of Nova can get. */
    Optional<String> findHostOfVfsForNova(Claim claim, DeviceRequest request) {
        return CapacityKey.of(request).map(key -> nodesByVfsForNova.getOrDefault(key, Set.of())).stream()
                .flatMap(Set::stream)
                .filter(node -> claim.node() == null || node.equals(claim.node()))
                .min(Comparator.naturalOrder());
    }

    /**
     * Returns the devices of a host that Placement has free for a request, and that libvirt has attached to other
     * servers: {@code address (server)}, ordered by address.
     */
    List<String> findAttachedDevices(Claim claim, DeviceRequest request, String node) {
        HostCapacity.Available host = hosts.get(node);
        UUID consumer = claim.consumer().uuid();
        return host == null
                ? List.of()
                : host.providers().values().stream()
                        .filter(provider -> provider.freeUnitsFor(consumer) > 0)
                        .flatMap(provider -> provider.listedDevices().stream()
                                .filter(device -> request.accepts(provider, device, claim.numaNodes())))
                        .flatMap(device -> host.attachments().serversWith(device.address()).stream()
                                .filter(server -> !server.uuid().equals(consumer))
                                .map(server -> "%s (%s)".formatted(device.address(), server.name())))
                        .toList();
    }

    private static Set<UUID> findConsumers(HostCapacity.Available host) {
        Set<UUID> consumers = new HashSet<>();
        host.providers()
                .values()
                .forEach(provider ->
                        consumers.addAll(provider.observed().allocations().keySet()));
        return consumers;
    }

    /** Returns the known hosts of these nodes. */
    public Map<String, HostCapacity> findHosts(Collection<String> nodes) {
        Map<String, HostCapacity> found = new HashMap<>();
        for (String node : nodes) {
            HostCapacity.Available host = hosts.get(node);
            if (host != null) {
                found.put(node, host);
            }
        }
        return found;
    }

    /** Returns the nodes that these root providers represent, ordered by name. */
    public List<String> nodesWithRoots(Set<UUID> roots) {
        return hosts.values().stream()
                .filter(host -> roots.contains(host.root()))
                .map(HostCapacity.Available::node)
                .toList();
    }

    /** Returns the nodes on which a consumer has allocations. */
    public Set<String> nodesUsedBy(UUID consumer) {
        return Collections.unmodifiableSet(nodesByConsumer.getOrDefault(consumer, Set.of()));
    }

    /**
     * Returns the nodes that may satisfy a claim, ordered by name; if there is none, the first node, so that a message
     * can describe it.
     */
    List<String> candidateNodes(Claim claim) {
        SortedSet<String> nodes = new TreeSet<>(nodesUsedBy(claim.consumer().uuid()));
        claim.requests().forEach(request -> nodes.addAll(candidateNodes(request)));
        if (claim.node() != null) {
            return hosts.containsKey(claim.node()) ? List.of(claim.node()) : List.of();
        }
        return nodes.isEmpty() && !hosts.isEmpty() ? List.of(hosts.firstKey()) : List.copyOf(nodes);
    }

    private Set<String> candidateNodes(DeviceRequest request) {
        return CapacityKey.of(request)
                .map(key -> nodesByKey.getOrDefault(key, Set.of()))
                .orElseGet(hosts::keySet);
    }

    /**
     * Returns the free capacity of a known host for a consumer; recomputed only if other consumers have other devices
     * than before. A device that libvirt has attached to another server is not free, even if it is not allocated, nor
     * are the PF of such a VF and the VFs of such a PF.
     */
    FreeCapacity freeCapacity(String node, Function<String, Set<PciAddress>> devicesHeldByOthers, UUID consumer) {
        HostCapacity.Available host = hosts.get(node);
        if (host == null) {
            throw new IllegalArgumentException("unknown host " + node);
        }
        Set<PciAddress> now = devicesHeldByOthers.apply(node);
        if (!host.attachments().servers().isEmpty()) {
            now = new HashSet<>(now);
            now.addAll(host.devices().withDependentDevices(host.attachments().devicesOfOthers(consumer)));
        }
        if (!now.equals(takenAtBuild.put(node, now))) {
            capacities.remove(node);
        }
        FreeCapacity known = capacities.get(node);
        if (known != null) {
            return known;
        }
        FreeCapacity built = FreeCapacity.forHost(host, now);
        capacities.put(node, built);
        return built;
    }
}
