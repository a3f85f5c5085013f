package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.testing.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is to be seen at one moment: the objects as {@code kubectl get -o json} has them, then Placement.
 *
 * @param host the HostPciInventory, a missing node where there is none
 * @param specs the device specs by name
 * @param placement the providers below the host by address
 * @param allocations the PciAllocations asked for, by consumer
 * @param consumers what the consumers asked for have in Placement
 */
record Observation(
        JsonNode host,
        Map<String, JsonNode> specs,
        Map<String, ProviderState> placement,
        Map<String, JsonNode> allocations,
        Map<String, Map<String, Map<String, Integer>>> consumers) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/apis/pciplacement.io/v1alpha1/";

    /** What Kubernetes has, without a look at Placement. */
    static Observation ofKubernetes(ScenarioDriver stage, Expectations then) {
        JsonNode host = get(stage.cluster(), "hostpciinventories/" + stage.host());
        Map<String, JsonNode> specs = new TreeMap<>();
        for (String name : stage.specs()) {
            specs.put(name, get(stage.cluster(), "pcidevicespecs/" + name));
        }
        Map<String, JsonNode> allocations = new TreeMap<>();
        for (String consumer : then.allocations().keySet()) {
            allocations.put(consumer, get(stage.cluster(), "pciallocations/" + stage.allocationName(consumer)));
        }
        return new Observation(host, specs, Map.of(), allocations, Map.of());
    }

    /** The same with what Placement has now: what a status tells has been done by then. */
    Observation withPlacement(ScenarioDriver stage, Expectations then) {
        Map<String, Map<String, Map<String, Integer>>> consumers = new TreeMap<>();
        for (String consumer : then.consumers().keySet()) {
            consumers.put(consumer, stage.placement().consumers().has(consumer, stage.others()));
        }
        return new Observation(
                host, specs, ProviderState.read(stage.placement().api(), stage.host()), allocations, consumers);
    }

    private static JsonNode get(LocalCluster cluster, String path) {
        try {
            String text = cluster.client().raw(API + path);
            return text == null ? JSON.missingNode() : JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the operator has acted on the host's spec and devices, and on every device spec. */
    boolean actedOnAll() {
        JsonNode status = host.path("status");
        return acted(host)
                && status.path("observedInventoryHash")
                        .equals(status.path("agent").path("inventoryHash"))
                && specs.values().stream().allMatch(Observation::acted)
                && allocations.values().stream().allMatch(Observation::acted);
    }

    private static boolean acted(JsonNode object) {
        return object.at("/status/observedGeneration").asLong()
                == object.at("/metadata/generation").asLong();
    }

    /** The host's rows, by address. */
    Map<String, JsonNode> rows() {
        Map<String, JsonNode> rows = new TreeMap<>();
        String root = host.at("/metadata/name").asText();
        for (JsonNode row : host.at("/status/providers")) {
            rows.put(row.path("name").asText().substring(root.length() + 1), row);
        }
        return rows;
    }

    /** The devices that the status of a PciAllocation names, as steps do: {@code ADDRESS}, {@code OTHER/ADDRESS}. */
    List<String> devicesOf(JsonNode status) {
        String own = host.at("/metadata/name").asText();
        List<String> devices = new ArrayList<>();
        for (JsonNode device : status.path("devices")) {
            String node = device.path("node").asText();
            String address = device.path("address").asText();
            devices.add(node.equals(own) ? address : node.substring(own.length() + 1) + "/" + address);
        }
        return devices;
    }

    /** What nobody explains, by consumer and provider's address. */
    Map<String, Integer> unexplained() {
        String root = host.at("/metadata/name").asText();
        Map<String, Integer> found = new TreeMap<>();
        for (JsonNode row : host.at("/status/unaccountedAllocations")) {
            String address = row.path("provider").asText().substring(root.length() + 1);
            found.put(
                    row.path("consumerUuid").asText() + " of " + address,
                    row.path("amount").asInt());
        }
        return found;
    }

    static JsonNode condition(JsonNode object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return JSON.missingNode();
    }
}
