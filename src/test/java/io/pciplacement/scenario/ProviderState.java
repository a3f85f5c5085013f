package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.testing.PlacementApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * State of a provider in Placement: inventories by class, and traits without the ownership traits.
 *
 * @param foreign whether it does not belong to the operator
 */
public record ProviderState(Map<String, Amounts> inventories, List<String> traits, boolean foreign) {

    private static final Set<String> KEYS = Set.of("total", "reserved", "used");

    /** Total, reserved and used units. */
    public record Amounts(int total, int reserved, int used) {
        @Override
        public String toString() {
            return "total %d, reserved %d, used %d".formatted(total, reserved, used);
        }
    }

    /** Reads the providers below a root by the rest of their names, the address. */
    static Map<String, ProviderState> read(PlacementApi placement, String root) {
        Map<String, ProviderState> states = new TreeMap<>();
        placement.providersBelow(root).forEach((name, uuid) -> {
            JsonNode usages =
                    placement.get("/resource_providers/" + uuid + "/usages").path("usages");
            Map<String, Amounts> inventories = new TreeMap<>();
            placement
                    .get("/resource_providers/" + uuid + "/inventories")
                    .path("inventories")
                    .properties()
                    .forEach(entry -> inventories.put(
                            entry.getKey(),
                            new Amounts(
                                    entry.getValue().path("total").asInt(),
                                    entry.getValue().path("reserved").asInt(),
                                    usages.path(entry.getKey()).asInt())));
            List<String> traits = placement.traits(uuid, true);
            boolean owned = traits.containsAll(PlacementApi.OWNERSHIP_TRAITS);
            traits.removeAll(PlacementApi.OWNERSHIP_TRAITS);
            states.put(name.substring(root.length() + 1), new ProviderState(inventories, traits, !owned));
        });
        return states;
    }

    /** Parses the expected providers of a scenario by address. */
    static Map<String, ProviderState> all(JsonNode placement) {
        if (!placement.isObject()) {
            throw new IllegalArgumentException("'placement' is a map by address, or 'unchanged'");
        }
        Map<String, ProviderState> states = new TreeMap<>();
        placement.properties().forEach(entry -> states.put(entry.getKey(), of(entry.getValue())));
        return states;
    }

    private static ProviderState of(JsonNode provider) {
        Map<String, Amounts> inventories = new TreeMap<>();
        List<String> traits = new ArrayList<>();
        boolean foreign = false;
        for (Map.Entry<String, JsonNode> entry : provider.properties()) {
            switch (entry.getKey()) {
                case "traits" -> entry.getValue().forEach(trait -> traits.add(trait.asText()));
                case "foreign", "retired" -> foreign = entry.getValue().asBoolean();
                default -> inventories.put(resourceClass(entry.getKey()), amounts(entry.getValue()));
            }
        }
        traits.sort(null);
        return new ProviderState(inventories, traits, foreign);
    }

    private static String resourceClass(String text) {
        if (!text.matches("[A-Z0-9_]+")) {
            throw new IllegalArgumentException(
                    text + " is neither a resource class nor 'traits' nor 'foreign' nor 'retired'");
        }
        return text;
    }

    private static Amounts amounts(JsonNode node) {
        if (node.isInt()) {
            return new Amounts(node.asInt(), 0, 0);
        }
        if (!node.path("total").isInt()) {
            throw new IllegalArgumentException("an inventory is a number, or has a total: " + node);
        }
        node.properties().forEach(entry -> {
            if (!KEYS.contains(entry.getKey()) || !entry.getValue().isInt()) {
                throw new IllegalArgumentException("an inventory has total, reserved and used, not: " + entry);
            }
        });
        return new Amounts(
                node.path("total").asInt(),
                node.path("reserved").asInt(),
                node.path("used").asInt());
    }
}
