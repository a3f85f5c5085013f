package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitReason;
import static io.pciplacement.testing.Hosts.eventually;
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
 * What fails and comes back: Placement, the operator, the credentials. Nobody else uses the cluster: requests count.
 */
class FailureIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** In what the kernel says of a thread of a pool of Java's. */
    private static final Pattern POOLS_WAKINGS = Pattern.compile(
            "^Name:\\s+pool-.*^voluntary_ctxt_switches:\\s+(\\d+)$", Pattern.DOTALL | Pattern.MULTILINE);

    private static LocalCluster cluster;

    private final List<String> hosts = new ArrayList<>();

    @BeforeAll
    static void up() {
        cluster = LocalCluster.borrowed(Map.of(
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
    static void down() {
        cluster.close();
    }

    @AfterEach
    void remove() {
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

    /** With the devices that were published: without any it is in sync, too. */
    private static void awaitSynced(String name) {
        eventually().until(() -> {
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
    void aQuietCloudCostsTwoRequestsASweepAndNoWrite() throws IOException {
        for (int i = 0; i < 20; i++) {
            host("quiet-%02d".formatted(i), 3);
        }
        hosts.forEach(FailureIT::awaitSynced);
        hosts.forEach(host -> assertThat(cluster.placement().below(host)).hasSize(3));
        int before = operatorRequests().size();
        Map<String, Long> wakings = wakingsOfPools();
        // Quiet means that whole sweeps pass with nothing else; count twelve of them.
        eventually().until(() -> operatorRequests().size() >= before + 24);
        // Half a minute; a thread that looks again and again whether there is work does so thousands of times.
        assertThat(wakingsOfPools())
                .isNotEmpty()
                .allSatisfy((thread, count) -> assertThat(count - wakings.getOrDefault(thread, 0L))
                        .as(thread)
                        .isLessThan(500));
        List<String> quiet = operatorRequests().subList(before + 2, before + 24);
        assertThat(quiet)
                .containsOnly(
                        "GET /resource_providers?required=CUSTOM_PCI_PLACEMENT_OPERATOR",
                        "GET /resource_providers?required=COMPUTE_NODE");
        aRestartReadsNoProviderThatHasNotMoved();
    }

    /** How often the threads of the operator's pools have waited for something, by their ids. */
    private static Map<String, Long> wakingsOfPools() throws IOException {
        Path operator =
                Path.of("/proc", Long.toString(cluster.process("operator").pid()), "task");
        Map<String, Long> wakings = new TreeMap<>();
        try (Stream<Path> threads = Files.list(operator)) {
            threads.forEach(thread -> {
                Matcher matcher = POOLS_WAKINGS.matcher(status(thread));
                if (matcher.find()) {
                    wakings.put(thread.getFileName().toString(), Long.valueOf(matcher.group(1)));
                }
            });
        }
        return wakings;
    }

    /** What the kernel says of a thread, empty for one that has just ended. */
    private static String status(Path thread) {
        try {
            return Files.readString(thread.resolve("status"));
        } catch (IOException e) {
            return "";
        }
    }

    private static void aRestartReadsNoProviderThatHasNotMoved() {
        int before = cluster.placementRequests().size();
        assertThat(cluster.local("restart-operator").status()).isZero();
        eventually()
                .until(() -> requestsSince(before)
                                .filter(request -> request.contains("in_tree="))
                                .count()
                        >= 20);
        int looked = operatorRequests().size();
        eventually().until(() -> operatorRequests().size() >= looked + 3);
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
    void placementThatIsAwayIsSaidAndWaitedFor() {
        hostInSync("away", 2);
        assertThat(cluster.local("stop-placement").status()).isZero();
        awaitReason(cluster, "hpi", "away", "PlacementSynced", "PlacementUnreachable");
        Hosts.publish(cluster.client(), "away", plain(5));
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitReason(cluster, "hpi", "away", "Ready", "InSync");
        eventually().until(() -> cluster.placement().below("away").size() == 5);
    }

    @Test
    void aDeletedHostWaitsForPlacementAndSaysSo() {
        hostInSync("leaving", 2);
        deleteWhilePlacementIsAway("leaving");
        assertThat(cluster.get("hpi", "leaving").at("/status/conditions").toString())
                .contains("RemoveUnused", "Waiting until");
        assertThat(cluster.local("start-placement").status()).isZero();
        eventually().until(() -> !cluster.get("hpi", "leaving").has("metadata"));
        assertThat(cluster.placement().uuid("leaving")).isEmpty();
    }

    @Test
    void aDeletedHostDoesNotWaitForEver() {
        hostInSync("left", 2);
        deleteWhilePlacementIsAway("left");
        // One whose patience is at an end, so that no test need wait for it, nor be quicker than it.
        assertThat(cluster.local(Map.of("PCI_REMOVAL_PATIENCE", "1s"), List.of("restart-operator"))
                        .status())
                .isZero();
        eventually().until(() -> !cluster.get("hpi", "left").has("metadata"));
        assertThat(cluster.local("start-placement").status()).isZero();
        assertThat(cluster.local("restart-operator").status()).isZero();
        assertThat(cluster.placement().below("left")).hasSize(2);
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
    void anOperatorKilledInTheMiddleOfAFirstSyncCompletesItAfterwards() {
        host("killed", 0);
        awaitReason(cluster, "hpi", "killed", "Ready", "InSync");
        int before = cluster.placementRequests().size();
        Hosts.publish(cluster.client(), "killed", plain(64));
        eventually()
                .pollInterval(Duration.ofMillis(20))
                .until(() -> cluster.placementRequests().stream()
                                .skip(before)
                                .filter(request -> request.startsWith("POST /resource_providers"))
                                .count()
                        >= 10);
        assertThat(cluster.local("stop-operator", "--kill").status()).isZero();
        int made = cluster.placement().below("killed").size();
        assertThat(made).as("killed in the middle").isBetween(10, 64);
        assertThat(cluster.placement().view("killed").values())
                .as("nothing is offered before it is described")
                .allMatch(line -> line.startsWith(" ") || line.endsWith("[CUSTOM_FAST]"));
        assertThat(cluster.local("start-operator").status()).isZero();
        eventually().untilAsserted(() -> {
            assertThat(cluster.placement().below("killed")).hasSize(64);
            assertThat(cluster.placement().view("killed").values())
                    .containsOnly("CUSTOM_PCI_8086_1533=1/0 [CUSTOM_FAST]");
        });
        awaitReason(cluster, "hpi", "killed", "Ready", "InSync");
    }

    /** Killed when Placement has carried out a write of allocations, and before the operator has heard of it. */
    private void killedWithoutAnAnswer(FailingProxy proxy, Runnable change) {
        CountDownLatch killed = new CountDownLatch(1);
        proxy.whenCarriedOut(write -> {
            if (write.endsWith("/allocations") && killed.getCount() > 0) {
                assertThat(cluster.local("stop-operator", "--kill").status()).isZero();
                killed.countDown();
            }
        });
        change.run();
        eventually().until(() -> killed.getCount() == 0);
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
    void anOperatorKilledBeforeItHearsThatItsClaimIsGrantedCompletesIt() throws IOException {
        hostInSync("dying", 3);
        Path clouds = cluster.dir().resolve("clouds.yaml");
        String right = Files.readString(clouds);
        UUID consumer = UUID.fromString("5c2c2c1e-0000-4000-8000-000000000001");
        try (FailingProxy proxy = new FailingProxy(cluster.placementUrl(), writes -> false)) {
            String through = right.replace(cluster.placementUrl(), proxy.url());
            assertThat(through).isNotEqualTo(right);
            Files.writeString(clouds, through);
            eventually().until(() -> proxy.requests() > 0);
            killedWithoutAnAnswer(
                    proxy,
                    () -> cluster.apply(claimer("  requests: [{name: one, resourceClass: CUSTOM_PCI_8086_1533}]\n")));
            awaitReason(cluster, "pcia", "claimer", "Ready", "InSync");
            assertThat(cluster.placement().has(consumer)).hasSize(1);
            String address = cluster.get("pcia", "claimer")
                    .at("/status/devices/0/address")
                    .asText();
            assertThat(cluster.placement().has(consumer).getFirst())
                    .startsWith(cluster.placement().below("dying").get("dying_" + address));
        } finally {
            Files.writeString(clouds, right);
            cluster.kubectl("delete", "pcia", "claimer");
        }
    }

    @Test
    void aRootThatIsMissingIsSaidAndFoundOnceItIsThere() {
        hosts.add("rootless");
        Hosts.create(cluster.client(), "rootless", Map.of(), true);
        cluster.kubectl(
                "patch", "hpi", "rootless", "--type=merge", "-p", "{\"spec\":{\"rootProvider\":{\"create\":false}}}");
        cluster.kubectl("delete", "hpi", "rootless", "--wait=false");
        eventually()
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
        assertThat(cluster.placement().below("compute-9.cloud")).containsOnlyKeys("compute-9.cloud_0000:00:00.0");
    }

    @Test
    void wrongCredentialsAreSaidAndRightOnesTakenWithoutARestart() throws IOException {
        hostInSync("keys", 1);
        Path clouds = cluster.dir().resolve("clouds.yaml");
        String right = Files.readString(clouds);
        Files.writeString(clouds, right.replace("token: admin", "token: nobody"));
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

    /** The fields beside the text of the operator's lines in JSON. */
    private static Stream<JsonNode> fields() {
        return cluster.log("operator").stream()
                .filter(line -> line.startsWith("{"))
                .map(FailureIT::asJson)
                .map(line -> line.path("mdc"));
    }

    private static void isInPlacementsLog(JsonNode fields) {
        String request = fields.path("request").asText();
        assertThat(request).startsWith("req-");
        assertThat(cluster.log("placement")).anyMatch(line -> line.contains(request));
    }

    @Test
    void aLineOfTheLogHasWhatItIsAboutInFields() {
        hostInSync("told", 2);
        assertThat(fields())
                .filteredOn(fields -> fields.path("provider").asText().equals("told_0000:00:01.0"))
                .isNotEmpty()
                .allSatisfy(FailureIT::isInPlacementsLog)
                .extracting(fields -> "%s %s %s"
                        .formatted(fields.path("node"), fields.path("resource.kind"), fields.path("resource.name")))
                .containsOnly("\"told\" \"HostPciInventory\" \"told\"");
        assertThat(fields())
                .as("the sweep is about no host")
                .anyMatch(fields -> fields.has("request") && !fields.has("node"));
        try {
            cluster.apply(claimer("  devices: [{node: told, address: '0000:00:01.0'}]\n"));
            awaitReason(cluster, "pcia", "claimer", "Ready", "InSync");
            assertThat(fields())
                    .filteredOn(fields -> fields.path("device").asText().equals("told/0000:00:01.0"))
                    .filteredOn(fields -> fields.has("request"))
                    .isNotEmpty()
                    .allSatisfy(FailureIT::isInPlacementsLog)
                    .allSatisfy(fields -> assertThat(fields.path("consumer").asText())
                            .isEqualTo("5c2c2c1e-0000-4000-8000-000000000001"));
        } finally {
            cluster.kubectl("delete", "pcia", "claimer");
        }
    }
}
