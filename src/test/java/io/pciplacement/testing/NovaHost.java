package io.pciplacement.testing;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.NovaBed.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A host whose node agent and nova-compute read the same sysfs tree. */
public final class NovaHost {

    private final LocalCluster cluster;
    private final NovaBed nova;
    private final String name;
    private final SysfsTree sysfs;
    private final Process agent;

    private NovaHost(
            LocalCluster cluster, NovaBed nova, String name, SysfsTree sysfs, Map<String, String> agentSettings) {
        this.cluster = cluster;
        this.nova = nova;
        this.name = name;
        this.sysfs = sysfs;
        agent = cluster.agent(name, sysfs.root(), agentSettings);
    }

    /** Starts the agent of a new host, without a nova-compute. */
    public static NovaHost startAgent(LocalCluster cluster, NovaBed nova, String name, SysfsTree sysfs) {
        return startAgent(cluster, nova, name, sysfs, Map.of());
    }

    /** Starts the agent of a new host with additional settings. */
    public static NovaHost startAgent(
            LocalCluster cluster, NovaBed nova, String name, SysfsTree sysfs, Map<String, String> agentSettings) {
        return new NovaHost(cluster, nova, name, sysfs, agentSettings);
    }

    /** Starts nova-compute. */
    public void startCompute(List<String> deviceSpecs) {
        nova.startHost(name, sysfs.root(), deviceSpecs);
    }

    /** Restarts nova-compute with the configuration that is exported from the device specs. */
    public void restartWithExport() {
        nova.restartHost(name, exportedDeviceSpecs());
    }

    /** Runs the periodic update of nova-compute. */
    public void update() {
        nova.updateHost(name);
    }

    /** Stops nova-compute and the agent, and deletes all that they and the operator created. */
    public void remove() {
        nova.stopHost(name);
        agent.destroy();
        try {
            agent.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        Hosts.remove(cluster, name);
        cluster.placement().deleteTree(name);
    }

    public String name() {
        return name;
    }

    public SysfsTree sysfs() {
        return sysfs;
    }

    /** The host's {@code device_spec} from {@code pci export}. */
    public List<String> exportedDeviceSpecs() {
        ProcessResult export = cluster.pci("export", "--for-nova", "--node", name);
        assertThat(export.status()).as(export.all()).isZero();
        return export.out()
                .lines()
                .filter(line -> line.startsWith("device_spec = "))
                .map(line -> line.replaceFirst("device_spec = ", ""))
                .toList();
    }

    public void setReporting(String mode) {
        Hosts.setReporting(cluster, name, mode);
    }

    public void awaitReason(String type, String reason) {
        Hosts.awaitReason(cluster, "hpi", name, type, reason);
    }

    /** Waits for the columns of {@code kubectl get hpi}. */
    public void awaitColumns(String columns) {
        awaitCondition()
                .untilAsserted(() ->
                        assertThat(cluster.kubectl("get", "hpi", name).out()).containsPattern(name + " +" + columns));
    }

    /** Rows of {@code status.providers}, by address. */
    public Map<String, JsonNode> rows() {
        Map<String, JsonNode> rows = new TreeMap<>();
        for (JsonNode row : cluster.get("hpi", name).at("/status/providers")) {
            rows.put(row.path("name").asText().substring(name.length() + 1), row);
        }
        return rows;
    }

    /** Rows of {@code status.providers} that have a state, by address. */
    public Map<String, JsonNode> rowsInState(String state) {
        Map<String, JsonNode> rows = rows();
        rows.values().removeIf(row -> !row.path("state").asText().equals(state));
        return rows;
    }

    /** Its providers in Placement: {@code class=total/reserved [traits]}, by address. */
    public Map<String, String> tree() {
        return cluster.placement().describeTree(name);
    }

    /** UUID of the provider of a device. */
    public String provider(String address) {
        return cluster.placement().providersBelow(name).get(name + "_" + address);
    }

    /** What Placement allocated to a server below this host's root: {@code address class=amount}. */
    public List<String> allocatedUnits(Server server) {
        List<String> amounts = cluster.placement().allocationsOf(server.id());
        List<String> units = new ArrayList<>();
        cluster.placement()
                .providersBelow(name)
                .forEach((provider, uuid) -> amounts.stream()
                        .filter(amount -> amount.startsWith(uuid + "/"))
                        .forEach(amount -> units.add(
                                provider.substring(name.length() + 1) + " " + amount.substring(uuid.length() + 1))));
        return units;
    }
}
