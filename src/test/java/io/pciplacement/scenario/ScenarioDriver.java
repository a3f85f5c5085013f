package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.pciplacement.scenario.Step.Refusal;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Does what a scenario's steps say, with what a user, an agent and an administrator of Placement have. */
final class ScenarioDriver implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode DEFAULT_HOST = JSON.createObjectNode()
            .put("reporting", "Enabled")
            .set("rootProvider", JSON.createObjectNode().put("create", true));

    private final LocalCluster cluster;
    private final String host;
    private final PlacementFixtures placement;
    private final Set<String> specs = new TreeSet<>();
    private final Set<String> others = new TreeSet<>();
    private final Set<String> allocations = new TreeSet<>();
    private List<DeviceLine> devices = List.of();
    private boolean up;
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

    /** The device specs that are there now. */
    Set<String> specs() {
        return specs;
    }

    /** Does all of a step but what shall be refused. */
    void act(Step step) {
        placement.act(step.placement());
        if (!up || step.nodeReturns()) {
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
        boolean retired = step.deleteNode() && step.deleteHost();
        if (retired) {
            well(cluster.kubectl("delete", "node", host, "--ignore-not-found"));
        }
        if (step.deleteHost()) {
            warnings.append(well(cluster.kubectl("delete", "hpi", host)));
        }
        if (!retired && (!up || step.deleteHost())) {
            // The operator makes it for the node; whoever applies it changes that one.
            Hosts.eventually().until(() -> cluster.get("hpi", host).has("metadata"));
        }
        List<String> objects = new ArrayList<>();
        if (step.host() != null) {
            // What it says holds before its devices change.
            warnings.append(well(apply(object("HostPciInventory", host, step.host()))));
        } else if (!up) {
            objects.add(object("HostPciInventory", host, DEFAULT_HOST));
        }
        step.devices().ifPresent(lines -> devices = lines);
        boolean anew = !up || step.deleteHost() || step.restarted();
        if (!retired && !step.agentAway() && (anew || step.devices().isPresent())) {
            boots += step.restarted() ? 1 : 0;
            Hosts.publish(cluster.client(), host, DeviceLine.host(devices), DeviceLine.skipped(devices), boots);
        }
        up = true;
        step.annotations()
                .forEach((key, value) ->
                        well(cluster.kubectl("annotate", "--overwrite", "hpi", host, key + "=" + value)));
        step.others().forEach(this::other);
        step.withdrawn().forEach(consumer -> {
            well(cluster.kubectl("delete", "pcia", allocationName(consumer)));
            allocations.remove(allocationName(consumer));
        });
        warnings.append(withoutSpecs(step));
        objects.addAll(allocations(step));
        objects.addAll(specs(step));
        if (!objects.isEmpty()) {
            warnings.append(well(apply(String.join("\n---\n", objects))));
        }
        if (step.deleteNode() && !retired) {
            well(cluster.kubectl("delete", "node", host));
        }
        step.warned().forEach(part -> requirePart(warnings.toString(), part));
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

    /** The PciAllocation of a consumer. */
    String allocationName(String consumer) {
        return host + "-" + consumer;
    }

    private void other(String name, List<DeviceLine> lines) {
        if (others.add(name)) {
            Hosts.create(cluster.client(), host + "-" + name, Map.of(), true);
        }
        Hosts.publish(cluster.client(), host + "-" + name, DeviceLine.host(lines));
    }

    /** The other hosts that there are. */
    Set<String> others() {
        return others;
    }

    private String withoutSpecs(Step step) {
        if (step.delete().isEmpty()) {
            return "";
        }
        List<String> arguments = new ArrayList<>(List.of("delete", "pds"));
        arguments.addAll(step.delete());
        String warnings = well(cluster.kubectl(arguments.toArray(String[]::new)));
        step.delete().forEach(specs::remove);
        return warnings;
    }

    private List<String> specs(Step step) {
        specs.addAll(step.specs().keySet());
        return step.specs().entrySet().stream()
                .map(entry -> object("PciDeviceSpec", entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Tries what must be turned down. */
    void tryRefused(Step step) {
        step.refused().forEach((name, refusal) -> refused("PciDeviceSpec", "pds", name, refusal));
        step.refusedHost().ifPresent(refusal -> refused("HostPciInventory", "hpi", host, refusal));
    }

    private void refused(String kind, String shortKind, String name, Refusal refusal) {
        JsonNode before = cluster.get(shortKind, name).path("spec");
        ProcessResult run = apply(object(kind, name, refusal.spec()));
        if (run.status() == 0) {
            specs.add(name);
            throw new AssertionError("%s %s was accepted: %s".formatted(kind, name, run.all()));
        }
        refusal.says().forEach(part -> requirePart(run.err(), part));
        JsonNode after = cluster.get(shortKind, name).path("spec");
        if (!before.equals(after)) {
            throw new AssertionError("%s %s was refused and changed: %s".formatted(kind, name, after));
        }
    }

    private void requirePart(String text, String part) {
        if (!text.contains(filled(part))) {
            throw new AssertionError("'%s' does not say '%s'".formatted(text.strip(), filled(part)));
        }
    }

    /** A part of a message, with the names that only a run knows: {@code <host>}, and consumers as {@code <name>}. */
    String filled(String part) {
        return placement.filled(part.replace("<host>", host));
    }

    private ProcessResult apply(String object) {
        return cluster.kubectlWith(object, "apply", "-f", "-");
    }

    private static String well(ProcessResult run) {
        if (run.status() != 0) {
            throw new AssertionError("kubectl: " + run.all());
        }
        return run.err();
    }

    /** JSON is YAML, too. */
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
                Stream.concat(Stream.of(host), others.stream().map(other -> host + "-" + other))
                        .toArray(String[]::new));
        placement.clear();
    }
}
