package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitReason;
import static io.pciplacement.testing.Hosts.eventually;
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
 * Several operators on one API server and one Placement: one of them writes, whatever becomes of it another takes over,
 * and nothing is done twice. Placement's own log tells who has asked for what. The tests hand the lead from one to the
 * next, each picks up where the last one stopped.
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
    static void up() {
        // Shorter than in the chart, to save the tests' time.
        cluster = LocalCluster.borrowed(Map.of("PCI_LEADER_LEASE_DURATION", "5s"));
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
    static void down() {
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
        eventually().until(() -> leader().equals(name));
    }

    /** How the ids of an operator's latest process begin. */
    private static String ids(String operator) {
        return cluster.log(operator).stream()
                .filter(line -> line.contains("requests to Placement begin with"))
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
        eventually().until(() -> cluster.placement().below("shared").size() == count);
        awaitReason(cluster, "hpi", "shared", "Ready", "InSync");
        eventually()
                .untilAsserted(
                        () -> assertThat(cluster.placement().view("shared").values())
                                .hasSize(count)
                                .containsOnly("CUSTOM_PCI_8086_1533=1/0 [CUSTOM_FAST]"));
    }

    private static void signal(String operator, String signal) throws Exception {
        String pid = Long.toString(cluster.process(operator).pid());
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    /** After the point where another took over, the one before has written nothing; and nothing was made twice. */
    private static void oneWriter(int from, String before, String after) {
        List<Request> writes =
                requests().stream().skip(from).filter(Request::writes).toList();
        // Whether the one before came to write at all before it ceased to lead is a matter of moments.
        assertThat(writes).extracting(Request::process).contains(after).isSubsetOf(before, after);
        int first = writes.stream().map(Request::process).toList().indexOf(after);
        assertThat(writes.subList(first, writes.size()))
                .extracting(Request::process)
                .containsOnly(after);
        assertThat(writes).as("nothing was made twice").allMatch(write -> write.status() < 300);
    }

    @Test
    @Order(1)
    void aStandByWritesNothingAndJudges() {
        assertThat(leader()).isEqualTo("operator");
        String standBy = ids("operator-2");
        publish(4);
        awaitProviders(4);
        // It has learned the standard names, for its webhook, and asked for nothing else.
        eventually()
                .until(() -> requests().stream()
                        .anyMatch(request -> request.process().equals(standBy)
                                && request.path().startsWith("/traits")));
        assertThat(requests().stream()
                        .filter(request -> request.process().equals(standBy))
                        .toList())
                .noneMatch(Request::writes);
        assertThat(cluster.ask("operator", "/q/metrics")).contains("pci_placement_leader 1.0");
        assertThat(cluster.ask("operator-2", "/q/metrics"))
                .contains("pci_placement_leader 0.0")
                .doesNotContain("pci_placement_hosts");
    }

    @Test
    @Order(2)
    void whoseLeaderIsKilledInTheMiddleIsCompletedByTheNext() throws Exception {
        int from = requests().size();
        String before = ids("operator");
        publish(24);
        eventually()
                .until(() -> requests().stream()
                                .skip(from)
                                .filter(request -> request.method().equals("POST"))
                                .count()
                        >= 5);
        signal("operator", "KILL");
        awaitLeader("operator-2");
        awaitProviders(24);
        oneWriter(from, before, ids("operator-2"));
    }

    @Test
    @Order(3)
    void aLeaderThatIsCutOffFromTheApiServerStopsWritingBeforeTheNextBegins() throws Exception {
        assertThat(cluster.local("start-operator").status()).isZero();
        assertThat(leader()).isEqualTo("operator-2");
        int from = requests().size();
        String before = ids("operator-2");
        proxy.cut();
        // Somebody meddles: whoever may still write puts it right.
        String root = cluster.placement().uuid("shared").orElseThrow();
        cluster.placement()
                .send(
                        "DELETE",
                        "/resource_providers/"
                                + cluster.placement().below("shared").get("shared_0000:00:00.0"),
                        null);
        awaitLeader("operator");
        publish(25);
        awaitProviders(25);
        oneWriter(from, before, ids("operator"));
        assertThat(cluster.placement().uuid("shared")).contains(root);
    }

    @Test
    @Order(4)
    void aLeaderThatWasStoppedPastItsLeaseEndsWhenItWakes() throws Exception {
        assertThat(cluster.local("restart-operator", "--replica", "2", "--kill").status())
                .isZero();
        int from = requests().size();
        String before = ids("operator");
        publish(44);
        eventually()
                .until(() -> requests().stream()
                                .skip(from)
                                .filter(request -> request.method().equals("POST"))
                                .count()
                        >= 3);
        signal("operator", "STOP");
        awaitLeader("operator-2");
        awaitProviders(44);
        int then = requests().size();
        ProcessHandle stopped = cluster.process("operator");
        signal("operator", "CONT");
        eventually().until(() -> !stopped.isAlive());
        // What it was about to send when it was stopped may still arrive; Placement's generations turn that down.
        assertThat(requests().stream()
                        .skip(then)
                        .filter(request -> request.process().equals(before))
                        .filter(Request::writes))
                .as("writes of the one that woke")
                .allMatch(request -> request.status() == 409);
        assertThat(cluster.placement().view("shared")).hasSize(44);
    }

    @Test
    @Order(5)
    void aLeaderThatIsAskedToEndGivesTheLeaseBack() {
        assertThat(cluster.local("start-operator").status()).isZero();
        int from = requests().size();
        assertThat(cluster.local("stop-operator", "--replica", "2").status()).isZero();
        assertThat(cluster.log("operator-2")).noneMatch(line -> line.contains("was not given back"));
        publish(45);
        awaitProviders(45);
        assertThat(requests().stream().skip(from).filter(Request::writes))
                .extracting(Request::process)
                .containsOnly(ids("operator"));
    }

    @Test
    @Order(6)
    void aLeaderThatIsCutOffFromPlacementPassesTheLeadToOneThatIsNot() throws Exception {
        try (SeverableProxy way =
                new SeverableProxy(URI.create(cluster.placementUrl()).getPort())) {
            Path clouds = Files.writeString(
                    cluster.dir().resolve("cut-off-clouds.yaml"),
                    Files.readString(cluster.dir().resolve("clouds.yaml"))
                            .replace(cluster.placementUrl(), "http://127.0.0.1:" + way.port()));
            assertThat(cluster.local(
                                    Map.of("PCI_LOCAL_OPERATOR_CLOUDS", clouds.toString()),
                                    List.of("start-operator", "--replica", "2"))
                            .status())
                    .isZero();
            assertThat(cluster.local("restart-operator").status()).isZero();
            awaitLeader("operator-2");
            publish(46);
            awaitProviders(46);
            int from = requests().size();
            String before = ids("operator-2");
            ProcessHandle cutOff = cluster.process("operator-2");
            way.cut();
            publish(47);
            awaitLeader("operator");
            awaitProviders(47);
            assertThat(requests().stream().skip(from).filter(Request::writes))
                    .extracting(Request::process)
                    .containsOnly(ids("operator"))
                    .doesNotContain(before);
            eventually().until(() -> !cutOff.isAlive());
        }
    }

    /** Its watches are dead and nobody has told it; the kubelet, whose probe this is, starts it anew. */
    @Test
    @Order(8)
    void anOperatorWhoseWatchesHaveDiedInSilenceSaysThatItIsNotAlive() {
        try (SeverableProxy way = new SeverableProxy(
                URI.create(cluster.client().getConfiguration().getMasterUrl()).getPort())) {
            assertThat(cluster.local("stop-operator", "--replica", "2").status())
                    .isZero();
            assertThat(cluster.local(
                                    Map.of("PCI_LOCAL_OPERATOR_API", "https://127.0.0.1:" + way.port()),
                                    List.of("start-operator", "--replica", "2"))
                            .status())
                    .isZero();
            assertThat(cluster.ask("operator-2", "/q/health/live")).contains("\"watches\": true");
            way.forget();
            eventually()
                    .untilAsserted(() -> assertThat(cluster.ask("operator-2", "/q/health/live"))
                            .contains("\"watches\": false"));
            assertThat(cluster.ask("operator", "/q/health/live")).contains("\"status\": \"UP\"");
        }
    }

    /** Where nobody reaches Placement the lead stays where it is. */
    @Test
    @Order(7)
    void whereNobodyReachesPlacementNobodyTakesOver() {
        assertThat(cluster.local("start-operator", "--replica", "2").status()).isZero();
        assertThat(leader()).isEqualTo("operator");
        assertThat(cluster.local("stop-placement").status()).isZero();
        awaitReason(cluster, "hpi", "shared", "PlacementSynced", "PlacementUnreachable");
        eventually()
                .until(() -> lease().at("/metadata/annotations")
                        .toString()
                        .contains("\"pciplacement.io/placement-unreachable-from\":\"operator\""));
        String renewed = lease().at("/spec/renewTime").asText();
        eventually().until(() -> !lease().at("/spec/renewTime").asText().equals(renewed));
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitReason(cluster, "hpi", "shared", "Ready", "InSync");
        eventually()
                .until(() -> !lease().at("/metadata/annotations").toString().contains("placement-unreachable-from"));
        assertThat(leader()).isEqualTo("operator");
    }
}
