package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.NovaBed;
import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.ProcessResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The operator beside Nova's own services, on one Placement: the same provider trees, and servers that Nova boots. */
class NovaIT {

    private static final String PF = "0000:81:02.0";

    private static final String SPECS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nova-gpus}
            spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: gpu, traits: [fast]}
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nova-pf}
            spec: {selectors: [{address: "0000:81:02.0", deviceType: PF}], resourceClass: nic-pf}
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nova-vfs}
            spec: {selectors: [{parentAddress: "0000:81:03.0"}], resourceClass: nic-vf, traits: [HW_NIC_SRIOV]}
            """;

    private static final Map<String, String> TREE = Map.of(
            "0000:81:00.0", "CUSTOM_GPU=1/0 [CUSTOM_FAST]",
            "0000:81:01.0", "CUSTOM_GPU=1/0 [CUSTOM_FAST]",
            "0000:81:02.0", "CUSTOM_NIC_PF=1/0 []",
            "0000:81:03.0", "CUSTOM_NIC_VF=2/0 [HW_NIC_SRIOV]");

    private static final List<String> ALIASES = List.of(
            "{\"name\": \"gpu\", \"resource_class\": \"CUSTOM_GPU\", \"traits\": \"CUSTOM_FAST\"}",
            "{\"name\": \"pf\", \"resource_class\": \"CUSTOM_NIC_PF\", \"device_type\": \"type-PF\"}",
            "{\"name\": \"vf\", \"resource_class\": \"CUSTOM_NIC_VF\", \"device_type\": \"type-VF\"}");

    private static final LocalCluster cluster = LocalCluster.shared();
    private static NovaBed nova;

    private final List<Server> servers = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();
    private String host;
    private Path sysfs;
    private Process agent;

    @BeforeAll
    static void startNova() {
        nova = NovaBed.start(cluster);
        nova.setAliases(ALIASES);
    }

    @AfterAll
    static void stopNova() {
        if (nova != null) {
            nova.close();
        }
    }

    /** A host with two GPUs, a PF without VFs and a PF with two VFs. */
    @BeforeEach
    void startAgent(TestInfo test, @TempDir(factory = MemoryTempDir.class) Path dir) {
        host = "nova-" + test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        hosts.add(host);
        sysfs = new SysfsTree(dir)
                .device("0000:81:00.0", "8086", "1533", "030200")
                .device("0000:81:01.0", "8086", "1533", "030200")
                .pf("0000:81:02.0", "8086", "1528", "1515", 7)
                .pf("0000:81:03.0", "8086", "1528", "1515", 7)
                .vf("0000:81:03.1", "0000:81:03.0", 0, "8086", "1515")
                .vf("0000:81:03.2", "0000:81:03.0", 1, "8086", "1515")
                .root();
        cluster.apply(SPECS);
        agent = cluster.agent(host, sysfs);
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.get("hpi", host).at("/status/providers"))
                        .hasSize(TREE.size()));
    }

    @AfterEach
    void clean() throws InterruptedException {
        servers.forEach(nova::delete);
        hosts.forEach(nova::stopHost);
        agent.destroy();
        agent.waitFor(10, TimeUnit.SECONDS);
        Hosts.clean(cluster, host);
        hosts.forEach(NovaIT::removeProviders);
    }

    /** Removes what Nova created. */
    private static void removeProviders(String host) {
        Stream.concat(
                        cluster.placement().providersBelow(host).values().stream(),
                        cluster.placement().uuid(host).stream())
                .forEach(uuid -> cluster.placement().send("DELETE", "/resource_providers/" + uuid, null));
    }

    @Test
    void bothUseTheSameTreeWithoutAnyWrite() {
        nova.startHost(host, sysfs, exportedDeviceSpecs());
        assertThat(cluster.placement().describeTree(host)).isEqualTo(TREE);
        assertThat(cluster.placement().providersBelow(host).values())
                .allSatisfy(uuid ->
                        assertThat(cluster.placement().traits(uuid, true)).containsAll(PlacementApi.OWNERSHIP_TRAITS));
        nova.takeWrites();

        int before = cluster.placementRequests().size();
        enableReporting();
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        for (int update = 0; update < 3; update++) {
            nova.updateHost(host);
            awaitSweeps(1);
        }
        awaitSweeps(1);
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).as("all clients, the operator too").isEmpty();
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
    }

    @Test
    void serversGetTheAllocatedDevices() {
        nova.startHost(host, sysfs, exportedDeviceSpecs());
        enableReporting();
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        nova.takeWrites();

        Server gpu = boot("gpu:1");
        assertThat(allocatedUnits(gpu)).containsExactly(attachedDevices(gpu, 1).getFirst() + " CUSTOM_GPU=1");
        Server pf = boot("pf:1");
        assertThat(attachedDevices(pf, 1)).containsExactly(PF);
        assertThat(allocatedUnits(pf)).containsExactly(PF + " CUSTOM_NIC_PF=1");
        Server vfs = boot("vf:2");
        assertThat(attachedDevices(vfs, 2)).containsExactly("0000:81:03.1", "0000:81:03.2");
        assertThat(allocatedUnits(vfs)).containsExactly("0000:81:03.0 CUSTOM_NIC_VF=2");
        awaitTable("Enabled +6 +5 +4 +4 +1 +True +InSync");

        Server refused = boot("gpu:2");
        assertThat(refused.status()).as(refused.toString()).isEqualTo("ERROR");
        assertThat(refused.fault()).startsWith("No valid host was found");
        assertThat(allocatedUnits(refused)).isEmpty();
        nova.updateHost(host);
        servers.forEach(nova::delete);
        servers.clear();
        awaitTable("Enabled +6 +5 +4 +0 +5 +True +InSync");
        assertThat(nova.takeWrites())
                .as("only allocations of its servers")
                .isNotEmpty()
                .allMatch(write -> write.path().startsWith("/allocations"));
        assertThat(cluster.placement().describeTree(host)).isEqualTo(TREE);
    }

    @Test
    void secondWriterIsDetected() {
        nova.startHost(
                host,
                sysfs,
                exportedDeviceSpecs().stream()
                        .map(spec -> spec.replace("\"fast", "\"slow"))
                        .toList());
        enableReporting();
        awaitCondition().until(() -> {
            nova.updateHost(host);
            return rowsInState("Contested").size() == 2;
        });
        awaitReason(cluster, "hpi", host, "PlacementSynced", "RewrittenByOther");

        int before = cluster.placementRequests().size();
        nova.takeWrites();
        nova.updateHost(host);
        awaitSweeps(2);
        nova.updateHost(host);
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).as("the operator has stopped").isEmpty();
        assertThat(cluster.placement().describeTree(host))
                .containsEntry("0000:81:00.0", "CUSTOM_GPU=1/0 [CUSTOM_SLOW]")
                .containsEntry("0000:81:01.0", "CUSTOM_GPU=1/0 [CUSTOM_SLOW]");

        Server plain = nova.boot(host);
        servers.add(plain);
        assertThat(plain.status()).as(plain.toString()).isEqualTo("ACTIVE");
        attachedDevices(boot("vf:1"), 1);
    }

    @Test
    void movedServerHasTheAllocatedDevices() {
        String target = host + "-target";
        nova.startHost(host, sysfs, exportedDeviceSpecs());
        nova.startHost(target, sysfs, exportedDeviceSpecs());
        hosts.add(target);
        Server server = boot("pf:1");
        assertThat(attachedDevices(server, 1)).containsExactly(PF);

        Server moved = nova.migrate(server);
        assertThat(moved.status()).isEqualTo("VERIFY_RESIZE");
        assertThat(moved.claimed()).isEqualTo(Map.of(host, List.of(PF), target, List.of(PF)));
        assertThat(moved.attached()).isEqualTo(Map.of(target, List.of(PF)));
        assertThat(allocatedUnits(target, server)).containsExactly(PF + " CUSTOM_NIC_PF=1");
        assertThat(allocatedUnits(host, server)).isEmpty();

        assertThat(attachedDevices(nova.revert(server), 1)).containsExactly(PF);
        assertThat(allocatedUnits(host, server)).containsExactly(PF + " CUSTOM_NIC_PF=1");
        assertThat(allocatedUnits(target, server)).isEmpty();

        nova.resize(server, "vf:2");
        Server resized = nova.confirm(server);
        assertThat(resized.attached())
                .isEqualTo(resized.claimed())
                .isEqualTo(Map.of(target, List.of("0000:81:03.1", "0000:81:03.2")));
        assertThat(allocatedUnits(target, server)).containsExactly("0000:81:03.0 CUSTOM_NIC_VF=2");
        assertThat(allocatedUnits(host, server)).isEmpty();
    }

    /** Only nova-compute writes: the operator reports the difference until it was restarted with the export. */
    @Test
    void changedSpecAwaitsNova() {
        nova.startHost(host, sysfs, exportedDeviceSpecs());
        setReporting("Nova");
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        nova.takeWrites();

        int before = cluster.placementRequests().size();
        cluster.apply(SPECS.replace("traits: [fast]", "traits: [slow]"));
        awaitReason(cluster, "hpi", host, "PlacementSynced", "AwaitingNova");
        assertThat(rowsInState("AwaitingNova"))
                .hasSize(2)
                .allMatch(row -> row.path("message").asText().contains("+CUSTOM_SLOW"));
        nova.updateHost(host);
        awaitSweeps(2);
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).as("all clients, the operator too").isEmpty();
        awaitReason(cluster, "hpi", host, "PlacementSynced", "AwaitingNova");
        attachedDevices(boot("vf:1"), 1);

        nova.restartHost(host, exportedDeviceSpecs());
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        assertThat(cluster.placement().describeTree(host))
                .containsEntry("0000:81:00.0", "CUSTOM_GPU=1/0 [CUSTOM_SLOW]")
                .containsEntry("0000:81:01.0", "CUSTOM_GPU=1/0 [CUSTOM_SLOW]");
    }

    /** The host's {@code device_spec} from {@code pci export}. */
    private List<String> exportedDeviceSpecs() {
        ProcessResult export = cluster.pci("export", "--for-nova", "--node", host);
        assertThat(export.status()).as(export.all()).isZero();
        return export.out()
                .lines()
                .filter(line -> line.startsWith("device_spec = "))
                .map(line -> line.replaceFirst("device_spec = ", ""))
                .toList();
    }

    private void enableReporting() {
        setReporting("Enabled");
    }

    private void setReporting(String mode) {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: %s}
                spec: {reporting: %s}
                """.formatted(host, mode));
    }

    private Server boot(String alias) {
        Server server = nova.boot(host, alias);
        servers.add(server);
        return server;
    }

    /** Returns the devices of an active server: those attached are those claimed. */
    private List<String> attachedDevices(Server server, int count) {
        assertThat(server.status()).as(server.toString()).isEqualTo("ACTIVE");
        assertThat(server.attached()).isEqualTo(server.claimed()).containsOnlyKeys(host);
        assertThat(server.attached().get(host)).hasSize(count);
        return server.attached().get(host);
    }

    private List<String> allocatedUnits(Server server) {
        return allocatedUnits(host, server);
    }

    /** Returns what Placement allocated to a server below the root of a host: {@code address class=amount}. */
    private static List<String> allocatedUnits(String host, Server server) {
        List<String> amounts = cluster.placement().allocationsOf(server.id());
        List<String> units = new ArrayList<>();
        cluster.placement()
                .providersBelow(host)
                .forEach((name, uuid) -> amounts.stream()
                        .filter(amount -> amount.startsWith(uuid + "/"))
                        .forEach(amount -> units.add(
                                name.substring(host.length() + 1) + " " + amount.substring(uuid.length() + 1))));
        return units;
    }

    private void awaitTable(String columns) {
        awaitCondition()
                .untilAsserted(() ->
                        assertThat(cluster.kubectl("get", "hpi", host).out()).containsPattern(host + " +" + columns));
    }

    /** Whether the operator has stopped writing a number of providers. Each has a history of its own. */
    private List<JsonNode> rowsInState(String state) {
        List<JsonNode> rows = new ArrayList<>();
        for (JsonNode row : cluster.get("hpi", host).at("/status/providers")) {
            if (row.path("state").asText().equals(state)) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static List<String> writesSince(int before) {
        return cluster.placementRequests().stream()
                .skip(before)
                .filter(request -> !request.startsWith("GET "))
                .toList();
    }

    private static void awaitSweeps(int count) {
        double end = sweeps() + count;
        awaitCondition().until(() -> sweeps() >= end);
    }

    private static double sweeps() {
        return cluster.ask("operator", "/q/metrics")
                .lines()
                .filter(line -> line.startsWith("pci_placement_sweep_duration_seconds_count"))
                .mapToDouble(line -> Double.parseDouble(line.replaceFirst(".* ", "")))
                .findFirst()
                .orElse(0);
    }
}
