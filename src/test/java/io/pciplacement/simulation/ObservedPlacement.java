package io.pciplacement.simulation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** The providers and allocations of all hosts as last read from Placement. */
final class ObservedPlacement {

    private final PlacementClient placement;
    private final Map<String, UUID> roots;
    private final Map<UUID, ProviderInventories> inventories = new HashMap<>();
    private final Map<String, Provider> providers = new TreeMap<>();
    private final Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> byConsumer = new TreeMap<>();

    /** Current state of one device provider. */
    record Provider(
            UUID uuid, Map<ResourceClass, Inventory> inventories, Map<UUID, Map<ResourceClass, Integer>> allocations) {

        int used() {
            return allocations.values().stream()
                    .flatMap(amounts -> amounts.values().stream())
                    .mapToInt(Integer::intValue)
                    .sum();
        }

        /** Free units. */
        int free() {
            return inventories.values().stream()
                    .mapToInt(inventory -> inventory.total() - inventory.reserved() - used())
                    .sum();
        }
    }

    /** @param roots the root provider of each host */
    ObservedPlacement(PlacementClient placement, Map<String, UUID> roots) {
        this.placement = placement;
        this.roots = roots;
    }

    /** Reads everything again. */
    void refresh() {
        providers.clear();
        byConsumer.clear();
        roots.forEach((host, root) -> {
            for (ResourceProvider provider : placement.listProvidersInTree(root)) {
                UUID uuid = provider.uuid();
                ProviderInventories known = inventories.get(uuid);
                if (known == null || known.generation() != provider.generation()) {
                    inventories.put(uuid, placement.getInventories(uuid));
                }
                var allocations = placement.getProviderAllocations(uuid).byConsumer();
                allocations.forEach((consumer, amounts) -> byConsumer
                        .computeIfAbsent(consumer, c -> new HashMap<>())
                        .put(uuid, amounts));
                if (!uuid.equals(root)) {
                    providers.put(
                            provider.name(),
                            new Provider(uuid, inventories.get(uuid).byClass(), Map.copyOf(allocations)));
                }
            }
        });
    }

    /** The device providers by name. */
    Map<String, Provider> providers() {
        return providers;
    }

    Optional<Provider> findProvider(String host, PciAddress address) {
        return Optional.ofNullable(providers.get(new ProviderName(host, address).toString()));
    }

    /** The consumers that have allocations. */
    Set<UUID> consumers() {
        return byConsumer.keySet();
    }

    /** The allocations of a consumer from device providers. */
    Map<UUID, Map<ResourceClass, Integer>> deviceAllocations(UUID consumer) {
        Map<UUID, Map<ResourceClass, Integer>> has = new HashMap<>(byConsumer.getOrDefault(consumer, Map.of()));
        has.keySet().removeIf(roots::containsValue);
        return has;
    }

    /** The allocations of a consumer from root providers. */
    Map<UUID, Map<ResourceClass, Integer>> rootAllocations(UUID consumer) {
        Map<UUID, Map<ResourceClass, Integer>> has = new HashMap<>(byConsumer.getOrDefault(consumer, Map.of()));
        has.keySet().removeIf(provider -> !roots.containsValue(provider));
        return has;
    }

    /** The units that a consumer has of each device provider. */
    Map<UUID, Integer> deviceUnits(UUID consumer) {
        return units(deviceAllocations(consumer));
    }

    static Map<UUID, Integer> units(Map<UUID, Map<ResourceClass, Integer>> allocations) {
        Map<UUID, Integer> units = new HashMap<>();
        allocations.forEach((provider, amounts) -> units.put(
                provider, amounts.values().stream().mapToInt(Integer::intValue).sum()));
        return units;
    }

    /** Whether a consumer has no allocation on at least one host. */
    boolean isOutsideOfAHost(UUID consumer) {
        return rootsOf(byConsumer.getOrDefault(consumer, Map.of())).size() < roots.size();
    }

    /** The root providers of the hosts where these allocations are. */
    Set<UUID> rootsOf(Map<UUID, Map<ResourceClass, Integer>> allocations) {
        Set<UUID> found = new HashSet<>();
        roots.forEach((host, root) -> {
            if (allocations.containsKey(root)
                    || providers.entrySet().stream()
                            .filter(entry -> ProviderName.findAddressBelow(host, entry.getKey())
                                    .isPresent())
                            .anyMatch(entry ->
                                    allocations.containsKey(entry.getValue().uuid()))) {
                found.add(root);
            }
        });
        return found;
    }
}
