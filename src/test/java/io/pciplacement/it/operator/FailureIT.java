package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.FailingProxy;
import io.pciplacement.testing.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Failures and recovery of Placement, the operator and the credentials. */
class FailureIT {

    private static LocalCluster cluster;

    private final PlainHosts hosts = new PlainHosts(cluster);

    @BeforeAll
    static void startCluster() {
        cluster = LocalCluster.leaseShared(Map.of("PCI_SWEEP_INTERVAL", "1s"));
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
    void reportsUnavailablePlacementAndResumes() {
        hosts.createInSync("away", 2);
        assertThat(cluster.local("stop-placement").status()).isZero();
        awaitReason(cluster, "hpi", "away", "PlacementSynced", "PlacementUnreachable");
        hosts.publish("away", 5);
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitReason(cluster, "hpi", "away", "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow("away").size() == 5);
    }

    @Test
    void deletionWaitsForPlacementAndReportsIt() {
        hosts.createInSync("leaving", 2);
        deleteWhilePlacementIsAway("leaving");
        assertThat(cluster.get("hpi", "leaving").at("/status/conditions").toString())
                .contains("RemoveUnused", "Waiting until");
        assertThat(cluster.local("start-placement").status()).isZero();
        awaitCondition().until(() -> !cluster.get("hpi", "leaving").has("metadata"));
        assertThat(cluster.placement().uuid("leaving")).isEmpty();
    }

    @Test
    void deletionEndsAfterTheTimeout() {
        hosts.createInSync("left", 2);
        deleteWhilePlacementIsAway("left");
        // Restarted with a short timeout, so that the test need not wait for the default.
        assertThat(cluster.local(Map.of("PCI_REMOVAL_PATIENCE", "1s"), List.of("restart-operator"))
                        .status())
                .isZero();
        awaitCondition().until(() -> !cluster.get("hpi", "left").has("metadata"));
        assertThat(cluster.local("start-placement").status()).isZero();
        assertThat(cluster.local("restart-operator").status()).isZero();
        assertThat(cluster.placement().providersBelow("left")).hasSize(2);
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.kubectl(
                                        "get",
                                        "events",
                                        "--field-selector",
                                        "reason=ProvidersRetained,involvedObject.name=left")
                                .all())
                        .contains("stay in Placement"));
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
        hosts.create("killed", 0);
        awaitReason(cluster, "hpi", "killed", "Ready", "InSync");
        int before = cluster.placementRequests().size();
        hosts.publish("killed", 64);
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
        hosts.createInSync("dying", 3);
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
        hosts.create("rootless");
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
        hosts.publish("rootless", 1);
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
        hosts.createInSync("keys", 1);
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
}
