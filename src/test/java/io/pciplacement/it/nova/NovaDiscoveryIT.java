package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LibvirtDaemon;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers that the real Nova boots: the domains that it defines are defined in a real daemon of libvirt, which the
 * agent reads, and the operator creates a PciAllocation for each.
 */
class NovaDiscoveryIT extends NovaFixture {

    private static LocalCluster lease;

    private LibvirtDaemon libvirt;

    @BeforeAll
    static void startDiscovery() {
        lease = LocalCluster.leaseShared(Map.of("PCI_SWEEP_INTERVAL", "2s", "PCI_DISCOVERY", "Allocations"));
    }

    @AfterAll
    static void stopDiscovery() {
        lease.close();
    }

    @BeforeEach
    void startLibvirt(@TempDir(factory = MemoryTempDir.class) Path directory) {
        libvirt = new LibvirtDaemon(directory.resolve("libvirt"));
    }

    /** After the agents of the hosts, which hosts are removed in the fixture. */
    @AfterEach
    void stopLibvirt() {
        libvirt.close();
    }

    @Override
    Map<String, String> agentSettings() {
        return libvirt.agentSettings();
    }

    private static String objectName(Server server) {
        return "server-" + server.id();
    }

    private static boolean exists(Server server) {
        return cluster.client()
                        .resources(PciAllocation.class)
                        .withName(objectName(server))
                        .get()
                != null;
    }

    private static List<String> addresses(Server server) {
        Map<String, String> devices = new TreeMap<>();
        cluster.get("pcia", objectName(server))
                .at("/spec/devices")
                .forEach(device -> devices.put(
                        device.path("address").asText(), device.path("node").asText()));
        return List.copyOf(devices.keySet());
    }

    @Test
    void bootedServerAppearsWithItsDevices() {
        NovaHost host = startNovaManagedHost(SPECS);
        awaitCondition()
                .until(() -> cluster.get("hpi", host.name())
                        .at("/status/agent/libvirt/reachable")
                        .asBoolean());
        Server gpu = boot(host, "gpu:1");
        Server vfs = boot(host, "vf:2");
        List<Server> both = List.of(gpu, vfs);
        nova.domains(host.name()).forEach(libvirt::defineXml);
        awaitCondition()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(cluster.get("hpi", host.name()).at("/status/attachments"))
                        .hasSize(2));

        for (Server server : both) {
            awaitCondition().until(() -> exists(server));
            Hosts.awaitReason(cluster, "pcia", objectName(server), "Ready", "InSync");
            assertThat(addresses(server)).isEqualTo(server.attached().get(host.name()));
            assertThat(cluster.kubectl("get", "pcia", objectName(server)).out())
                    .containsPattern(server.id() + " +\\S+ +Allocated +" + host.name());
        }
        assertThat(host.allocatedUnits(gpu)).hasSize(1);
        assertThat(nova.takeWrites()).as("allocations of its servers").isNotEmpty();
        host.update();
        assertThat(nova.takeWrites()).as("Nova and the operator agree").isEmpty();

        // The PCI part of an allocation is lost.
        String root = cluster.placement().uuid(host.name()).orElseThrow();
        cluster.placement().reduceTo(gpu.id(), root);
        assertThat(host.allocatedUnits(gpu)).isEmpty();
        awaitCondition()
                .untilAsserted(() -> assertThat(host.allocatedUnits(gpu)).hasSize(1));

        delete(gpu);
        libvirt.run("undefine", gpu.id().toString());
        awaitCondition().until(() -> !exists(gpu));
        assertThat(exists(vfs)).isTrue();
        assertThat(host.allocatedUnits(vfs)).containsExactly(PF_WITH_VFS + " CUSTOM_NIC_VF=2");
        delete(vfs);
        libvirt.run("undefine", vfs.id().toString());
        awaitCondition().until(() -> !exists(vfs));
        assertAtRest(host);
    }
}
