package io.pciplacement.it.agent;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LibvirtDaemon;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.ProcessResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The attachments that the agent publishes of a real daemon of libvirt. */
class LibvirtIT {

    private static final String NODE = "libvirt-1";
    private static final String GPU = "0000:81:00.0";
    private static final String OTHER_GPU = "0000:82:00.0";
    private static final UUID SERVER = UUID.fromString("11b01271-0000-4000-8000-000000000001");

    private final LocalCluster cluster = LocalCluster.shared();
    private LibvirtDaemon libvirt;
    private Process agent;

    @BeforeEach
    void start(@TempDir(factory = MemoryTempDir.class) Path directory) {
        libvirt = new LibvirtDaemon(directory.resolve("libvirt"));
        agent = cluster.agent(
                NODE,
                new SysfsTree(directory.resolve("sys"))
                        .device(GPU, "8086", "1533", "030200")
                        .device(OTHER_GPU, "8086", "1533", "030200")
                        .root(),
                libvirt.agentSettings());
        awaitCondition().until(() -> libvirtState().path("reachable").asBoolean());
    }

    @AfterEach
    void stop() throws InterruptedException {
        agent.destroy();
        agent.waitFor();
        libvirt.close();
        cluster.placement().release(SERVER);
        Hosts.withdrawAll(cluster);
        Hosts.remove(cluster, NODE);
        cluster.placement().deleteTree(NODE);
    }

    private JsonNode libvirtState() {
        return cluster.get("hpi", NODE).at("/status/agent/libvirt");
    }

    /** The attachments: {@code name running [address...]}. */
    private List<String> attachments() {
        List<String> found = new ArrayList<>();
        for (JsonNode server : cluster.get("hpi", NODE).at("/status/attachments")) {
            TreeMap<String, String> devices = new TreeMap<>();
            for (JsonNode device : server.path("devices")) {
                devices.put(device.path("address").asText(), device.path("kind").asText());
            }
            assertThat(server.path("serverUuid").asText()).isEqualTo(SERVER.toString());
            assertThat(server.path("projectId").asText()).isEqualTo("p");
            assertThat(server.path("userId").asText()).isEqualTo("u");
            found.add("%s %s %s"
                    .formatted(
                            server.path("serverName").asText(),
                            server.path("running").asBoolean() ? "running" : "stopped",
                            devices));
        }
        return found;
    }

    private void awaitAttachments(String... expected) {
        awaitCondition().untilAsserted(() -> assertThat(attachments()).containsExactly(expected));
    }

    @Test
    void attachmentsFollowTheDomain() {
        String gpu = "{%s=Device}".formatted(GPU);
        libvirt.define(SERVER, "web", GPU);
        awaitAttachments("web stopped " + gpu);
        libvirt.run("start", SERVER.toString());
        awaitAttachments("web running " + gpu);
        libvirt.run("destroy", SERVER.toString());
        awaitAttachments("web stopped " + gpu);
        libvirt.define(SERVER, "web", GPU, OTHER_GPU);
        awaitAttachments("web stopped {%s=Device, %s=Device}".formatted(GPU, OTHER_GPU));
        libvirt.run("undefine", SERVER.toString());
        awaitAttachments();
        assertThat(libvirtState().path("incomplete").asBoolean()).isFalse();
        assertThat(libvirtState().has("error")).isFalse();
    }

