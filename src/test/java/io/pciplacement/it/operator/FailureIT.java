package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FailingProxy;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Failures and recovery of Placement, the operator and the credentials. No other test uses the cluster, because
 * requests are counted.
 */
class FailureIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Matches the context switches in /proc/.../status of a thread of a Java thread pool. */
    private static final Pattern POOL_CONTEXT_SWITCHES = Pattern.compile(
            "^Name:\\s+pool-.*^voluntary_ctxt_switches:\\s+(\\d+)$", Pattern.DOTALL | Pattern.MULTILINE);

    private static LocalCluster cluster;

    private final List<String> hosts = new ArrayList<>();

    @BeforeAll
    static void startCluster() {
        cluster = LocalCluster.leaseShared(Map.of(
                "PCI_SWEEP_INTERVAL",
                "1s",
                "QUARKUS_LOG_CONSOLE_JSON_ENABLED",
                "true",
                "QUARKUS_LOG_CATEGORY__IO_PCIPLACEMENT_PLACEMENT_REQUESTS__LEVEL",
                "DEBUG"));
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: plain}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}], traits: [fast]}
                """);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @AfterEach
    void removeHosts() {
        Hosts.remove(cluster, hosts.toArray(String[]::new));
    }

    private void host(String name, int devices) {
        hosts.add(name);
        Hosts.create(cluster.client(), name, Map.of(), true);
        Hosts.publish(cluster.client(), name, plain(devices));
    }

    private void hostInSync(String name, int devices) {
        host(name, devices);
        awaitSynced(name);
    }

    /** Waits until the published devices are in sync; a host without devices is in sync, too. */
    private static void awaitSynced(String name) {
        awaitCondition().until(() -> {
            JsonNode status = cluster.get("hpi", name).path("status");
            return status.has("observedInventoryHash")
                    && status.path("observedInventoryHash").equals(status.at("/agent/inventoryHash"));
        });
        awaitReason(cluster, "hpi", name, "Ready", "InSync");
    }

    private static HostDevices plain(int count) {
        return new HostDevices(IntStream.range(0, count)
                .mapToObj(i -> Devices.pci("0000:%02x:%02x.0".formatted(i / 32, i % 32)))
                .map(PciDevice.class::cast)
                .toList());
    }

    @Test
    void unchangedCloudCostsTwoRequestsPerSweepAndNoWrite() throws IOException {
        for (int i = 0; i < 20; i++) {
            host("quiet-%02d".formatted(i), 3);
        }
        hosts.forEach(FailureIT::awaitSynced);
        hosts.forEach(
                host -> assertThat(cluster.placement().providersBelow(host)).hasSize(3));
        int before = operatorRequests().size();
        Map<String, Long> switches = contextSwitchesOfPools();
        // Twelve sweeps without any other request.
        awaitCondition().until(() -> operatorRequests().size() >= before + 24);
        // Half a minute; a polling thread would have thousands of context switches.
        assertThat(contextSwitchesOfPools())
                .isNotEmpty()
                .allSatisfy((thread, count) -> assertThat(count - switches.getOrDefault(thread, 0L))
                        .as(thread)
                        .isLessThan(500));
        List<String> quiet = operatorRequests().subList(before + 2, before + 24);
        assertThat(quiet)
                .containsOnly(
                        "GET /resource_providers?required=CUSTOM_PCI_PLACEMENT_OPERATOR",
                        "GET /resource_providers?required=COMPUTE_NODE");
        restartReadsNoUnchangedProvider();
    }

    /** Voluntary context switches of the operator's pool threads, by thread id. */
    private static Map<String, Long> contextSwitchesOfPools() throws IOException {
        Path operator =
                Path.of("/proc", Long.toString(cluster.process("operator").pid()), "task");
        Map<String, Long> switches = new TreeMap<>();
        try (Stream<Path> threads = Files.list(operator)) {
            threads.forEach(thread -> {
                Matcher matcher = POOL_CONTEXT_SWITCHES.matcher(status(thread));
                if (matcher.find()) {
                    switches.put(thread.getFileName().toString(), Long.valueOf(matcher.group(1)));
                }
            });
        }
        return switches;
    }

    /** The status of a thread in /proc; empty if it has just ended. */
    private static String status(Path thread) {
        try {
            return Files.readString(thread.resolve("status"));
        } catch (IOException e) {
            return "";
        }
    }

    private static void restartReadsNoUnchangedProvider() {
        int before = cluster.placementRequests().size();
        assertThat(cluster.local("restart-operator").status()).isZero();
        awaitCondition()
                .until(() -> requestsSince(before)
                                .filter(request -> request.contains("in_tree="))
                                .count()
                        >= 20);
        int sweepRequests = operatorRequests().size();
        awaitCondition().until(() -> operatorRequests().size() >= sweepRequests + 3);
        assertThat(requestsSince(before)).noneMatch(request -> request.startsWith("GET /resource_providers/"));
    }

    private static Stream<String> requestsSince(int before) {
        return cluster.placementRequests().stream().skip(before);
    }

    private static List<String> operatorRequests() {
        return cluster.placementRequests().stream()
                .filter(request -> !request.contains("in_tree") && !request.contains("name="))
                .toList();
    }

    @Test
    void reportsUnavailablePlacementAndResumes() {
        hostInSync("away", 2);
        assertThat(cluster.local("stop-placement").status()).isZero();
        awaitReason(cluster, "hpi", "away", "PlacementSynced", "PlacementUnreachable");
        Hosts.publish(cluster.client(), "away", plain(5));
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitReason(cluster, "hpi", "away", "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow("away").size() == 5);
    }

    @Test
    void deletionWaitsForPlacementAndReportsIt() {
        hostInSync("leaving", 2);
        deleteWhilePlacementIsAway("leaving");
        assertThat(cluster.get("hpi", "leaving").at("/status/conditions").toString())
                .contains("RemoveUnused", "Waiting until");
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitCondition().until(() -> !cluster.get("hpi", "leaving").has("metadata"));
        assertThat(cluster.placement().uuid("leaving")).isEmpty();
    }

    @Test
    void deletionEndsAfterTheTimeout() {
        hostInSync("left", 2);
        deleteWhilePlacementIsAway("left");
        // Restarted with a short timeout, so that the test need not wait for the default.
        assertThat(cluster.local(Map.of("PCI_REMOVAL_PATIENCE", "1s"), List.of("restart-operator"))
                        .status())
                .isZero();
        awaitCondition().until(() -> !cluster.get("hpi", "left").has("metadata"));
        assertThat(cluster.local("start-placement").status()).isZero();
        assertThat(cluster.local("restart-operator").status()).isZero();
        assertThat(cluster.placement().providersBelow("left")).hasSize(2);
        assertThat(cluster.kubectl(
                                "get",
                                "events",
                                "--field-selector",
                                "reason=ProvidersRetained,involvedObject.name=left")
                        .all())
                .contains("stay in Placement");
    }

    private static void deleteWhilePlacementIsAway(String host) {
        assertThat(cluster.local("stop-placement").status()).isZero();
        cluster.kubectl("patch", "hpi", host, "--type=merge", "-p", "{\"spec\":{\"onDelete\":\"RemoveUnused\"}}");
        assertThat(cluster.kubectl("delete", "node", host).status()).isZero();
        cluster.kubectl("delete", "hpi", host, "--wait=false");
        awaitReason(cluster, "hpi", host, "Ready", "BeingDeleted");
    }

    @Test
    void completesInterruptedFirstSyncAfterRestart() {
        host("killed", 0);
        awaitReason(cluster, "hpi", "killed", "Ready", "InSync");
        int before = cluster.placementRequests().size();
        Hosts.publish(cluster.client(), "killed", plain(64));
        awaitCondition()
                .pollInterval(Duration.ofMillis(20))
                .until(() -> cluster.placementRequests().stream()
                                .skip(before)
                                .filter(request -> request.startsWith("POST /resource_providers"))
                                .count()
                        >= 10);
        assertThat(cluster.local("stop-operator", "--kill").status()).isZero();
        int created = cluster.placement().providersBelow("killed").size();
        assertThat(created).as("killed in the middle").isBetween(10, 64);
        assertThat(cluster.placement().describeTree("killed").values())
                .as("no inventory without its traits")
                .allMatch(line -> line.startsWith(" ") || line.endsWith("[CUSTOM_FAST]"));
        assertThat(cluster.local("start-operator").status()).isZero();
        awaitCondition().untilAsserted(() -> {
            assertThat(cluster.placement().providersBelow("killed")).hasSize(64);
            assertThat(cluster.placement().describeTree("killed").values())
                    .containsOnly("CUSTOM_PCI_8086_1533=1/0 [CUSTOM_FAST]");
        });
        awaitReason(cluster, "hpi", "killed", "Ready", "InSync");
    }

    /** Kills the operator after Placement has executed a write of allocations, before the response arrives. */
    private void killBeforeTheResponse(FailingProxy proxy, Runnable change) {
        CountDownLatch killed = new CountDownLatch(1);
        proxy.onExecuted(write -> {
            if (write.endsWith("/allocations") && killed.getCount() > 0) {
                assertThat(cluster.local("stop-operator", "--kill").status()).isZero();
                killed.countDown();
            }
        });
        change.run();
        awaitCondition().until(() -> killed.getCount() == 0);
        assertThat(cluster.local("start-operator").status()).isZero();
    }

    private static String claimer(String rest) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: claimer}
                spec:
                  consumer: {uuid: 5c2c2c1e-0000-4000-8000-000000000001, projectId: p, userId: u, managedBy: Operator}
                """ + rest;
    }

    @Test
    void completesClaimInterruptedBeforeTheResponse() throws IOException {
        hostInSync("dying", 3);
        Path clouds = cluster.dir().resolve("clouds.yaml");
        String right = Files.readString(clouds);
        UUID consumer = UUID.fromString("5c2c2c1e-0000-4000-8000-000000000001");
        try (FailingProxy proxy = new FailingProxy(cluster.placementUrl(), writes -> false)) {
            String through = right.replace(cluster.placementUrl(), proxy.url());
            assertThat(through).isNotEqualTo(right);
            Files.writeString(clouds, through);
            awaitCondition().until(() -> proxy.requests() > 0);
            killBeforeTheResponse(
                    proxy,
                    () -> cluster.apply(claimer("  requests: [{name: one, resourceClass: CUSTOM_PCI_8086_1533}]\n")));
            awaitReason(cluster, "pcia", "claimer", "Ready", "InSync");
            assertThat(cluster.placement().allocationsOf(consumer)).hasSize(1);
            String address = cluster.get("pcia", "claimer")
                    .at("/status/devices/0/address")
                    .asText();
            assertThat(cluster.placement().allocationsOf(consumer).getFirst())
                    .startsWith(cluster.placement().providersBelow("dying").get("dying_" + address));
        } finally {
            Files.writeString(clouds, right);
            cluster.kubectl("delete", "pcia", "claimer");
        }
    }

    @Test
    void reportsMissingRootProviderAndResumes() {
        hosts.add("rootless");
        Hosts.create(cluster.client(), "rootless", Map.of(), true);
        cluster.kubectl(
                "patch", "hpi", "rootless", "--type=merge", "-p", "{\"spec\":{\"rootProvider\":{\"create\":false}}}");
        cluster.kubectl("delete", "hpi", "rootless", "--wait=false");
        awaitCondition()
                .until(() -> cluster.get("hpi", "rootless")
                        .at("/spec/reporting")
                        .asText()
                        .equals("Disabled"));
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: rootless}
                spec: {reporting: Enabled, rootProvider: {name: compute-9.cloud}}
                """);
        Hosts.publish(cluster.client(), "rootless", plain(1));
        awaitReason(cluster, "hpi", "rootless", "Ready", "RootProviderNotFound");
        assertThat(cluster.get("hpi", "rootless").at("/status/conditions").toString())
                .contains("compute-9.cloud");
        cluster.placement()
                .send(
                        "POST",
                        "/resource_providers",
                        "{\"name\": \"compute-9.cloud\", \"uuid\": \"6f2c2c1e-0000-4000-8000-000000000009\"}");
        awaitReason(cluster, "hpi", "rootless", "Ready", "InSync");
        assertThat(cluster.placement().providersBelow("compute-9.cloud"))
                .containsOnlyKeys("compute-9.cloud_0000:00:00.0");
    }

    @Test
    void reportsWrongCredentialsAndReloadsThem() throws IOException {
        hostInSync("keys", 1);
        Path clouds = cluster.dir().resolve("clouds.yaml");
        String right = Files.readString(clouds);
        Files.writeString(clouds, right.replace("token: admin", "token: unauthorized"));
        awaitReason(cluster, "hpi", "keys", "PlacementSynced", "Forbidden");
        Files.writeString(clouds, right.replace("local:", "elsewhere:"));
        awaitReason(cluster, "hpi", "keys", "PlacementSynced", "InvalidCloudConfig");
        assertThat(cluster.get("hpi", "keys").at("/status/conditions").toString())
                .contains("elsewhere");
        Files.writeString(clouds, right);
        awaitReason(cluster, "hpi", "keys", "Ready", "InSync");
    }

    private static JsonNode asJson(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    /** The MDC fields of the operator's JSON log lines. */
    private static Stream<JsonNode> fields() {
        return cluster.log("operator").stream()
                .filter(line -> line.startsWith("{"))
                .map(FailureIT::asJson)
                .map(line -> line.path("mdc"));
    }

    private static void assertLoggedByPlacement(JsonNode fields) {
        String request = fields.path("request").asText();
        assertThat(request).startsWith("req-");
        assertThat(cluster.log("placement")).anyMatch(line -> line.contains(request));
    }

    @Test
    void logLinesHaveContextFields() {
        hostInSync("log-fields", 2);
        assertThat(fields())
                .filteredOn(fields -> fields.path("provider").asText().equals("log-fields_0000:00:01.0"))
                .isNotEmpty()
                .allSatisfy(FailureIT::assertLoggedByPlacement)
                .extracting(fields -> "%s %s %s"
                        .formatted(fields.path("node"), fields.path("resource.kind"), fields.path("resource.name")))
                .containsOnly("\"log-fields\" \"HostPciInventory\" \"log-fields\"");
        assertThat(fields())
                .as("sweep requests have no host")
                .anyMatch(fields -> fields.has("request") && !fields.has("node"));
        try {
            cluster.apply(claimer("  devices: [{node: log-fields, address: '0000:00:01.0'}]\n"));
            awaitReason(cluster, "pcia", "claimer", "Ready", "InSync");
            assertThat(fields())
                    .filteredOn(fields -> fields.path("device").asText().equals("log-fields/0000:00:01.0"))
                    .filteredOn(fields -> fields.has("request"))
                    .isNotEmpty()
                    .allSatisfy(FailureIT::assertLoggedByPlacement)
                    .allSatisfy(fields -> assertThat(fields.path("consumer").asText())
                            .isEqualTo("5c2c2c1e-0000-4000-8000-000000000001"));
        } finally {
            cluster.kubectl("delete", "pcia", "claimer");
        }
    }
}
