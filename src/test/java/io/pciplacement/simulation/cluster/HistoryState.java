package io.pciplacement.simulation.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.testing.PlacementApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * State of the API server and of Placement at one time, read by requests of the test only.
 *
 * @param providers the providers below the hosts' root providers, by name
 * @param roots uuids of the root providers
 */
record HistoryState(
        List<HostPciInventory> hosts,
        List<PciDeviceSpec> specs,
        List<PciAllocation> allocations,
        Map<String, Provider> providers,
        Set<String> roots) {

    /**
     * Provider of a device.
     *
     * @param resourceClass its class, empty if it has no inventory
     * @param used allocated units by consumer
     */
    record Provider(
            String host,
            String address,
            String uuid,
            String resourceClass,
            int total,
            int reserved,
            List<String> traits,
            Map<UUID, Integer> used) {

        int usedUnits() {
            return used.values().stream().mapToInt(Integer::intValue).sum();
        }

        String name() {
            return host + "_" + address;
        }
    }

    static HistoryState read(HistoryObjects objects, PlacementApi placement) {
        Map<String, Provider> providers = new TreeMap<>();
        Set<String> roots = new java.util.TreeSet<>();
        for (String host : HistoryHosts.NAMES) {
            roots.add(placement.uuid(host).orElseThrow());
            placement
                    .providersBelow(host)
                    .forEach((name, uuid) -> providers.put(name, readProvider(placement, host, name, uuid)));
        }
        return new HistoryState(objects.hosts(), objects.specs(), objects.allocations(), providers, roots);
    }

    private static Provider readProvider(PlacementApi placement, String host, String name, String uuid) {
        List<Map.Entry<String, JsonNode>> inventories = new ArrayList<>(placement
                .get("/resource_providers/" + uuid + "/inventories")
                .path("inventories")
                .properties());
        if (inventories.size() > 1) {
            throw new AssertionError(name + " has several inventories: " + inventories);
        }
        Map<UUID, Integer> used = new TreeMap<>();
        placement
                .get("/resource_providers/" + uuid + "/allocations")
                .path("allocations")
                .properties()
                .forEach(entry -> {
                    int units = 0;
                    for (JsonNode amount : entry.getValue().path("resources")) {
                        units += amount.asInt();
                    }
                    used.put(UUID.fromString(entry.getKey()), units);
                });
        JsonNode inventory = inventories.isEmpty()
                ? com.fasterxml.jackson.databind.node.MissingNode.getInstance()
                : inventories.getFirst().getValue();
        return new Provider(
                host,
                name.substring(host.length() + 1),
                uuid,
                inventories.isEmpty() ? "" : inventories.getFirst().getKey(),
                inventory.path("total").asInt(),
                inventory.path("reserved").asInt(),
                placement.traits(uuid, false),
                used);
    }
}