    /** Tracks the first GPU. */
    private void enableReporting() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: libvirt-gpu}
                spec: {selectors: [{address: "0000:81:00.0"}], resourceClass: gpu}
                """);
        cluster.placement().createComputeProvider(NODE);
        Hosts.setReporting(cluster, NODE, "Enabled");
        Hosts.awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    @Test
    void attachedDeviceIsNotClaimedBeforeItIsDetached() {
        enableReporting();
        libvirt.define(SERVER, "web", GPU);
        awaitAttachments("web stopped {%s=Device}".formatted(GPU));
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: libvirt-claim}
                spec:
                  consumer: {uuid: 11b01271-0000-4000-8000-000000000009, projectId: p, userId: u, managedBy: Operator}
                  requests: [{name: gpu, resourceClass: gpu}]
                  nodeName: libvirt-1
                """);
        Hosts.awaitReason(cluster, "pcia", "libvirt-claim", "Ready", "InsufficientDevices");
        awaitCondition()
                .untilAsserted(
                        () -> assertThat(cluster.get("pcia", "libvirt-claim").toString())
                                .contains("Placement has not allocated them: %s (web); see pci audit.".formatted(GPU)));
        libvirt.run("undefine", SERVER.toString());
        Hosts.awaitReason(cluster, "pcia", "libvirt-claim", "Ready", "InSync");
    }

    @Test
    void auditComparesAttachmentsWithAllocations() {
        enableReporting();
        String gpu = cluster.placement().providersBelow(NODE).get(NODE + "_" + GPU) + "/CUSTOM_GPU=1";

        libvirt.define(SERVER, "web", GPU, OTHER_GPU);
        awaitCondition().until(() -> attachments().size() == 1);
        assertAudit(
                3,
                "AttachedNotAllocated +%s_%s +%s \\(web\\) +1 unit missing for %s".formatted(NODE, GPU, SERVER, GPU),
                "AttachedNotTracked +- +%s \\(web\\) +%s".formatted(SERVER, OTHER_GPU),
                "2 differences between the devices of servers and their allocations");
        cluster.placement().claim(SERVER, "INSTANCE", gpu);
        libvirt.define(SERVER, "web", GPU);
        awaitAttachments("web stopped {%s=Device}".formatted(GPU));
        ProcessResult same = cluster.pci("audit", "--node", NODE);
        assertThat(same.status()).as(same.all()).isZero();

        libvirt.run("undefine", SERVER.toString());
        awaitAttachments();
        assertAudit(3, "AllocatedNotAttached +%s_%s +%s +1 unit".formatted(NODE, GPU, SERVER));
        libvirt.kill();
        awaitCondition().until(() -> !libvirtState().path("reachable").asBoolean());
        assertThat(cluster.pci("audit", "--node", NODE).out())
                .contains(NODE + ": libvirt is not reachable")
                .doesNotContain("AllocatedNotAttached");
    }

    private void assertAudit(int status, String... patterns) {
        ProcessResult audit = cluster.pci("audit", "--node", NODE);
        assertThat(audit.status()).as(audit.all()).isEqualTo(status);
        for (String pattern : patterns) {
            assertThat(audit.out()).containsPattern(pattern);
        }
    }

    @Test
    void attachmentsAreKeptWhileLibvirtIsAway() throws InterruptedException {
        libvirt.define(SERVER, "web", GPU);
        awaitAttachments("web stopped {%s=Device}".formatted(GPU));
        libvirt.kill();
        awaitCondition().until(() -> !libvirtState().path("reachable").asBoolean());
        assertThat(libvirtState().path("error").asText()).startsWith("cannot connect to ");
        assertThat(attachments()).hasSize(1);

        agent.destroy();
        agent.waitFor();
        agent = cluster.agent(NODE, Path.of("/sys"), libvirt.agentSettings());
        awaitCondition()
                .until(() -> !cluster.get("hpi", NODE)
                        .at("/status/devices/0/address")
                        .asText()
                        .equals(GPU));
        assertThat(attachments()).as("those that the previous agent published").hasSize(1);
        assertThat(libvirtState().path("reachable").asBoolean()).isFalse();

        libvirt.start();
        awaitAttachments();
        assertThat(libvirtState().path("reachable").asBoolean()).isTrue();
    }

    @Test
    void hangingLibvirtDoesNotDelayTheScan() throws InterruptedException {
        // Domains are read at most once a second, so the second change has still to be read when libvirt hangs.
        libvirt.define(SERVER, "web", GPU);
        libvirt.define(SERVER, "web", GPU, OTHER_GPU);
        libvirt.signal("STOP");
        try {
            awaitCondition().until(() -> !libvirtState().path("reachable").asBoolean());
            assertThat(libvirtState().path("error").asText()).isEqualTo("libvirt does not respond");
            assertThat(cluster.get("hpi", NODE).at("/status/agent").has("error"))
                    .as("the scan of the devices")
                    .isFalse();
        } finally {
            libvirt.signal("CONT");
        }
        awaitCondition().until(() -> libvirtState().path("reachable").asBoolean());
    }
}
