package io.pciplacement.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SkippedDevices;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InventoryPublisherTest extends InventoryPublisherFixture {

    private static final ScanResult ONE = scan(SerializedDeviceListTest.plain(1, "nvme", 1));
    private static final ScanResult TWO =
            scan(SerializedDeviceListTest.plain(1, "nvme", 1), SerializedDeviceListTest.plain(2, "nvme", 2));

    private InventoryPublisher publisher;

    @BeforeEach
    void start() {
        publisher = publisher("1.0");
    }

    @Test
    void appliesAllAgentFields() throws Exception {
        assertThat(publisher.submit(ONE, NOW)).isTrue();
        publisher.reconcile();

        FakeKubernetesApi.Request write = api.requests("PATCH").getFirst();
        assertThat(write.path()).isEqualTo(FakeKubernetesApi.INVENTORY + "/status");
        assertThat(write.query()).isEqualTo("fieldManager=pci-agent&force=false");
        assertThat(write.contentType()).isEqualTo("application/apply-patch+yaml");
        JsonNode body = new ObjectMapper().readTree(write.body());
        assertThat(body.path("kind").asText()).isEqualTo("HostPciInventory");
        assertThat(body.path("status").fieldNames()).toIterable().containsExactly("agent", "devices");
        JsonNode agent = body.path("status").path("agent");
        assertThat(agent.path("version").asText()).isEqualTo("1.0");
        assertThat(agent.path("bootId").asText()).isEqualTo("boot-1");
        assertThat(agent.path("scannedAt").asText()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(agent.path("inventoryHash").asText()).startsWith("sha256:");
        assertThat(agent.has("error")).isFalse();
        assertThat(agent.path("truncated").asBoolean()).isFalse();
        assertThat(body.path("status").path("devices")).hasSize(1);
    }

    @Test
    void doesNotWriteIfNothingChanged() {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        for (int i = 1; i < 20; i++) {
            assertThat(publisher.submit(ONE, NOW.plusSeconds(i))).isFalse();
            publisher.reconcile();
        }
        assertThat(api.requests("PATCH")).hasSize(1);
        assertThat(api.status().path("agent").path("scannedAt").asText()).isEqualTo(NOW.toString());
    }

    @Test
    void readsOnlyMetadataOfAnUnchangedObject() {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        publisher.reconcile();
        api.clearRequests();

        for (int i = 0; i < 3; i++) {
            publisher.reconcile();
        }
        assertThat(api.requests("GET")).hasSize(3).allMatch(FakeKubernetesApi.Request::metadataOnly);

        api.changeSpec();
        api.clearRequests();
        publisher.reconcile();
        publisher.reconcile();
        assertThat(api.requests("GET"))
                .extracting(FakeKubernetesApi.Request::metadataOnly)
                .containsExactly(true, false, true);
        assertThat(api.requests("PATCH")).isEmpty();
    }

    @Test
    void restoresStatusThatAnotherClientRemoved() {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        publisher.reconcile();

        api.clearStatus();
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(1);

        // Directly after a write, the version that was read is an older one.
        api.clearStatus();
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(1);
    }

    @Test
    void writesChangeWithOneRequest() {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        api.clearRequests();

        assertThat(publisher.submit(TWO, NOW)).isTrue();
        publisher.reconcile();

        assertThat(api.requests("PATCH")).hasSize(1);
        assertThat(api.requests("GET")).isEmpty();
        assertThat(api.status().path("devices")).hasSize(2);
    }

    @Test
    void doesNotWriteAfterRestartIfNothingChanged() {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        api.clearRequests();

        publisher = publisher("1.0");
        publisher.submit(ONE, NOW.plusSeconds(60));
        publisher.reconcile();
        assertThat(api.requests("PATCH")).isEmpty();

        publisher = publisher("1.1");
        publisher.submit(ONE, NOW.plusSeconds(60));
        publisher.reconcile();
        assertThat(api.requests("PATCH")).hasSize(1);
        assertThat(api.status().path("agent").path("version").asText()).isEqualTo("1.1");
    }

    @Test
    void rewritesStatusOfRecreatedObject() {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        api.deleteInventory();
        publisher.reconcile();
        api.createInventory();
        publisher.reconcile();

        assertThat(api.status().path("devices")).hasSize(1);
        assertThat(api.requests("PATCH")).hasSize(2);
    }

    @Test
    void waitsForMissingObjectAndLogsThisOnce() {
        api.deleteInventory();
        publisher.submit(ONE, NOW);
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            pauses.add(publisher.reconcile());
        }
        assertThat(pauses)
                .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ofMillis(250), Duration.ofSeconds(5)));
        assertThat(pauses.getFirst()).isLessThanOrEqualTo(Duration.ofMillis(500));
        assertThat(pauses.getLast()).isGreaterThanOrEqualTo(Duration.ofMillis(2500));
        assertThat(log()).containsOnlyOnce("waiting for the operator");
        assertThat(api.requests("PATCH")).isEmpty();
        assertThat(publisher.submit(TWO, NOW)).isFalse();

        api.createInventory();
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(2);
    }

    @Test
    void failedScanPublishesErrorAndKeepsDevices() {
        publisher.submit(TWO, NOW);
        publisher.reconcile();
        String hash = api.status().path("agent").path("inventoryHash").asText();

        assertThat(publisher.submit(new ScanResult.Failed("no bus/pci/devices in /x: mount it"), NOW.plusSeconds(30)))
                .isTrue();
        publisher.reconcile();

        JsonNode agent = api.status().path("agent");
        assertThat(agent.path("error").asText()).isEqualTo("no bus/pci/devices in /x: mount it");
        assertThat(agent.path("inventoryHash").asText()).isEqualTo(hash);
        assertThat(agent.path("scannedAt").asText()).isEqualTo(NOW.toString());
        assertThat(api.status().path("devices")).hasSize(2);

        publisher.submit(TWO, NOW.plusSeconds(60));
        publisher.reconcile();
        assertThat(api.status().path("agent").has("error")).isFalse();
    }

    @Test
    void failedFirstScanKeepsDevicesOfPreviousAgent() {
        publisher.submit(TWO, NOW);
        publisher.reconcile();
        JsonNode before = api.status();

        publisher = publisher("1.0");
        publisher.submit(new ScanResult.Failed("x".repeat(2000)), NOW.plusSeconds(30));
        publisher.reconcile();

        assertThat(api.status().path("agent").path("error").asText()).hasSize(1024);
        assertThat(api.status().path("devices")).isEqualTo(before.path("devices"));
        assertThat(api.status().path("agent").path("inventoryHash"))
                .isEqualTo(before.path("agent").path("inventoryHash"));
    }

    @Test
    void failedFirstScanWithoutPublishedDevicesPublishesOnlyTheError() {
        publisher.submit(new ScanResult.Failed("unreadable"), NOW);
        publisher.reconcile();

        assertThat(api.status().path("agent").path("error").asText()).isEqualTo("unreadable");
        assertThat(api.status().has("devices")).isFalse();
        publisher.reconcile();
        assertThat(api.requests("PATCH")).hasSize(1);
    }

    @Test
    void emptyTreeIsAnErrorIfDevicesWerePublishedBefore() {
        publisher.submit(new ScanResult.Empty("/sys/bus/pci/devices"), NOW);
        publisher.reconcile();
        assertThat(api.status().path("devices").isArray()).isTrue();
        assertThat(api.status().path("devices")).isEmpty();
        assertThat(api.status().path("agent").path("scannedAt").asText()).isEqualTo(NOW.toString());

        publisher.submit(ONE, NOW);
        publisher.reconcile();
        publisher = publisher("1.0");
        publisher.submit(new ScanResult.Empty("/sys/bus/pci/devices"), NOW);
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(1);
        assertThat(api.status().path("agent").path("error").asText()).contains("/sys/bus/pci/devices");
    }

    @Test
    void publishesThatTheListIsTruncated() {
        List<PciDevice> many = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            many.add(SerializedDeviceListTest.plain(i, null, -1));
        }
        publisher.submit(new ScanResult.Complete(new HostDevices(many), SkippedDevices.NONE, List.of()), NOW);
        publisher.reconcile();

        assertThat(api.status().path("agent").path("truncated").asBoolean()).isTrue();
        assertThat(api.status().path("agent").path("error").asText()).contains("truncated");
        assertThat(api.status().path("devices")).hasSize(1024);

        publisher = publisher("1.0");
        publisher.submit(new ScanResult.Complete(new HostDevices(many), SkippedDevices.NONE, List.of()), NOW);
        publisher.reconcile();
        assertThat(api.requests("PATCH")).hasSize(1);
    }

    @Test
    void publishesSkippedDevicesByReason() {
        List<String> bridges = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            bridges.add("%04x:00:00.0".formatted(i));
        }
        Map<SkipReason, List<String>> names = Map.of(
                SkipReason.BRIDGE,
                bridges,
                SkipReason.UNSUPPORTED_ADDRESS,
                List.of("10000:01:00.0", "\u202e\ud83d\ude00"));
        ScanResult scan = new ScanResult.Complete(
                new HostDevices(List.of(SerializedDeviceListTest.plain(1, null, -1))),
                SkippedDevices.groupByReason(names),
                List.of());
        publisher.submit(scan, NOW);
        publisher.reconcile();
        JsonNode skipped = api.status().path("agent").path("skipped");
        assertThat(skipped.path("count").asInt()).isEqualTo(302);
        JsonNode first = skipped.path("reasons").path(0);
        assertThat(first.path("reason").asText()).isEqualTo("Bridge");
        assertThat(first.path("count").asInt()).isEqualTo(300);
        assertThat(first.path("addresses")).hasSize(256);
        assertThat(first.path("addresses").path(0).asText()).isEqualTo("0000:00:00.0");
        JsonNode second = skipped.path("reasons").path(1);
        assertThat(second.path("reason").asText()).isEqualTo("UnsupportedAddress");
        assertThat(second.path("addresses").path(1).asText()).isEqualTo("??");

        publisher = publisher("1.0");
        publisher.submit(scan, NOW);
        publisher.reconcile();
        assertThat(api.requests("PATCH")).as("already published").hasSize(1);

        publisher.submit(scan(SerializedDeviceListTest.plain(1, null, -1)), NOW);
        publisher.reconcile();
        assertThat(api.status().path("agent").has("skipped")).isFalse();
    }

    @Test
    void replacesUnprintableCharactersInErrors() {
        publisher.submit(new ScanResult.Failed("a\u001b[2J\nb\u0085" + "x".repeat(1015) + "\ud83d\ude00y"), NOW);
        publisher.reconcile();

        assertThat(api.status().path("agent").path("error").asText())
                .hasSize(1024)
                .startsWith("a?[2J?b?x")
                .endsWith("x?");
    }

    @Test
    void retriesWhileApiServerIsUnreachable() throws Exception {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        api.stopServer();
        publisher.submit(TWO, NOW);
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pauses.add(publisher.reconcile());
        }
        assertThat(pauses)
                .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ofMillis(250), Duration.ofSeconds(30)));
        assertThat(pauses.getLast()).isGreaterThanOrEqualTo(Duration.ofSeconds(15));
        assertThat(publisher.submit(TWO, NOW))
                .as("no attempt during the backoff")
                .isFalse();
        assertThat(log().lines().filter(line -> line.contains("cannot publish")))
                .hasSizeLessThanOrEqualTo(2);

        api.restartServer();
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(2);
        assertThat(log()).contains("can publish the devices of node-1 again");
    }

    @Test
    void logsRejectedRequestsAndRetries() {
        for (int status : new int[] {401, 403, 409, 422, 429, 500, 503}) {
            api.failWith(status);
            publisher.submit(ONE, NOW);
            assertThat(publisher.reconcile()).isLessThanOrEqualTo(Duration.ofSeconds(30));
            assertThat(log()).contains("test says " + status);
        }
        api.failWith(null);
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(1);
    }

    @Test
    void usesRotatedToken() throws Exception {
        publisher.submit(ONE, NOW);
        publisher.reconcile();
        Files.writeString(temp.resolve("token"), "second\n");
        publisher.reconcile();

        assertThat(api.requests("GET"))
                .extracting(FakeKubernetesApi.Request::token)
                .containsExactly("Bearer first", "Bearer second");
    }

    @Test
    void survivesMissingOrInvalidTokenFile() throws Exception {
        publisher.submit(ONE, NOW);
        Files.delete(temp.resolve("token"));
        publisher.reconcile();
        Files.writeString(temp.resolve("token"), "two\nlines");
        publisher.reconcile();
        assertThat(log()).doesNotContain("two").contains("token");
        Files.writeString(temp.resolve("token"), "right");
        publisher.reconcile();
        assertThat(api.status().path("devices")).hasSize(1);
    }

    private InventoryPublisher publisher(String version) {
        return publisher(version, false);
    }

    private String log() {
        return logOutput.toString(StandardCharsets.UTF_8);
    }

    private static ScanResult scan(PciDevice... devices) {
        return new ScanResult.Complete(new HostDevices(List.of(devices)), SkippedDevices.NONE, List.of());
    }
}
