package io.pciplacement.scenario;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * What a PciAllocation says of a consumer; a device is told by its address, on another host by {@code OTHER/ADDRESS}.
 *
 * @param devices which it holds; absent where it wants some
 * @param wants what it wants: requests, groupPolicy, numaNodes and nodeName as in the object's spec, the host told by
 *     {@code host} or the other's name
 * @param managed whether the Operator makes and ends its allocation
 * @param move how it moves
 * @param project whose it says that the consumer is; {@code p}, as it is in Placement, where nothing is said
 */
public record AllocationLine(
        Optional<List<String>> devices,
        Optional<ObjectNode> wants,
        boolean managed,
        Optional<Moves> move,
        Optional<String> project) {

    /** A move; its migration is told by a name. */
    public record Moves(String type, String migration, String phase, List<String> source) {}

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public AllocationLine {
        if (devices.isPresent() == wants.isPresent()) {
            throw new IllegalArgumentException("a PciAllocation has either devices or wants");
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static AllocationLine of(List<String> devices) {
        return new AllocationLine(Optional.of(devices), Optional.empty(), false, Optional.empty(), Optional.empty());
    }

    /** The object's spec. */
    ObjectNode spec(ObjectMapper json, String host, String consumer, Function<String, UUID> uuids) {
        ObjectNode spec = json.createObjectNode();
        spec.putObject("consumer")
                .put("uuid", uuids.apply(consumer).toString())
                .put("projectId", project.orElse("p"))
                .put("userId", "u")
                .put("managedBy", managed ? "Operator" : "External");
        devices.ifPresent(held -> put(spec.putArray("devices"), host, held));
        wants.ifPresent(wanted -> {
            spec.setAll(wanted.deepCopy());
            if (wanted.has("nodeName")) {
                String node = wanted.path("nodeName").asText();
                spec.put("nodeName", node.equals("host") ? host : host + "-" + node);
            }
        });
        move.ifPresent(m -> put(
                spec.putObject("move")
                        .put("type", m.type())
                        .put("migrationUuid", uuids.apply(m.migration()).toString())
                        .put("phase", m.phase())
                        .putArray("sourceDevices"),
                host,
                m.source()));
        return spec;
    }

    private static void put(ArrayNode array, String host, List<String> devices) {
        for (String device : devices) {
            String[] parts = device.split("/");
            array.addObject()
                    .put("node", parts.length == 1 ? host : host + "-" + parts[0])
                    .put("address", parts[parts.length - 1]);
        }
    }
}
