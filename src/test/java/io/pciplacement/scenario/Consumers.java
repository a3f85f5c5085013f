package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.PlacementApi.Response;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes allocations of several consumers in one request, as Nova does. A provider is identified by its address,
 * {@code OTHER/ADDRESS} on another host, and the root provider of a host by {@code host} or {@code OTHER/host}; the
 * latter has VCPUs.
 */
final class Consumers {

    private final PlacementApi api;
    private final String host;
    private final Function<String, UUID> uuids;
    private final Set<String> known = new TreeSet<>();

    Consumers(PlacementApi api, String host, Function<String, UUID> uuids) {
        this.api = api;
        this.host = host;
        this.uuids = uuids;
    }

    /** Replaces the allocations of consumers; a consumer without resources is removed. */
    void replace(Map<String, Map<String, Map<String, Integer>>> all) {
        if (all.isEmpty()) {
            return;
        }
        known.addAll(all.keySet());
        String body = all.entrySet().stream()
                .map(entry ->
                        "\"%s\": %s".formatted(uuids.apply(entry.getKey()), body(entry.getKey(), entry.getValue())))
                .collect(Collectors.joining(", ", "{", "}"));
        Response response = api.send("POST", "/allocations", body);
        if (response.status() != 204) {
            throw new AssertionError("POST /allocations: " + response);
        }
    }

    private String body(String name, Map<String, Map<String, Integer>> amounts) {
        JsonNode generation = api.get("/allocations/" + uuids.apply(name)).path("consumer_generation");
        String resources = amounts.entrySet().stream()
                .map(entry -> "\"%s\": {\"resources\": %s}"
                        .formatted(
                                provider(entry.getKey()),
                                entry.getValue().entrySet().stream()
                                        .map(amount -> "\"%s\": %d".formatted(amount.getKey(), amount.getValue()))
                                        .collect(Collectors.joining(", ", "{", "}"))))
                .collect(Collectors.joining(", ", "{", "}"));
        return """
                {"allocations": %s, "project_id": "p", "user_id": "u", "consumer_generation": %s, "consumer_type": "%s"}
                """.formatted(
                        resources,
                        generation.isInt() ? generation.asText() : "null",
                        name.startsWith("migration") ? "MIGRATION" : "INSTANCE");
    }

    private String provider(String path) {
        String[] parts = path.split("/");
        String rootProvider = parts.length == 1 ? host : host + "-" + parts[0];
        String address = parts[parts.length - 1];
        String name = address.equals("host") ? rootProvider : rootProvider + "_" + address;
        String uuid = api.uuid(name).orElseThrow(() -> new AssertionError("Placement has no provider " + name));
        if (address.equals("host")
                && api.get("/resource_providers/" + uuid + "/inventories")
                        .path("inventories")
                        .isEmpty()) {
            api.setInventory(uuid, "VCPU", 64, 0);
        }
        return uuid;
    }

    /** Returns the resources of a consumer by provider and class. */
    Map<String, Map<String, Integer>> resourcesOf(String name, Set<String> others) {
        Map<String, String> names = new TreeMap<>();
        name(names, host, "");
        others.forEach(other -> name(names, host + "-" + other, other + "/"));
        Map<String, Map<String, Integer>> found = new TreeMap<>();
        api.get("/allocations/" + uuids.apply(name))
                .path("allocations")
                .properties()
                .forEach(provider -> {
                    Map<String, Integer> amounts = new TreeMap<>();
                    provider.getValue()
                            .path("resources")
                            .properties()
                            .forEach(amount -> amounts.put(
                                    amount.getKey(), amount.getValue().asInt()));
                    found.put(names.getOrDefault(provider.getKey(), provider.getKey()), amounts);
                });
        return found;
    }

    private void name(Map<String, String> names, String rootProvider, String prefix) {
        api.uuid(rootProvider).ifPresent(uuid -> names.put(uuid, prefix + "host"));
        api.providersBelow(rootProvider)
                .forEach((name, uuid) -> names.put(uuid, prefix + name.substring(rootProvider.length() + 1)));
    }

    boolean isKnown(String name) {
        return known.contains(name);
    }

    void releaseAll() {
        known.forEach(name -> api.release(uuids.apply(name)));
    }
}
