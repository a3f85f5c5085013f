package io.pciplacement.placement.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.Trait;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** JSON writers for the bodies of requests to Placement. */
final class RequestBodies {

    private static final JsonMapper JSON = new JsonMapper();

    private RequestBodies() {}

    static String providerBody(UUID uuid, String name, Optional<UUID> parent) {
        ObjectNode body = JSON.createObjectNode().put("uuid", uuid.toString()).put("name", name);
        parent.ifPresent(p -> body.put("parent_provider_uuid", p.toString()));
        return serialize(body);
    }

    static String inventoriesBody(ProviderInventories inventories) {
        return serialize(inventoriesJson(inventories));
    }

    static String traitsBody(ProviderTraits traits) {
        ObjectNode body = JSON.createObjectNode().put("resource_provider_generation", traits.generation());
        var names = body.putArray("traits");
        traits.traits().stream().map(Trait::name).forEach(names::add);
        return serialize(body);
    }

    static String reshapeBody(
            Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations, boolean withTypes) {
        ObjectNode body = JSON.createObjectNode();
        ObjectNode byProvider = body.putObject("inventories");
        inventories.forEach((uuid, all) -> byProvider.set(uuid.toString(), inventoriesJson(all)));
        body.set("allocations", allocationsJson(allocations, withTypes));
        return serialize(body);
    }

    static String allocationsBody(Map<UUID, Allocation> allocations, boolean withTypes) {
        return serialize(allocationsJson(allocations, withTypes));
    }

    private static ObjectNode inventoriesJson(ProviderInventories inventories) {
        ObjectNode json = JSON.createObjectNode().put("resource_provider_generation", inventories.generation());
        ObjectNode byClass = json.putObject("inventories");
        inventories
                .byClass()
                .forEach((resourceClass, inventory) -> byClass.set(resourceClass.name(), inventoryJson(inventory)));
        return json;
    }

    private static ObjectNode inventoryJson(Inventory inventory) {
        return JSON.createObjectNode()
                .put("total", inventory.total())
                .put("reserved", inventory.reserved())
                .put("min_unit", inventory.minUnit())
                .put("max_unit", inventory.maxUnit())
                .put("step_size", inventory.stepSize())
                .put("allocation_ratio", inventory.allocationRatio());
    }

    private static ObjectNode allocationsJson(Map<UUID, Allocation> allocations, boolean withTypes) {
        ObjectNode json = JSON.createObjectNode();
        allocations.forEach((consumer, allocation) -> {
            ObjectNode one = json.putObject(consumer.toString());
            ObjectNode byProvider = one.putObject("allocations");
            allocation.resources().forEach((provider, amounts) -> {
                if (!amounts.isEmpty()) {
                    ObjectNode resources =
                            byProvider.putObject(provider.toString()).putObject("resources");
                    amounts.forEach((resourceClass, amount) -> resources.put(resourceClass.name(), amount));
                }
            });
            one.put("project_id", allocation.projectId())
                    .put("user_id", allocation.userId())
                    .put("consumer_generation", allocation.generation());
            if (withTypes) {
                one.put("consumer_type", allocation.consumerType());
            }
        });
        return json;
    }

    private static String serialize(ObjectNode body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot serialize a JSON tree", e);
        }
    }
}
