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
 * PciAllocation of a scenario. Devices are addresses, on another host {@code OTHER/ADDRESS}.
 *
 * @param devices devices of the consumer; absent if it requests devices
 * @param claim requested devices: requests, groupPolicy, numaNodes and nodeName as in the object's spec; the host is
 *     {@code host} or the name of the other host
 * @param managed whether the operator manages the consumer's allocation
 * @param move the move of the consumer
 * @param project project of the consumer; the default is {@code p}, as in Placement
 */
public record AllocationLine(
        Optional<List<String>> devices,
        Optional<ObjectNode> claim,
        boolean managed,
        Optional<MoveLine> move,
        Optional<String> project) {

    /** A move, whose migration is identified by a name. */
    public record MoveLine(String type, String migration, String phase, List<String> source) {}

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public AllocationLine {
        if (devices.isPresent() == claim.isPresent()) {
            throw new IllegalArgumentException("a PciAllocation has either devices or a claim");
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static AllocationLine of(List<String> devices) {
        return new AllocationLine(Optional.of(devices), Optional.empty(), false, Optional.empty(), Optional.empty());
    }

    /** Returns the spec of the object. */
    ObjectNode spec(ObjectMapper json, String host, String consumer, Function<String, UUID> uuids) {
        ObjectNode spec = json.createObjectNode();
        spec.putObject("consumer")
                .put("uuid", uuids.apply(consumer).toString())
                .put("projectId", project.orElse("p"))
                .put("userId", "u")
                .put("managedBy", managed ? "Operator" : "External");
        devices.ifPresent(addresses -> put(spec.putArray("devices"), host, addresses));
        claim.ifPresent(requested -> {
            spec.setAll(requested.deepCopy());
            if (requested.has("nodeName")) {
                String node = requested.path("nodeName").asText();
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
