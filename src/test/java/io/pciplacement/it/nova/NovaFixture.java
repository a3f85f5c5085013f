package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.NovaBed;
import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaBed.Write;
import io.pciplacement.testing.NovaHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Fixture of the tests with Nova's own services on the operator's Placement: hosts with the same devices. */
abstract class NovaFixture {

    static final String FIRST_GPU = "0000:81:00.0";
    static final String SECOND_GPU = "0000:81:01.0";
    static final String PF = "0000:81:02.0";
    static final String PF_WITH_VFS = "0000:81:03.0";
    static final List<String> VFS = List.of("0000:81:03.1", "0000:81:03.2");

    /** Name of the PciAllocation of a server. */
    static final String ALLOCATION = "nova-server";

    static final String SPECS = """
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

    static final Map<String, String> TREE = Map.of(
            FIRST_GPU, "CUSTOM_GPU=1/0 [CUSTOM_FAST]",
            SECOND_GPU, "CUSTOM_GPU=1/0 [CUSTOM_FAST]",
            PF, "CUSTOM_NIC_PF=1/0 []",
            PF_WITH_VFS, "CUSTOM_NIC_VF=2/0 [HW_NIC_SRIOV]");

    private static final List<String> ALIASES = List.of(
            "{\"name\": \"gpu\", \"resource_class\": \"CUSTOM_GPU\", \"traits\": \"CUSTOM_FAST\"}",
            "{\"name\": \"accelerator\", \"resource_class\": \"CUSTOM_ACCELERATOR\"}",
            "{\"name\": \"pf\", \"resource_class\": \"CUSTOM_NIC_PF\", \"device_type\": \"type-PF\"}",
            "{\"name\": \"vf\", \"resource_class\": \"CUSTOM_NIC_VF\", \"device_type\": \"type-VF\"}");

    static final LocalCluster cluster = LocalCluster.shared();
    static NovaBed nova;

    final List<Server> servers = new ArrayList<>();
    private final List<NovaHost> hosts = new ArrayList<>();
    private String prefix;
    private Path directory;

    @BeforeAll
    static void startNova() {
        nova = NovaBed.shared();
        nova.setAliases(ALIASES);
    }

    @BeforeEach
    void prepareHosts(TestInfo test, @TempDir(factory = MemoryTempDir.class) Path dir) {
        prefix = "nova-" + test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        directory = dir;
    }

    @AfterEach
    void removeHosts() {
        servers.forEach(nova::delete);
        Hosts.withdrawAll(cluster);
        hosts.forEach(NovaHost::remove);
        Hosts.clean(cluster);
    }

    /** Additional settings of the agents. */
    Map<String, String> agentSettings() {
        return Map.of();
    }

    /** Starts the agent of a host with two GPUs, a PF without VFs and a PF with two VFs. */
    NovaHost startAgent(String specs) {
        cluster.apply(specs);
        String name = prefix + (hosts.isEmpty() ? "" : "-" + hosts.size());
        NovaHost host = NovaHost.startAgent(
                cluster,
                nova,
                name,
                new SysfsTree(directory.resolve(name))
                        .device(FIRST_GPU, "8086", "1533", "030200")
                        .device(SECOND_GPU, "8086", "1533", "030200")
                        .pf(PF, "8086", "1528", "1515", 7)
                        .pf(PF_WITH_VFS, "8086", "1528", "1515", 7)
                        .vf(VFS.get(0), PF_WITH_VFS, 0, "8086", "1515")
                        .vf(VFS.get(1), PF_WITH_VFS, 1, "8086", "1515"),
                agentSettings());
        hosts.add(host);
        awaitCondition().untilAsserted(() -> assertThat(host.rows()).hasSize(TREE.size()));
        return host;
    }

    /** Starts the agent and nova-compute of a host, which reports the devices as the specs require. */
    NovaHost startHost(String specs) {
        NovaHost host = startAgent(specs);
        host.startCompute(host.exportedDeviceSpecs());
        return host;
    }

    /** Starts a host as {@link #startHost}, with {@code reporting: Nova}. */
    NovaHost startNovaManagedHost(String specs) {
        NovaHost host = startHost(specs);
        host.setReporting("Nova");
        host.awaitReason("Ready", "InSync");
        nova.takeWrites();
        return host;
    }

    Server boot(NovaHost host, String alias) {
        return created(nova.boot(host.name(), alias));
    }

    /** Creates a server without a device. */
    Server bootPlain(NovaHost host) {
        return created(nova.boot(host.name()));
    }

    private Server created(Server server) {
        servers.add(server);
        return server;
    }

    void delete(Server server) {
        nova.delete(server);
        servers.removeIf(other -> other.id().equals(server.id()));
    }

    /** Devices of a host as in {@code spec.devices}. */
    static String devices(NovaHost host, String... addresses) {
        return Stream.of(addresses)
                .map(address -> "{node: %s, address: '%s'}".formatted(host.name(), address))
                .collect(Collectors.joining(", "));
    }

    /** Creates or changes the PciAllocation of a server, which Nova manages. */
    static void applyAllocation(Server server, String devices, String move) {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: %s, userId: %s, managedBy: External}
                  devices: [%s]
                """.formatted(ALLOCATION, server.id(), server.projectId(), server.userId(), devices) + move);
    }

    /** Returns the devices of an active server: those attached are those claimed. */
    static List<String> attachedDevices(NovaHost host, Server server, int count) {
        assertThat(server.status()).as(server.toString()).isEqualTo("ACTIVE");
        assertThat(server.attached()).isEqualTo(server.claimed()).containsOnlyKeys(host.name());
        assertThat(server.attached().get(host.name())).hasSize(count);
        return server.attached().get(host.name());
    }

    static void assertActive(Server server) {
        assertThat(server.status()).as(server.toString()).isEqualTo("ACTIVE");
    }

    /** The server was not created because no host can have it. */
    static void assertNoValidHost(Server server) {
        assertThat(server.status()).as(server.toString()).isEqualTo("ERROR");
        assertThat(server.fault()).startsWith("No valid host was found");
    }

    /** Whether a write ensures that a trait or a resource class exists. */
    static boolean isName(Write write) {
        return write.path().startsWith("/traits/") || write.path().startsWith("/resource_classes/");
    }

    /** Requests of all clients that write to Placement since a number of requests: {@code PUT /path}. */
    static List<String> writesSince(int before) {
        return cluster.placementRequests().stream()
                .skip(before)
                .filter(request -> !request.startsWith("GET "))
                .toList();
    }

    static void awaitSweeps(int count) {
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

    /** Neither Nova nor the operator writes to the host's providers. */
    static void assertAtRest(NovaHost host) {
        awaitSweeps(1);
        nova.takeWrites();
        int before = cluster.placementRequests().size();
        host.update();
        awaitSweeps(2);
        host.update();
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).isEmpty();
    }
}
