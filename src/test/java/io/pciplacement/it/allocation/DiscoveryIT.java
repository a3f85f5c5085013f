package io.pciplacement.it.allocation;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.mapping.DiscoveredAllocationMapper;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.attachment.DiscoveredServer;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LibvirtDaemon;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.ProcessResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PciAllocations of the servers that real daemons of libvirt on two hosts have, with {@code discovery: Allocations} and
 * the permissions of the chart for it.
 */
class DiscoveryIT {

    private static final String FIRST = "discovery-1";
    private static final String SECOND = "discovery-2";
    private static final String GPU = "0000:81:00.0";
    private static final String OTHER_GPU = "0000:82:00.0";
    private static final UUID SERVER = UUID.fromString("d15c0001-0000-4000-8000-000000000001");
    private static final String OBJECT = "server-" + SERVER;
    private static final Duration VISIBLE = Duration.ofSeconds(20);

    private static LocalCluster cluster;

    private final Map<String, LibvirtDaemon> libvirt = new TreeMap<>();
    private final List<Process> agents = new ArrayList<>();
    private final Map<String, String> roots = new TreeMap<>();

    @BeforeAll
    static void startCluster() {
        cluster = LocalCluster.leaseShared(
                Map.of("PCI_SWEEP_INTERVAL", "2s", "PCI_DISCOVERY", "Allocations", "PCI_DISCOVERY_GRACE_PERIOD", "2s"));
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void startHosts(@TempDir(factory = MemoryTempDir.class) Path directory) {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: discovery-gpu}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: gpu}
                """);
        for (String node : List.of(FIRST, SECOND)) {
            LibvirtDaemon daemon = new LibvirtDaemon(directory.resolve(node));
            libvirt.put(node, daemon);
            agents.add(cluster.agent(
                    node,
                    new SysfsTree(directory.resolve(node + "-sys"))
                            .device(GPU, "8086", "1533", "030200")
                            .device(OTHER_GPU, "8086", "1533", "030200")
                            .root(),
                    daemon.agentSettings()));
            roots.put(node, cluster.placement().createComputeProvider(node));
        }
        for (String node : List.of(FIRST, SECOND)) {
            awaitCondition()
                    .until(() -> cluster.get("hpi", node)
                            .at("/status/agent/libvirt/reachable")
                            .asBoolean());
            Hosts.setReporting(cluster, node, "Enabled");
            Hosts.awaitReason(cluster, "hpi", node, "Ready", "InSync");
        }
    }

    @AfterEach
    void stopHosts() throws InterruptedException {
        for (Process agent : agents) {
            agent.destroy();
            agent.waitFor();
        }
        libvirt.values().forEach(LibvirtDaemon::close);
        cluster.placement().release(SERVER);
        Hosts.clean(cluster, FIRST, SECOND);
        awaitCondition().until(() -> !exists(OBJECT));
        Hosts.withdrawAll(cluster);
        cluster.placement().deleteTree(FIRST);
        cluster.placement().deleteTree(SECOND);
    }

    private static boolean exists(String name) {
        return cluster.client().resources(PciAllocation.class).withName(name).get() != null;
    }

    /** Nova's scheduler has allocated resources of a host to the server, but not its devices. */
    private void allocateFlavor(String node) {
        assertThat(cluster.placement()
                        .claim(SERVER, "INSTANCE", roots.get(node) + "/VCPU=2")
                        .status())
                .isEqualTo(204);
    }

    private String gpu(String node, String address) {
        return cluster.placement().providersBelow(node).get(node + "_" + address) + "/CUSTOM_GPU=1";
    }

    private String vcpus(String node) {
        return roots.get(node) + "/VCPU=2";
    }

    private void awaitAllocations(String... expected) {
        awaitCondition()
                .atMost(VISIBLE)
                .untilAsserted(() -> assertThat(cluster.placement().allocationsOf(SERVER))
                        .as("%s", cluster.get("pcia", OBJECT).path("status"))
                        .containsExactlyInAnyOrder(expected));
    }

    /** The devices of the server's object. */
    private static List<String> devices() {
        List<String> devices = new ArrayList<>();
        for (JsonNode device : cluster.get("pcia", OBJECT).at("/spec/devices")) {
            devices.add(
                    device.path("node").asText() + "/" + device.path("address").asText());
        }
        return devices;
    }

    @Test
    void serverGetsAnObjectAndIsHealed() {
        allocateFlavor(FIRST);
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        awaitAllocations(vcpus(FIRST), gpu(FIRST, GPU));
        Hosts.awaitReason(cluster, "pcia", OBJECT, "Ready", "InSync");
        assertThat(cluster.kubectl("get", "pcia", OBJECT).out()).containsPattern(SERVER + " +web +Allocated");

        libvirt.get(FIRST).define(SERVER, "web", GPU, OTHER_GPU);
        awaitAllocations(vcpus(FIRST), gpu(FIRST, GPU), gpu(FIRST, OTHER_GPU));

        // A device is detached: only its manager removes the allocation.
        libvirt.get(FIRST).define(SERVER, "web", OTHER_GPU);
        awaitCondition()
                .atMost(VISIBLE)
                .untilAsserted(() -> assertThat(devices()).containsExactly(FIRST + "/" + OTHER_GPU));
        Hosts.awaitReason(cluster, "pcia", OBJECT, "Ready", "InSync");

        cluster.kubectl("delete", "pcia", OBJECT).orThrow("kubectl delete");
        awaitCondition().until(() -> exists(OBJECT));
        libvirt.get(FIRST).run("undefine", SERVER.toString());
        awaitCondition().atMost(VISIBLE).until(() -> !exists(OBJECT));
        assertThat(cluster.placement().allocationsOf(SERVER))
                .containsExactlyInAnyOrder(vcpus(FIRST), gpu(FIRST, GPU), gpu(FIRST, OTHER_GPU));
    }

    @Test
    void objectIsKeptWhileLibvirtIsAway() {
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        awaitCondition().atMost(VISIBLE).until(() -> exists(OBJECT));
        Hosts.awaitReason(cluster, "pcia", OBJECT, "Ready", "ConsumerHasNoAllocation");
        libvirt.get(FIRST).kill();
        Hosts.awaitReason(cluster, "pcia", OBJECT, "Ready", "AttachmentUnconfirmed");
        allocateFlavor(FIRST);

        // The test driver has lost its domains.
        libvirt.get(FIRST).start();
        awaitCondition().atMost(VISIBLE).until(() -> !exists(OBJECT));
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        awaitAllocations(vcpus(FIRST), gpu(FIRST, GPU));
        libvirt.get(FIRST).kill();
        libvirt.get(FIRST).start();
        awaitCondition().atMost(VISIBLE).until(() -> !exists(OBJECT));
        assertThat(cluster.placement().allocationsOf(SERVER)).containsExactlyInAnyOrder(vcpus(FIRST), gpu(FIRST, GPU));
    }

    @Test
    void objectFollowsAServerThatMoves() {
        allocateFlavor(FIRST);
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        awaitAllocations(vcpus(FIRST), gpu(FIRST, GPU));

        // Nova allocates the destination, whose domain exists before that of the source ends.
        assertThat(cluster.placement().claim(SERVER, "INSTANCE", vcpus(SECOND)).status())
                .isEqualTo(204);
        libvirt.get(SECOND).define(SERVER, "web", OTHER_GPU);
        awaitCondition()
                .atMost(VISIBLE)
                .untilAsserted(() -> assertThat(cluster.get("pcia", OBJECT).toString())
                        .contains("it is being moved, since discovery-1 and discovery-2 list it"));
        assertThat(devices()).containsExactly(FIRST + "/" + GPU);
        assertThat(cluster.placement().allocationsOf(SERVER)).containsExactly(vcpus(SECOND));

        libvirt.get(FIRST).run("undefine", SERVER.toString());
        awaitAllocations(vcpus(SECOND), gpu(SECOND, OTHER_GPU));
        assertThat(devices()).containsExactly(SECOND + "/" + OTHER_GPU);
    }

    @Test
    void agentCannotGiveDevicesToServersOfOtherHosts() {
        allocateFlavor(SECOND);
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        Hosts.awaitReason(cluster, "pcia", OBJECT, "Ready", "ConsumerElsewhere");
        assertThat(cluster.placement().allocationsOf(SERVER)).containsExactly(vcpus(SECOND));
    }

    @Test
    void objectOfAUserTakesPrecedence() {
        allocateFlavor(FIRST);
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        awaitAllocations(vcpus(FIRST), gpu(FIRST, GPU));
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: discovery-declared}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u}
                  devices: [{node: discovery-1, address: "%s"}]
                """.formatted(SERVER, OTHER_GPU));
        Hosts.awaitReason(cluster, "pcia", "discovery-declared", "Ready", "DeviceAttached");
        Hosts.awaitReason(cluster, "pcia", "discovery-declared", "Attached", "AttachedElsewhere");
        awaitCondition().until(() -> !exists(OBJECT));
        ProcessResult refused = cluster.pci("audit", "--release", SERVER.toString());
        assertThat(refused.status()).as(refused.all()).isEqualTo(4);
        assertThat(refused.all()).contains("PciAllocation discovery-declared requires devices");
        assertThat(cluster.placement().allocationsOf(SERVER))
                .as("the device is in use")
                .containsExactlyInAnyOrder(vcpus(FIRST), gpu(FIRST, GPU));
        cluster.kubectl("delete", "pcia", "discovery-declared").orThrow("kubectl delete");
        Hosts.awaitReason(cluster, "pcia", OBJECT, "Ready", "InSync");
    }

    @Test
    void lastingDifferencesAreReportedAndReleasedOnRequest() {
        allocateFlavor(FIRST);
        libvirt.get(FIRST).define(SERVER, "web", GPU);
        awaitAllocations(vcpus(FIRST), gpu(FIRST, GPU));
        UUID migration = UUID.fromString("d15c0001-0000-4000-8000-000000000009");
        assertThat(cluster.placement()
                        .claim(migration, "MIGRATION", gpu(FIRST, OTHER_GPU))
                        .status())
                .isEqualTo(204);
        try {
            awaitCondition()
                    .untilAsserted(() -> assertThat(cluster.get("hpi", FIRST).at("/status/unaccountedAllocations"))
                            .singleElement()
                            .satisfies(
                                    row -> assertThat(row.path("consumerType").asText())
                                            .isEqualTo("MIGRATION")));
            assertThat(cluster.get("hpi", FIRST)
                            .at("/status/summary/unaccounted")
                            .asInt())
                    .isZero();
            Hosts.awaitReason(cluster, "hpi", FIRST, "AllocationsHealed", "Healed");
            assertThat(cluster.pci("audit", "--node", FIRST).out()).contains(migration + " (migration)");
        } finally {
            cluster.placement().release(migration);
        }

        libvirt.get(FIRST).run("undefine", SERVER.toString());
        Hosts.awaitReason(cluster, "hpi", FIRST, "AllocationsHealed", "AllocatedNotAttached");
        assertThat(cluster.get("hpi", FIRST).at("/status/attachmentDifferences/0/provider"))
                .hasToString("\"%s_%s\"".formatted(FIRST, GPU));
        awaitCondition()
                .until(() -> cluster.ask("operator", "/q/metrics")
                        .contains("pci_placement_attachment_differences{type=\"AllocatedNotAttached\"} 1.0"));
        assertThat(cluster.ask("operator", "/q/metrics"))
                .contains("pci_placement_libvirt_hosts{state=\"complete\"} 2.0");

        assertThat(cluster.pci("audit", "--release", SERVER.toString(), "--dry-run")
                        .status())
                .isEqualTo(3);
        assertThat(cluster.placement().allocationsOf(SERVER)).hasSize(2);
        ProcessResult release = cluster.pci("audit", "--release", SERVER.toString());
        assertThat(release.status()).as(release.all()).isZero();
        assertThat(cluster.placement().allocationsOf(SERVER)).containsExactly(vcpus(FIRST));
        Hosts.awaitReason(cluster, "hpi", FIRST, "AllocationsHealed", "NoAllocations");
        assertThat(cluster.get("hpi", FIRST).path("status").has("attachmentDifferences"))
                .isFalse();
        assertThat(cluster.pci("audit", "--release", SERVER.toString()).status())
                .isEqualTo(4);
    }

    /** With a token of the operator's service account. */
    @Test
    void operatorMayWriteOnlyObjectsOfServers() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: discovery-declared}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u}
                  devices: [{node: discovery-1, address: "%s"}]
                """.formatted(SERVER, OTHER_GPU));
        try (KubernetesClient operator = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(
                        cluster.dir().resolve("operator.kubeconfig").toFile()))
                .build()) {
            var objects = operator.resources(PciAllocation.class);
            String rejected = "may create and delete only the PciAllocations of libvirt's servers";
            assertThatThrownBy(() -> objects.withName("discovery-declared").delete())
                    .hasMessageContaining(rejected);
            UUID other = UUID.fromString("d15c0001-0000-4000-8000-000000000002");
            PciAllocation operatorManaged = discovered(other);
            operatorManaged.setSpec(new PciAllocationSpec(
                    new PciAllocationSpec.Consumer(
                            other.toString(), null, "p", "u", PciAllocationSpec.ManagedBy.OPERATOR),
                    operatorManaged.getSpec().devices(),
                    null,
                    null,
                    null,
                    null,
                    null));
            PciAllocation otherName = discovered(other);
            otherName.getMetadata().setName("server-" + SERVER);
            PciAllocation withoutLabel = discovered(other);
            withoutLabel.getMetadata().setLabels(Map.of());
            for (PciAllocation object : List.of(operatorManaged, otherName, withoutLabel)) {
                assertThatThrownBy(() -> operator.resource(object).create()).hasMessageContaining(rejected);
            }
            // A patch, since the operator updates the object at the same time.
            assertThatThrownBy(() -> objects.withName("discovery-declared").edit(declared -> {
                        declared.setSpec(discovered(SERVER).getSpec());
                        return declared;
                    }))
                    .hasMessageContaining("may not change a spec");
        }
    }

    private static PciAllocation discovered(UUID server) {
        return DiscoveredAllocationMapper.toObject(
                new DiscoveredServer(
                        server,
                        "web",
                        "p",
                        "u",
                        List.of(new DeviceRef(FIRST, PciAddress.parse(GPU).orElseThrow()))),
                null);
    }
}
