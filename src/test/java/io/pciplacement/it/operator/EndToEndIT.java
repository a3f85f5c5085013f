package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.SysfsCaptures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** End-to-end test from a captured sysfs tree to the provider tree in a real Placement. */
class EndToEndIT {

    private static final String NODE = "sriov-host";

    private static final String NVME_VFS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nvme-vfs}
            spec:
              selectors: [{vendorId: "1b36", productId: "0010", deviceType: VF}]
              resourceClass: nvme-vf
              traits: [fast]
            """;

    private static final String NICS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nics}
            spec:
              selectors: [{vendorId: "8086", productId: "10D3"}]
            """;

    private final LocalCluster cluster = LocalCluster.shared();
    private Path sysfs;
    private Process agent;

    @BeforeEach
    void start(@TempDir(factory = MemoryTempDir.class) Path dir) {
        sysfs = SysfsCaptures.unpack("guest-sriov", dir);
        agent = cluster.agent(NODE, sysfs);
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE)
                        .path("status")
                        .path("agent")
                        .path("inventoryHash")
                        .asText()
                        .startsWith("sha256:"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        agent.destroy();
        agent.waitFor();
        Hosts.clean(cluster, NODE);
    }

    private void enable() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: %s}
                spec: {reporting: Enabled, rootProvider: {create: true}}
                """.formatted(NODE));
    }

    @Test
    void providersFollowDevicesAndSpecs() {
        cluster.apply(NVME_VFS);
        cluster.apply(NICS);
        awaitReason(cluster, "hpi", NODE, "PlacementSynced", "ReportingDisabled");
        awaitCondition()
                .untilAsserted(() -> assertThat(rows())
                        .hasSize(4)
                        .allMatch(row -> row.path("state").asText().equals("Planned")));
        assertThat(cluster.placement().uuid(NODE))
                .as("nothing is written while disabled")
                .isEmpty();

        enable();
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        Map<String, String> expected = Map.of(
                "0000:41:00.0", "CUSTOM_NVME_VF=8/0 [CUSTOM_FAST]",
                "0000:46:00.0", "CUSTOM_PCI_8086_10D3=1/0 []",
                "0000:84:00.0", "CUSTOM_PCI_8086_10D3=1/0 []",
                "0000:84:00.1", "CUSTOM_PCI_8086_10D3=1/0 []");
        assertThat(cluster.placement().describeTree(NODE)).isEqualTo(expected);
        Map<String, String> uuids = cluster.placement().providersBelow(NODE);
        assertThat(cluster.placement().traits(uuids.get(NODE + "_0000:41:00.0"), true))
                .contains("COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "CUSTOM_PCI_PLACEMENT_OPERATOR");

        awaitReason(cluster, "pds", "nvme-vfs", "Ready", "AllTracked");
        JsonNode spec = cluster.get("pds", "nvme-vfs").path("status");
        assertThat(spec.path("summary").path("matched").asInt()).isEqualTo(8);
        assertThat(spec.path("summary").path("tracked").asInt()).isEqualTo(8);
        assertThat(spec.path("resourceClass").asText()).isEqualTo("CUSTOM_NVME_VF");
        String table = cluster.kubectl("get", "hpi", NODE).out();
        assertThat(table.lines().findFirst().orElseThrow())
                .containsSubsequence(
                        "NAME",
                        "REPORTING",
                        "DEVICES",
                        "TRACKED",
                        "PROVIDERS",
                        "USED",
                        "FREE",
                        "READY",
                        "REASON",
                        "SYNCED",
                        "AGE");
        assertThat(table).containsPattern(NODE + " +Enabled +\\d+ +11 +4 +0 +11 +True +InSync");

        assertThat(cluster.kubectl("delete", "pds", "nvme-vfs").status()).isZero();
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 3);
        cluster.apply(NVME_VFS);
        awaitCondition().until(() -> cluster.placement().describeTree(NODE).equals(expected));
        assertThat(cluster.placement().providersBelow(NODE))
                .as("the providers have the same uuids")
                .isEqualTo(uuids);
    }

    @Test
    void removesUnpluggedDeviceAndRestoresIt() {
        cluster.apply(NVME_VFS);
        cluster.apply(NICS);
        enable();
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        Path nic = SysfsCaptures.unplug(sysfs, "0000:46:00.0");
        Path vf = SysfsCaptures.unplug(sysfs, "0000:41:01.0");
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.placement().describeTree(NODE))
                        .doesNotContainKey("0000:46:00.0")
                        .containsEntry("0000:41:00.0", "CUSTOM_NVME_VF=7/0 [CUSTOM_FAST]"));
        SysfsCaptures.plug(sysfs, "0000:46:00.0", nic);
        SysfsCaptures.plug(sysfs, "0000:41:01.0", vf);
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.placement().describeTree(NODE))
                        .containsEntry("0000:46:00.0", "CUSTOM_PCI_8086_10D3=1/0 []")
                        .containsEntry("0000:41:00.0", "CUSTOM_NVME_VF=8/0 [CUSTOM_FAST]"));
    }

    @Test
    void keepsDeviceInUseUntilItIsReleased() {
        cluster.apply(NICS);
        enable();
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        UUID consumer = UUID.randomUUID();
        String provider = cluster.placement().providersBelow(NODE).get(NODE + "_0000:46:00.0");
        cluster.placement().allocate(consumer, provider, "CUSTOM_PCI_8086_10D3", 1);
        try {
            awaitCondition()
                    .until(() ->
                            cluster.get("hpi", NODE).at("/status/summary/used").asInt() == 1);
            cluster.kubectl("delete", "pds", "nics");
            awaitReason(cluster, "hpi", NODE, "Ready", "Held");
            assertThat(rows()).singleElement().satisfies(row -> {
                assertThat(row.path("state").asText()).isEqualTo("Held");
                assertThat(row.path("message").asText())
                        .contains(consumer.toString())
                        .contains("0000:46:00.0");
            });
        } finally {
            cluster.placement().release(consumer);
        }
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).isEmpty());
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    @Test
    void revertsExternalChangesButKeepsReserved() {
        cluster.apply(NICS);
        enable();
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        String provider = cluster.placement().providersBelow(NODE).get(NODE + "_0000:46:00.0");
        int generation = cluster.placement()
                .get("/resource_providers/" + provider + "/traits")
                .path("resource_provider_generation")
                .asInt();
        cluster.placement()
                .send(
                        "PUT",
                        "/resource_providers/" + provider + "/traits",
                        "{\"traits\": [\"CUSTOM_PCI_PLACEMENT_OPERATOR\"], \"resource_provider_generation\": "
                                + generation + "}");
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.placement().traits(provider, true))
                        .contains("COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA"));
        JsonNode inventories = cluster.placement().get("/resource_providers/" + provider + "/inventories");
        int now = inventories.path("resource_provider_generation").asInt();
        cluster.placement()
                .send(
                        "PUT",
                        "/resource_providers/" + provider + "/inventories/CUSTOM_PCI_8086_10D3",
                        "{\"total\": 1, \"reserved\": 1, \"max_unit\": 1, \"resource_provider_generation\": " + now
                                + "}");
        awaitCondition()
                .until(() ->
                        cluster.get("hpi", NODE).at("/status/summary/reserved").asInt() == 1);
        cluster.apply(NICS.replace("selectors:", "resourceClass: nic\n  selectors:"));
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.placement().describeTree(NODE))
                        .containsEntry("0000:46:00.0", "CUSTOM_NIC=1/1 []"));
        // A provider with reserved units would outlive its host, and the test.
        cluster.placement().setInventory(provider, "CUSTOM_NIC", 1, 0);
        awaitCondition()
                .until(() ->
                        cluster.get("hpi", NODE).at("/status/summary/reserved").asInt() == 0);
    }

    private List<JsonNode> rows() {
        List<JsonNode> rows = new ArrayList<>();
        cluster.get("hpi", NODE).path("status").path("providers").forEach(rows::add);
        return rows;
    }

    /** The managed fields would be most of the memory of a fleet's objects. */
    @Test
    void doesNotKeepManagedFieldsInMemory() throws IOException {
        ProcessHandle operator = cluster.process("operator");
        Path java = Path.of(operator.info().command().orElseThrow());
        Process histogram = new ProcessBuilder(
                        java.resolveSibling("jcmd").toString(), Long.toString(operator.pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String classes = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(classes)
                .contains("io.pciplacement.api.v1alpha1.HostPciInventory", "ManagedFieldsEntry")
                .doesNotContain("FieldsV1");
    }
}
