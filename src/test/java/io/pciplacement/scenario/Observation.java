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
 * Observed state: the objects as {@code kubectl get -o json} returns them, then Placement.
 *
 * @param host the HostPciInventory, a missing node if it does not exist
 * @param specs the device specs by name
 * @param placement the providers below the host by address
 * @param allocations the expected PciAllocations, by consumer
 * @param consumers the resources of the expected consumers in Placement
 */
record Observation(
        JsonNode host,
        Map<String, JsonNode> specs,
        Map<String, ProviderState> placement,
        Map<String, JsonNode> allocations,
        Map<String, Map<String, Map<String, Integer>>> consumers) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/apis/pciplacement.io/v1alpha1/";

    /** Reads the state of Kubernetes only. */
    static Observation ofKubernetes(ScenarioDriver driver, Expectations then) {
        JsonNode host = get(driver.cluster(), "hostpciinventories/" + driver.host());
        Map<String, JsonNode> specs = new TreeMap<>();
        for (String name : driver.specs()) {
            specs.put(name, get(driver.cluster(), "pcidevicespecs/" + name));
        }
        Map<String, JsonNode> allocations = new TreeMap<>();
        for (String consumer : then.allocations().keySet()) {
            allocations.put(consumer, get(driver.cluster(), "pciallocations/" + driver.allocationName(consumer)));
        }
        return new Observation(host, specs, Map.of(), allocations, Map.of());
    }

    /** Returns a copy with the current state of Placement, to which the statuses refer. */
    Observation withPlacement(ScenarioDriver driver, Expectations then) {
        Map<String, Map<String, Map<String, Integer>>> consumers = new TreeMap<>();
        for (String consumer : then.consumers().keySet()) {
            consumers.put(consumer, driver.placement().consumers().resourcesOf(consumer, driver.otherHosts()));
        }
        return new Observation(
                host, specs, ProviderState.read(driver.placement().api(), driver.host()), allocations, consumers);
    }

    private static JsonNode get(LocalCluster cluster, String path) {
        try {
            String text = cluster.client().raw(API + path);
            return text == null ? JSON.missingNode() : JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the operator has processed the host's spec and devices, and every device spec. */
    boolean isFullyProcessed() {
        JsonNode status = host.path("status");
        return isProcessed(host)
                && status.path("observedInventoryHash")
                        .equals(status.path("agent").path("inventoryHash"))
                && specs.values().stream().allMatch(Observation::isProcessed)
                && allocations.values().stream().allMatch(Observation::isProcessed);
    }

    private static boolean isProcessed(JsonNode object) {
        return object.at("/status/observedGeneration").asLong()
                == object.at("/metadata/generation").asLong();
    }

    /** Returns the host's rows by address. */
    Map<String, JsonNode> rows() {
        Map<String, JsonNode> rows = new TreeMap<>();
        String root = host.at("/metadata/name").asText();
        for (JsonNode row : host.at("/status/providers")) {
            rows.put(row.path("name").asText().substring(root.length() + 1), row);
        }
        return rows;
    }

    /**
     * Returns the devices in the status of a PciAllocation in the form of the steps: {@code ADDRESS},
     * {@code OTHER/ADDRESS}.
     */
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

    /** Returns the unaccounted allocations by consumer and address of the provider. */
    Map<String, Integer> unaccounted() {
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
