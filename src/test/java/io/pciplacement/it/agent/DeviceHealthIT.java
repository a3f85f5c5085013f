package io.pciplacement.it.agent;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A card that comes back with half of its lanes is reported by agent, operator and command, and stays in service. */
class DeviceHealthIT {

    private static final String NODE = "health-host";
    private static final String PORT = "0000:80:01.0";
    private static final String GPU = "0000:81:00.0";

    @TempDir(factory = MemoryTempDir.class)
    Path directory;

    private final LocalCluster cluster = LocalCluster.shared();
    private SysfsTree sysfs;
    private Process agent;

    @BeforeEach
    void startAgent() {
        sysfs = new SysfsTree(directory.resolve("sys")).port("pci0000:80/" + PORT);
        insertGpu(16, 0);
        agent = cluster.agent(NODE, sysfs.root(), Map.of("PCI_AGENT_HEALTH", "true"));
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: health-gpu}
                spec: {selectors: [{address: "0000:81:00.0"}], resourceClass: gpu}
                """);
        cluster.placement().createComputeProvider(NODE);
        awaitCondition().until(() -> cluster.kubectl("get", "hpi", NODE).status() == 0);
        Hosts.setReporting(cluster, NODE, "Enabled");
    }

    @AfterEach
    void stop() throws InterruptedException {
        agent.destroy();
        agent.waitFor();
        Hosts.withdrawAll(cluster);
        Hosts.remove(cluster, NODE);
        cluster.placement().deleteTree(NODE);
    }

    private void insertGpu(int width, int fatalErrors) {
        sysfs.path("pci0000:80/" + PORT + "/" + GPU)
                .device(GPU, "10de", "2330", "030200")
                .attribute(GPU, "current_link_speed", "16.0 GT/s PCIe")
                .attribute(GPU, "current_link_width", "" + width)
                .attribute(GPU, "max_link_speed", "32.0 GT/s PCIe")
                .attribute(GPU, "max_link_width", "16")
                .attribute(GPU, "aer_dev_correctable", "RxErr 300\nTOTAL_ERR_COR 300")
                .attribute(GPU, "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0")
                .attribute(GPU, "aer_dev_fatal", "TOTAL_ERR_FATAL " + fatalErrors);
    }

    private JsonNode status() {
        return cluster.get("hpi", NODE).path("status");
    }

    private List<String> events(String reason) {
        List<String> notes = new ArrayList<>();
        for (JsonNode event : cluster.raw("/apis/events.k8s.io/v1/namespaces/default/events?limit=5000")
                .path("items")) {
            if (event.path("reason").asText().equals(reason)
                    && event.at("/regarding/name").asText().equals(NODE)) {
                notes.add(event.path("note").asText());
            }
        }
        return notes;
    }

    @Test
    void degradedCardIsReportedAndStaysInService() {
        awaitCondition().until(() -> status().at("/maintenance/degradedDevices").isArray());
        assertThat(status().at("/maintenance/degradedDevices")).isEmpty();
        JsonNode health = status().at("/devices/0/health");
        assertThat(health.path("link"))
                .hasToString(
                        "{\"maxSpeed\":\"32.0 GT/s PCIe\",\"maxWidth\":16,\"speed\":\"16.0 GT/s PCIe\",\"width\":16}");
        assertThat(health.path("correctableErrors").asLong()).isEqualTo(256);
        assertThat(health.path("fatalErrors").asLong()).isZero();
        Hosts.awaitReason(cluster, "hpi", NODE, "Ready", "InSync");

        sysfs.remove(GPU);
        insertGpu(8, 3);
        awaitCondition()
                .until(() ->
                        status().at("/maintenance/degradedDevices/0/linkWidth").asInt() == 8);
        assertThat(status().at("/maintenance/degradedDevices/0/fatalErrors").asLong())
                .isEqualTo(2);
        String described = "0000:81:00.0 is degraded: 8 of 16 lanes, at least 2 fatal AER errors";
        awaitCondition().until(() -> !events("DeviceDegraded").isEmpty());
        assertThat(events("DeviceDegraded")).singleElement().asString().startsWith(described);
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.ask("operator", "/q/metrics"))
                        .contains("pci_placement_degraded_devices{kind=\"LinkWidth\"} 1.0"));
        assertThat(cluster.pci("doctor", NODE).out())
                .contains(described, "pci quarantine health-host 0000:81:00.0 --reason");
        assertThat(cluster.pci("status", NODE).out()).contains("degraded: 8 of 16 lanes");
        assertThat(cluster.pci("explain", NODE, GPU).out())
                .contains(
                        "link 16.0 GT/s PCIe x8 of at most 32.0 GT/s PCIe x16",
                        "AER errors: at least 256 correctable, 0 non-fatal, at least 2 fatal");
        assertThat(cluster.get("hpi", NODE).at("/spec/quarantine")).isEmpty();
        assertThat(status().at("/providers/0/reserved").asInt()).isZero();

        sysfs.remove(GPU);
        insertGpu(16, 0);
        awaitCondition().until(() -> events("DeviceHealthRestored").size() == 1);
        assertThat(status().at("/maintenance/degradedDevices").isEmpty()).isTrue();
    }
}
