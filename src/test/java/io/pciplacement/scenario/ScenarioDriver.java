package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.pciplacement.scenario.Step.RejectedRequest;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Executes the steps of a scenario with the means of a user, an agent and an administrator of Placement. */
final class ScenarioDriver implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode DEFAULT_HOST = JSON.createObjectNode()
            .put("reporting", "Enabled")
            .set("rootProvider", JSON.createObjectNode().put("create", true));

    private final LocalCluster cluster;
    private final String host;
    private final PlacementFixtures placement;
    private final Set<String> specs = new TreeSet<>();
    private final Set<String> otherHosts = new TreeSet<>();
    private final Set<String> allocations = new TreeSet<>();
    private List<DeviceLine> devices = List.of();
    private boolean started;
    private int boots = 1;

    ScenarioDriver(LocalCluster cluster, String host) {
        this.cluster = cluster;
        this.host = host;
        this.placement = new PlacementFixtures(cluster.placement(), host);
    }

    String host() {
        return host;
    }

    LocalCluster cluster() {
        return cluster;
    }

    PlacementFixtures placement() {
        return placement;
    }

    /** Names of the current device specs. */
    Set<String> specs() {
        return specs;
    }

    /** Executes a step, except for the requests that must be rejected. */
    void executeStep(Step step) {
        placement.applyChanges(step.placement());
        if (!started || step.recreateNode()) {
            cluster.client()
                    .resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(host)
                            .withLabels(step.labels().orElse(Map.of()))
                            .endMetadata()
                            .build())
                    .create();
        } else {
            step.labels()
                    .ifPresent(labels -> cluster.client().nodes().withName(host).edit(node -> {
                        node.getMetadata().setLabels(labels);
                        return node;
                    }));
        }
        StringBuilder warnings = new StringBuilder();
        boolean hostRemoved = step.deleteNode() && step.deleteHost();
        if (hostRemoved) {
            requireSuccess(cluster.kubectl("delete", "node", host, "--ignore-not-found"));
        }
        if (step.deleteHost()) {
            warnings.append(requireSuccess(cluster.kubectl("delete", "hpi", host)));
        }
        if (!hostRemoved && (!started || step.deleteHost())) {
            // The operator creates it for the node; apply changes the existing object.
            Hosts.awaitCondition().until(() -> cluster.get("hpi", host).has("metadata"));
        }
        List<String> objects = new ArrayList<>();
        if (step.host() != null) {
            // Annotations are set before the devices change.
            warnings.append(requireSuccess(apply(object("HostPciInventory", host, step.host()))));
        } else if (!started) {
            objects.add(object("HostPciInventory", host, DEFAULT_HOST));
        }
        step.devices().ifPresent(lines -> devices = lines);
        boolean publish = !started || step.deleteHost() || step.restartHost();
        if (!hostRemoved && !step.agentStopped() && (publish || step.devices().isPresent())) {
            boots += step.restartHost() ? 1 : 0;
            Hosts.publish(cluster.client(), host, DeviceLine.host(devices), DeviceLine.skipped(devices), boots);
        }
        started = true;
        step.annotations()
                .forEach((key, value) ->
                        requireSuccess(cluster.kubectl("annotate", "--overwrite", "hpi", host, key + "=" + value)));
        step.otherHosts().forEach(this::publishOtherHost);
        step.deleteAllocations().forEach(consumer -> {
            requireSuccess(cluster.kubectl("delete", "pcia", allocationName(consumer)));
            allocations.remove(allocationName(consumer));
        });
        warnings.append(deleteSpecs(step));
        objects.addAll(allocations(step));
        objects.addAll(specs(step));
        if (!objects.isEmpty()) {
            warnings.append(requireSuccess(apply(String.join("\n---\n", objects))));
        }
        if (step.deleteNode() && !hostRemoved) {
            requireSuccess(cluster.kubectl("delete", "node", host));
        }
        step.warnings().forEach(part -> requirePart(warnings.toString(), part));
    }

    private List<String> allocations(Step step) {
        List<String> objects = new ArrayList<>();
        step.allocations().forEach((consumer, line) -> {
            String name = allocationName(consumer);
            objects.add(object("PciAllocation", name, line.spec(JSON, host, consumer, placement::consumer)));
            allocations.add(name);
        });
        return objects;
    }

    /** Returns the name of a consumer's PciAllocation. */
    String allocationName(String consumer) {
        return host + "-" + consumer;
    }

    private void publishOtherHost(String name, List<DeviceLine> lines) {
        if (otherHosts.add(name)) {
            Hosts.create(cluster.client(), host + "-" + name, Map.of(), true);
        }
        Hosts.publish(cluster.client(), host + "-" + name, DeviceLine.host(lines));
    }

    /** Names of the other hosts. */
    Set<String> otherHosts() {
        return otherHosts;
    }

    private String deleteSpecs(Step step) {
        if (step.delete().isEmpty()) {
            return "";
        }
        List<String> arguments = new ArrayList<>(List.of("delete", "pds"));
        arguments.addAll(step.delete());
        String warnings = requireSuccess(cluster.kubectl(arguments.toArray(String[]::new)));
        step.delete().forEach(specs::remove);
        return warnings;
    }

    private List<String> specs(Step step) {
        specs.addAll(step.specs().keySet());
        return step.specs().entrySet().stream()
                .map(entry -> object("PciDeviceSpec", entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Executes the requests that must be rejected. */
    void tryRejected(Step step) {
        step.rejected().forEach((name, request) -> requireRejection("PciDeviceSpec", "pds", name, request));
        step.rejectedHost().ifPresent(request -> requireRejection("HostPciInventory", "hpi", host, request));
    }

    private void requireRejection(String kind, String shortKind, String name, RejectedRequest request) {
        JsonNode before = cluster.get(shortKind, name).path("spec");
        ProcessResult result = apply(object(kind, name, request.spec()));
        if (result.status() == 0) {
            specs.add(name);
            throw new AssertionError("%s %s was accepted: %s".formatted(kind, name, result.all()));
        }
        request.message().forEach(part -> requirePart(result.err(), part));
        JsonNode after = cluster.get(shortKind, name).path("spec");
        if (!before.equals(after)) {
            throw new AssertionError("%s %s was rejected and changed: %s".formatted(kind, name, after));
        }
    }

    private void requirePart(String text, String part) {
        if (!text.contains(replacePlaceholders(part))) {
            throw new AssertionError("'%s' does not contain '%s'".formatted(text.strip(), replacePlaceholders(part)));
        }
    }

    /** Replaces placeholders in a part of a message: {@code <host>}, and consumers as {@code <name>}. */
    String replacePlaceholders(String part) {
        return placement.replacePlaceholders(part.replace("<host>", host));
    }

    private ProcessResult apply(String object) {
        return cluster.kubectlWith(object, "apply", "-f", "-");
    }

    private static String requireSuccess(ProcessResult result) {
        if (result.status() != 0) {
            throw new AssertionError("kubectl: " + result.all());
        }
        return result.err();
    }

    /** Returns an object as JSON, which is also YAML. */
    private static String object(String kind, String name, JsonNode spec) {
        return JSON.createObjectNode()
                .put("apiVersion", "pciplacement.io/v1alpha1")
                .put("kind", kind)
                .<ObjectNode>set("metadata", JSON.createObjectNode().put("name", name))
                .set("spec", spec)
                .toString();
    }

    @Override
    public void close() {
        Hosts.withdrawAll(cluster);
        placement.releaseAll();
        Hosts.clean(
                cluster,
                Stream.concat(Stream.of(host), otherHosts.stream().map(other -> host + "-" + other))
                        .toArray(String[]::new));
        placement.clear();
    }
}
