package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.testing.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The operator's requests to Placement: how many an unchanged cloud costs, and their log lines. No other test uses the
 * cluster, because requests are counted.
 */
class OperatorRequestsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Matches the context switches in /proc/.../status of a thread of a Java thread pool. */
    private static final Pattern POOL_CONTEXT_SWITCHES = Pattern.compile(
            "^Name:\\s+pool-.*^voluntary_ctxt_switches:\\s+(\\d+)$", Pattern.DOTALL | Pattern.MULTILINE);

    private static LocalCluster cluster;

    private final PlainHosts hosts = new PlainHosts(cluster);

    @BeforeAll
    static void startCluster() {
        cluster = LocalCluster.leaseShared(Map.of(
                "PCI_SWEEP_INTERVAL",
                "1s",
                "QUARKUS_LOG_CONSOLE_JSON_ENABLED",
                "true",
                "QUARKUS_LOG_CATEGORY__IO_PCIPLACEMENT_PLACEMENT_REQUESTS__LEVEL",
                "DEBUG"));
        cluster.apply(PlainHosts.SPEC);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @AfterEach
    void removeHosts() {
        hosts.removeAll();
    }

    @Test
    void unchangedCloudCostsTwoRequestsPerSweepAndNoWrite() throws IOException {
        for (int i = 0; i < 20; i++) {
            hosts.create("quiet-%02d".formatted(i), 3);
        }
        hosts.names().forEach(hosts::awaitSynced);
        hosts.names()
                .forEach(host ->
                        assertThat(cluster.placement().providersBelow(host)).hasSize(3));
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
                .map(OperatorRequestsIT::asJson)
                .map(line -> line.path("mdc"));
    }

    private static void assertLoggedByPlacement(JsonNode fields) {
        String request = fields.path("request").asText();
        assertThat(request).startsWith("req-");
        assertThat(cluster.log("placement")).anyMatch(line -> line.contains(request));
    }

    @Test
    void logLinesHaveContextFields() {
        hosts.createInSync("log-fields", 2);
        assertThat(fields())
                .filteredOn(fields -> fields.path("provider").asText().equals("log-fields_0000:00:01.0"))
                .isNotEmpty()
                .allSatisfy(OperatorRequestsIT::assertLoggedByPlacement)
                .extracting(fields -> "%s %s %s"
                        .formatted(fields.path("node"), fields.path("resource.kind"), fields.path("resource.name")))
                .containsOnly("\"log-fields\" \"HostPciInventory\" \"log-fields\"");
        assertThat(fields())
                .as("sweep requests have no host")
                .anyMatch(fields -> fields.has("request") && !fields.has("node"));
        try {
            cluster.apply("""
                    apiVersion: pciplacement.io/v1alpha1
                    kind: PciAllocation
                    metadata: {name: logged}
                    spec:
                      consumer: {uuid: 5c2c2c1e-0000-4000-8000-000000000001, projectId: p, userId: u, managedBy: Operator}
                      devices: [{node: log-fields, address: '0000:00:01.0'}]
                    """);
            awaitReason(cluster, "pcia", "logged", "Ready", "InSync");
            assertThat(fields())
                    .filteredOn(fields -> fields.path("device").asText().equals("log-fields/0000:00:01.0"))
                    .filteredOn(fields -> fields.has("request"))
                    .isNotEmpty()
                    .allSatisfy(OperatorRequestsIT::assertLoggedByPlacement)
                    .allSatisfy(fields -> assertThat(fields.path("consumer").asText())
                            .isEqualTo("5c2c2c1e-0000-4000-8000-000000000001"));
        } finally {
            cluster.kubectl("delete", "pcia", "logged");
        }
    }
}
