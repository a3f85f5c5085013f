package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.scenario.Step.Compute;
import io.pciplacement.scenario.Step.InPlacement;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.PlacementApi.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes in Placement by clients other than the operator: schedulers, administrators, other services. */
final class PlacementFixtures {

    private static final Pattern NAME = Pattern.compile("<([a-z0-9-]+)>");

    private final PlacementApi api;
    private final String host;
    private final Map<String, Map<String, Map<String, Integer>>> allocations = new TreeMap<>();
    private final Consumers consumers;

    PlacementFixtures(PlacementApi api, String host) {
        this.api = api;
        this.host = host;
        this.consumers = new Consumers(api, host, this::consumer);
    }

    Consumers consumers() {
        return consumers;
    }

    PlacementApi api() {
        return api;
    }

    void applyChanges(InPlacement changes) {
        changes.compute().ifPresent(this::compute);
        changes.create().forEach(this::create);
        changes.nova().forEach((address, inventory) -> {
            create(address, inventory);
            traits(uuid(address), List.of("COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA"));
        });
        changes.reserve().forEach((address, amount) -> {
            String uuid = uuid(address);
            var inventory = api.get("/resource_providers/" + uuid + "/inventories")
                    .path("inventories")
                    .properties()
                    .iterator()
                    .next();
            api.setInventory(
                    uuid, inventory.getKey(), inventory.getValue().path("total").asInt(), amount);
        });
        changes.allocate().forEach((name, amounts) -> {
            if (allocations.containsKey(name)) {
                throw new IllegalArgumentException(name + " already holds resources");
            }
            api.allocate(consumer(name), byUuid(amounts));
            allocations.put(name, amounts);
        });
        changes.release().forEach(name -> {
            if (allocations.remove(name) == null) {
                throw new IllegalArgumentException(name + " holds no resources");
            }
            api.release(consumer(name));
        });
        consumers.replace(changes.consumers());
    }

    private void compute(Compute change) {
        switch (change) {
            case created -> api.createComputeProvider(host);
            case deleted -> clear();
            case renamed -> rename(host, host + "-old");
            case replaced -> {
                rename(host, host + "-old");
                api.createComputeProvider(host);
            }
        }
    }

    private void rename(String from, String to) {
        String uuid = api.uuid(from).orElseThrow(() -> new AssertionError("Placement has no " + from));
        Response response = api.send("PUT", "/resource_providers/" + uuid, "{\"name\": \"" + to + "\"}");
        if (response.status() != 200) {
            throw new AssertionError("rename " + from + ": " + response);
        }
    }

    private void traits(String uuid, List<String> traits) {
        int generation = api.get("/resource_providers/" + uuid + "/traits")
                .path("resource_provider_generation")
                .asInt();
        Response response = api.send(
                "PUT",
                "/resource_providers/" + uuid + "/traits",
                "{\"resource_provider_generation\": %d, \"traits\": [\"%s\"]}"
                        .formatted(generation, String.join("\", \"", traits)));
        if (response.status() != 200) {
            throw new AssertionError("traits of " + uuid + ": " + response);
        }
    }

    private void create(String address, Map<String, Integer> inventory) {
        String root = api.uuid(host).orElseGet(() -> {
            String uuid = UUID.randomUUID().toString();
            api.create(uuid, host, null);
            return uuid;
        });
        String uuid = UUID.randomUUID().toString();
        api.create(uuid, host + "_" + address, root);
        inventory.forEach((resourceClass, total) -> {
            api.send("PUT", "/resource_classes/" + resourceClass, null);
            api.setInventory(uuid, resourceClass, total, 0);
        });
    }

    private Map<String, Map<String, Integer>> byUuid(Map<String, Map<String, Integer>> amounts) {
        Map<String, Map<String, Integer>> result = new TreeMap<>();
        amounts.forEach((address, byClass) -> result.put(uuid(address), byClass));
        return result;
    }

    private String uuid(String address) {
        return api.uuid(host + "_" + address)
                .orElseThrow(() -> new AssertionError("Placement has no provider for " + address));
    }

    UUID consumer(String name) {
        return UUID.nameUUIDFromBytes((host + "/" + name).getBytes(StandardCharsets.UTF_8));
    }

    String replacePlaceholders(String part) {
        return NAME.matcher(part).replaceAll(match -> {
            if (!allocations.containsKey(match.group(1)) && !consumers.isKnown(match.group(1))) {
                throw new IllegalArgumentException("no consumer " + match.group() + " holds resources");
            }
            return Matcher.quoteReplacement(consumer(match.group(1)).toString());
        });
    }

    /** Verifies that no consumer has lost resources. */
    void requireAllocations() {
        allocations.forEach((name, amounts) -> {
            Map<String, Map<String, Integer>> found = new TreeMap<>();
            api.get("/allocations/" + consumer(name))
                    .path("allocations")
                    .properties()
                    .forEach(provider -> {
                        Map<String, Integer> byClass = new TreeMap<>();
                        for (Map.Entry<String, JsonNode> entry :
                                provider.getValue().path("resources").properties()) {
                            byClass.put(entry.getKey(), entry.getValue().asInt());
                        }
                        found.put(provider.getKey(), byClass);
                    });
            if (!found.equals(byUuid(amounts))) {
                throw new AssertionError("%s holds %s, not %s".formatted(name, found, amounts));
            }
        });
    }

    void releaseAll() {
        List.copyOf(allocations.keySet()).forEach(name -> api.release(consumer(name)));
        allocations.clear();
        consumers.releaseAll();
    }

    /**
     * Deletes the providers that the operator must not delete: the providers of other services and the root provider.
     */
    void clear() {
        clear(host + "-old");
        clear(host);
    }

    private void clear(String root) {
        api.deleteTree(root);
    }
}
