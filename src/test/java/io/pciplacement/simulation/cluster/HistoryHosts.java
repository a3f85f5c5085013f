package io.pciplacement.simulation.cluster;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.testing.LocalCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The hosts of a history: compute nodes whose root provider exists, each with a sysfs tree that changes, and a real
 * agent that reads it. Nodes come and go; the trees and the root providers stay.
 */
final class HistoryHosts {

    static final List<String> NAMES = List.of("history-a", "history-b", "history-c");

    static final List<String> PLAIN = List.of("0000:81:00.0", "0000:81:01.0");
    static final String PF_WITH_VFS = "0000:81:02.0";
    static final String PF = "0000:81:03.0";
    static final int MOST_VFS = 6;

    /** All devices that a spec may select. */
    static final List<String> ALL = Stream.of(
                    PLAIN.stream(), Stream.of(PF), IntStream.range(0, MOST_VFS).mapToObj(HistoryHosts::vf))
            .flatMap(addresses -> addresses)
            .toList();

    private final LocalCluster cluster;
    private final KubernetesClient client;
    private final Path directory;
    private final Map<String, SysfsTree> trees = new TreeMap<>();
    private final Map<String, Set<String>> addresses = new TreeMap<>();
    private final Map<String, Process> agents = new TreeMap<>();

    HistoryHosts(LocalCluster cluster, KubernetesClient client, Path directory) {
        this.cluster = cluster;
        this.client = client;
        this.directory = directory;
        NAMES.forEach(this::createTree);
    }

    private void createTree(String name) {
        SysfsTree tree = new SysfsTree(directory.resolve(name))
                .pf(PF_WITH_VFS, "8086", "1528", "1515", 7)
                .pf(PF, "8086", "1528", "1515", 7);
        Set<String> all = new TreeSet<>(List.of(PF_WITH_VFS, PF));
        for (String address : PLAIN) {
            tree.device(address, "8086", "1533", "020000");
            all.add(address);
        }
        for (int i = 0; i < MOST_VFS; i++) {
            tree.vf(vf(i), PF_WITH_VFS, i, "8086", "1515");
            all.add(vf(i));
        }
        trees.put(name, tree);
        addresses.put(name, all);
        cluster.placement().createComputeProvider(name);
    }

    static String vf(int index) {
        return "0000:81:02." + (index + 1);
    }

    /** Address in the name of the provider of a device. */
    static String providerAddress(String address) {
        return address.startsWith("0000:81:02.") ? PF_WITH_VFS : address;
    }

    /** Addresses of the devices that a host has now. */
    Set<String> addresses(String name) {
        return Set.copyOf(addresses.get(name));
    }

    /** Content of a provider that the specs require. */
    record Required(String resourceClass, int total, List<String> traits) {}

    /** The providers that the specs require for the devices that a host has now, by name. */
    Map<String, Required> requiredProviders(String host, HistoryState state) {
        Map<String, List<String>> traits = new HashMap<>();
        state.specs()
                .forEach(spec -> traits.put(
                        spec.getMetadata().getName(),
                        spec.getSpec().traits().stream()
                                .map(trait -> "CUSTOM_" + trait.toUpperCase(java.util.Locale.ROOT))
                                .toList()));
        Map<String, Required> required = new TreeMap<>();
        for (String address : addresses(host)) {
            boolean vf = address.startsWith("0000:81:02.");
            if (address.equals(PF_WITH_VFS)) {
                continue;
            }
            String spec = vf ? "history-vfs" : address.equals(PF) ? "history-pf" : "history-plain";
            if (traits.containsKey(spec)) {
                required.merge(
                        host + "_" + providerAddress(address),
                        new Required(
                                spec.replace("history-", "CUSTOM_")
                                        .replace("vfs", "vf")
                                        .toUpperCase(java.util.Locale.ROOT),
                                1,
                                traits.get(spec)),
                        (one, other) -> new Required(one.resourceClass(), one.total() + other.total(), one.traits()));
            }
        }
        return required;
    }

    boolean exists(String name) {
        return agents.containsKey(name);
    }

    List<String> existing() {
        return List.copyOf(agents.keySet());
    }

    /** Creates the Node and its object, and starts the agent. */
    void add(String name, String reporting) {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
        agents.put(name, cluster.agent(name, trees.get(name).root()));
        patch(name, "{\"spec\": {\"reporting\": \"%s\"}}".formatted(reporting));
    }

    /** Changes the object of a host, or creates it with the change; the operator may create it at the same time. */
    String patch(String name, String change) {
        if (!exists(name)) {
            return " (absent)";
        }
        String object = change.replaceFirst(
                "^\\{",
                "{\"apiVersion\": \"pciplacement.io/v1alpha1\", \"kind\": \"HostPciInventory\", \"metadata\": {\"name\": \"%s\"}, "
                        .formatted(name));
        // One field manager per field: a manager that omits a field removes it.
        String field = change.replaceFirst("^\\{\"spec\": \\{\"(\\w+)\".*", "$1");
        return HistoryObjects.attempt(() -> client.resources(HostPciInventory.class)
                .withName(name)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager("history-" + field)
                                .withForce(true)
                                .build(),
                        object));
    }

    /** Deletes the Node with its object, and ends the agent. */
    void remove(String name) {
        cluster.endAgent(agents.remove(name));
        client.nodes().withName(name).delete();
        client.resources(HostPciInventory.class).withName(name).delete();
    }

    /** A plain device is removed, or comes back. */
    void togglePlain(String name) {
        String address = PLAIN.getLast();
        if (addresses.get(name).remove(address)) {
            trees.get(name).remove(address);
        } else {
            trees.get(name).device(address, "8086", "1533", "020000");
            addresses.get(name).add(address);
        }
    }

    /** The last VF is removed, or comes back. */
    void toggleVf(String name) {
        int last = MOST_VFS - 1;
        if (addresses.get(name).remove(vf(last))) {
            trees.get(name).removeVf(vf(last), PF_WITH_VFS, last);
        } else {
            trees.get(name).vf(vf(last), PF_WITH_VFS, last, "8086", "1515");
            addresses.get(name).add(vf(last));
        }
    }

    void killAgent(String name) {
        agents.get(name).toHandle().destroyForcibly();
    }

    void restartEndedAgents() {
        for (String name : new ArrayList<>(agents.keySet())) {
            if (!agents.get(name).isAlive()) {
                agents.put(name, cluster.agent(name, trees.get(name).root()));
            }
        }
    }
}
