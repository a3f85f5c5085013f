package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.SeverableProxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Several operators with one API server and one Placement: only the leader writes, a standby takes over when it fails,
 * and nothing is written twice. Placement's log shows which process sent a request. Each test continues with the leader
 * of the previous one.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LeaderIT {

    private static final Pattern REQUEST =
            Pattern.compile("\\[(req-[0-9a-f]{8})\\S* .*\"([A-Z]+) (\\S+)\" status: (\\d+)");

    private static LocalCluster cluster;
    private static SeverableProxy proxy;

    private record Request(String process, String method, String path, int status) {
        boolean writes() {
            return !method.equals("GET");
        }
    }

    @BeforeAll
    static void startOperators() {
        // Shorter than in the chart, to save time.
        cluster = LocalCluster.leaseShared(Map.of("PCI_LEADER_LEASE_DURATION", "5s"));
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: plain}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}], traits: [fast]}
                """);
        Hosts.create(cluster.client(), "shared", Map.of(), true);
        proxy = new SeverableProxy(
                URI.create(cluster.client().getConfiguration().getMasterUrl()).getPort());
        assertThat(cluster.local(
                                Map.of("PCI_LOCAL_OPERATOR_API", "https://127.0.0.1:" + proxy.port()),
                                List.of("start-operator", "--replica", "2"))
                        .status())
                .isZero();
    }

    @AfterAll
    static void stopOperators() {
        cluster.local("stop-operator", "--replica", "2");
        proxy.close();
        cluster.close();
    }

    private static JsonNode lease() {
        return cluster.raw(
                "/apis/coordination.k8s.io/v1/namespaces/pci-placement-operator/leases/pci-placement-operator");
    }

    private static String leader() {
        return lease().at("/spec/holderIdentity").asText();
    }

    private static void awaitLeader(String name) {
        awaitCondition().until(() -> leader().equals(name));
    }

    /** Prefix of the request ids of an operator's latest process. */
    private static String requestIdPrefix(String operator) {
        return cluster.log(operator).stream()
                .filter(line -> line.contains("request id prefix of this process in Placement"))
                .map(line -> line.replaceFirst(".*(req-[0-9a-f]{8}).*", "$1"))
                .reduce((one, other) -> other)
                .orElseThrow();
    }

    private static List<Request> requests() {
        return cluster.log("placement").stream()
                .map(REQUEST::matcher)
                .filter(Matcher::find)
                .map(m -> new Request(m.group(1), m.group(2), m.group(3), Integer.parseInt(m.group(4))))
                .toList();
    }

    private static void publish(int devices) {
        Hosts.publish(
                cluster.client(),
                "shared",
                new HostDevices(IntStream.range(0, devices)
                        .mapToObj(i -> Devices.pci("0000:%02x:%02x.0".formatted(i / 32, i % 32)))
                        .map(PciDevice.class::cast)
                        .toList()));
    }

    private static void awaitProviders(int count) {
        awaitCondition()
                .until(() -> cluster.placement().providersBelow("shared").size() == count);
        awaitReason(cluster, "hpi", "shared", "Ready", "InSync");
        awaitCondition()
                .untilAsserted(() -> assertThat(
                                cluster.placement().describeTree("shared").values())
                        .hasSize(count)
                        .containsOnly("CUSTOM_PCI_8086_1533=1/0 [CUSTOM_FAST]"));
    }

    private static void signal(String operator, String signal) throws Exception {
        String pid = Long.toString(cluster.process(operator).pid());
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    /** The previous leader wrote nothing after the next one started to write, and nothing was created twice. */
    private static void assertSingleWriter(int from, String previous, String next) {
        List<Request> writes =
                requests().stream().skip(from).filter(Request::writes).toList();
        // Whether the previous leader wrote before it lost leadership depends on timing.
        assertThat(writes).extracting(Request::process).contains(next).isSubsetOf(previous, next);
        int first = writes.stream().map(Request::process).toList().indexOf(next);
        assertThat(writes.subList(first, writes.size()))
                .extracting(Request::process)
                .containsOnly(next);
        assertThat(writes).as("nothing was created twice").allMatch(write -> write.status() < 300);
    }

    @Test
    @Order(1)
    void standbyWritesNothingAndReadsStandardNames() {
        assertThat(leader()).isEqualTo("operator");
        String standby = requestIdPrefix("operator-2");
        publish(4);
        awaitProviders(4);
        // It has read the standard names for its webhook, and nothing else.
        awaitCondition()
                .until(() -> requests().stream()
                        .anyMatch(request -> request.process().equals(standby)
                                && request.path().startsWith("/traits")));
        assertThat(requests().stream()
                        .filter(request -> request.process().equals(standby))
                        .toList())
                .noneMatch(Request::writes);
        assertThat(cluster.ask("operator", "/q/metrics")).contains("pci_placement_leader 1.0");
        assertThat(cluster.ask("operator-2", "/q/metrics"))
                .contains("pci_placement_leader 0.0")
                .doesNotContain("pci_placement_hosts");
    }

    @Test
    @Order(2)
    void nextLeaderCompletesTheSyncOfAKilledOne() throws Exception {
        int from = requests().size();
        String previous = requestIdPrefix("operator");
        publish(24);
        awaitCondition()
                .until(() -> requests().stream()
                                .skip(from)
                                .filter(request -> request.method().equals("POST"))
                                .count()
                        >= 5);
        signal("operator", "KILL");
        awaitLeader("operator-2");
        awaitProviders(24);
        assertSingleWriter(from, previous, requestIdPrefix("operator-2"));
    }

    @Test
    @Order(3)
    void disconnectedLeaderStopsWritingBeforeTheNextStarts() throws Exception {
        assertThat(cluster.local("start-operator").status()).isZero();
        assertThat(leader()).isEqualTo("operator-2");
        int from = requests().size();
        String previous = requestIdPrefix("operator-2");
        proxy.sever();
        // An external change, which the current leader reverts.
        String root = cluster.placement().uuid("shared").orElseThrow();
        cluster.placement()
                .send(
                        "DELETE",
                        "/resource_providers/"
                                + cluster.placement().providersBelow("shared").get("shared_0000:00:00.0"),
                        null);
        awaitLeader("operator");
        publish(25);
        awaitProviders(25);
        assertSingleWriter(from, previous, requestIdPrefix("operator"));
        assertThat(cluster.placement().uuid("shared")).contains(root);
    }

    @Test
    @Order(4)
    void suspendedLeaderExitsWhenItResumes() throws Exception {
        assertThat(cluster.local("restart-operator", "--replica", "2", "--kill").status())
                .isZero();
        int from = requests().size();
        String previous = requestIdPrefix("operator");
        publish(44);
        awaitCondition()
                .until(() -> requests().stream()
                                .skip(from)
                                .filter(request -> request.method().equals("POST"))
                                .count()
                        >= 3);
        signal("operator", "STOP");
        awaitLeader("operator-2");
        awaitProviders(44);
        int requestsBeforeResume = requests().size();
        ProcessHandle stopped = cluster.process("operator");
        signal("operator", "CONT");
        awaitCondition().until(() -> !stopped.isAlive());
        // Requests that it was about to send may still arrive; Placement rejects them because of the generation.
        assertThat(requests().stream()
                        .skip(requestsBeforeResume)
                        .filter(request -> request.process().equals(previous))
                        .filter(Request::writes))
                .as("writes of the resumed process")
                .allMatch(request -> request.status() == 409);
        assertThat(cluster.placement().describeTree("shared")).hasSize(44);
    }

    @Test
    @Order(5)
    void terminatedLeaderReleasesTheLease() {
        assertThat(cluster.local("start-operator").status()).isZero();
        int from = requests().size();
        assertThat(cluster.local("stop-operator", "--replica", "2").status()).isZero();
        assertThat(cluster.log("operator-2")).noneMatch(line -> line.contains("was not released"));
        publish(45);
        awaitProviders(45);
        assertThat(requests().stream().skip(from).filter(Request::writes))
                .extracting(Request::process)
                .containsOnly(requestIdPrefix("operator"));
    }

    @Test
    @Order(6)
    void handsOverIfPlacementIsUnreachableForTheLeaderOnly() throws Exception {
        try (SeverableProxy placementProxy =
                new SeverableProxy(URI.create(cluster.placementUrl()).getPort())) {
            Path clouds = Files.writeString(
                    cluster.dir().resolve("cut-off-clouds.yaml"),
                    Files.readString(cluster.dir().resolve("clouds.yaml"))
                            .replace(cluster.placementUrl(), "http://127.0.0.1:" + placementProxy.port()));
            assertThat(cluster.local(
                                    Map.of("PCI_LOCAL_OPERATOR_CLOUDS", clouds.toString()),
                                    List.of("start-operator", "--replica", "2"))
                            .status())
                    .isZero();
            // Not restarted at once: the new process could get the Lease before the other one.
            assertThat(cluster.local("stop-operator").status()).isZero();
            awaitLeader("operator-2");
            assertThat(cluster.local("start-operator").status()).isZero();
            publish(46);
            awaitProviders(46);
            int from = requests().size();
            String previous = requestIdPrefix("operator-2");
            ProcessHandle disconnected = cluster.process("operator-2");
            placementProxy.sever();
            publish(47);
            awaitLeader("operator");
            awaitProviders(47);
            assertThat(requests().stream().skip(from).filter(Request::writes))
                    .extracting(Request::process)
                    .containsOnly(requestIdPrefix("operator"))
                    .doesNotContain(previous);
            awaitCondition().until(() -> !disconnected.isAlive());
        }
    }

    /** The connections of its watches are dead without an error; the kubelet restarts it because of the probe. */
    @Test
    @Order(8)
    void livenessFailsIfWatchesAreDead() {
        try (SeverableProxy placementProxy = new SeverableProxy(
                URI.create(cluster.client().getConfiguration().getMasterUrl()).getPort())) {
            assertThat(cluster.local("stop-operator", "--replica", "2").status())
                    .isZero();
            assertThat(cluster.local(
                                    Map.of("PCI_LOCAL_OPERATOR_API", "https://127.0.0.1:" + placementProxy.port()),
                                    List.of("start-operator", "--replica", "2"))
                            .status())
                    .isZero();
            assertThat(cluster.ask("operator-2", "/q/health/live")).contains("\"watches\": true");
            placementProxy.removeConnection();
            awaitCondition()
                    .untilAsserted(() -> assertThat(cluster.ask("operator-2", "/q/health/live"))
                            .contains("\"watches\": false"));
            assertThat(cluster.ask("operator", "/q/health/live")).contains("\"status\": \"UP\"");
        }
    }

    /** If no operator can reach Placement, leadership does not change. */
    @Test
    @Order(7)
    void keepsTheLeaderIfPlacementIsDown() {
        assertThat(cluster.local("start-operator", "--replica", "2").status()).isZero();
        assertThat(leader()).isEqualTo("operator");
        assertThat(cluster.local("stop-placement").status()).isZero();
        awaitReason(cluster, "hpi", "shared", "PlacementSynced", "PlacementUnreachable");
        awaitCondition()
                .until(() -> lease().at("/metadata/annotations")
                        .toString()
                        .contains("\"pciplacement.io/placement-unreachable-from\":\"operator\""));
        String renewed = lease().at("/spec/renewTime").asText();
        awaitCondition().until(() -> !lease().at("/spec/renewTime").asText().equals(renewed));
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitReason(cluster, "hpi", "shared", "Ready", "InSync");
        awaitCondition()
                .until(() -> !lease().at("/metadata/annotations").toString().contains("placement-unreachable-from"));
        assertThat(leader()).isEqualTo("operator");
    }
}
