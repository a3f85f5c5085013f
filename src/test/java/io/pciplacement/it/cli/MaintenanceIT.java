package io.pciplacement.it.cli;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.maintenance.HostInventoryStore;
import io.pciplacement.cli.maintenance.KubernetesHostStore;
import io.pciplacement.cli.maintenance.QuarantineEditor;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands quarantine, release, drain and retire with a real API server, operator and Placement. */
class MaintenanceIT {

    private static final String CARD = "0000:81:01.0";
    private static final String PF = "0000:81:03.0";
    private static final String VF = "0000:81:03.2";

    private final LocalCluster cluster = LocalCluster.shared();
    private final UUID server = UUID.randomUUID();

    /** Of its own for each test, because one of them leaves a provider that no operator removes. */
    private final String node = "maintained-" + server.toString().substring(0, 8);

    /** A whole device, and a PF with four VFs. */
    @BeforeEach
    void createHost() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: maintained}
                spec: {selectors: [{productId: "1533"}, {productId: "1515"}]}
                """);
        Hosts.create(cluster.client(), node, Map.of(), true);
        Hosts.publish(
                cluster.client(), node, new Devices().plain(1).pfWithVfs(3, 4).build());
        awaitReason(cluster, "hpi", node, "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow(node).size() == 2);
    }

    @AfterEach
    void removeHost() {
        cluster.kubectl("delete", "clusterrolebinding", "maintenance-editor", "--ignore-not-found");
        cluster.placement().release(server);
        Hosts.clean(cluster, node);
        cluster.placement().deleteTree(node);
    }

    private String providerUuid(String address) {
        return cluster.placement().providersBelow(node).get(node + "_" + address);
    }

    private int reserved(String address) {
        JsonNode inventories = cluster.placement()
                .get("/resource_providers/" + providerUuid(address) + "/inventories")
                .path("inventories");
        return inventories.elements().next().path("reserved").asInt();
    }

    private void claim(String address, String resourceClass) {
        assertThat(cluster.placement()
                        .claim(server, "INSTANCE", providerUuid(address) + "/" + resourceClass + "=1")
                        .status())
                .isEqualTo(204);
    }

    private void assertSuccess(ProcessResult run, String... words) {
        assertThat(run.status()).as(run.all()).isZero();
        assertThat(run.out()).contains(words);
    }

    private void assertFailure(int status, ProcessResult run, String... words) {
        assertThat(run.status()).as(run.all()).isEqualTo(status);
        assertThat(run.err()).contains(words);
        assertThat(run.err().lines().toList()).hasSize(1);
    }

    @Test
    void quarantinedDeviceIsReservedUntilItIsReleased() {
        assertSuccess(
                cluster.pci("quarantine", node, "81:03.2", "--reason", "link errors", "--wait", "1m"),
                VF + " of host " + node + " is quarantined (link errors)",
                "state: Reserved");
        assertThat(reserved(PF)).isEqualTo(1);
        assertSuccess(cluster.pci("quarantine", node, VF, "--reason", "link errors"), "is quarantined already");
        assertSuccess(cluster.pci("status", node), "quarantined " + VF + ": link errors (Reserved since 20");
        ProcessResult explained = cluster.pci("explain", node, VF);
        assertThat(explained.status()).as(explained.all()).isEqualTo(4);
        assertThat(explained.out()).contains("  quarantined: link errors (Reserved since 20");
        assertSuccess(cluster.pci("quarantine", node, VF, "--reason", "fan"), "the reason was: link errors");
        assertFailure(2, cluster.pci("release", node, CARD), "quarantined are: %s (fan)".formatted(VF));
        assertSuccess(
                cluster.pci("release", node, "81:03.2", "--wait", "1m"), "not quarantined any more (it was: fan)");
        awaitCondition().untilAsserted(() -> assertThat(reserved(PF)).isZero());
        assertThat(cluster.get("hpi", node).at("/spec/quarantine").isMissingNode())
                .isTrue();
    }

    @Test
    void deviceInUseIsReservedWhenItIsReleased() {
        claim(CARD, "CUSTOM_PCI_8086_1533");
        awaitCondition()
                .until(() -> cluster.get("hpi", node).at("/status/summary/used").asInt() == 1);
        assertSuccess(
                cluster.pci("quarantine", node, CARD, "--reason", "ECC", "-o", "json", "--wait", "1m"),
                "\"state\" : \"InUse\"");
        ProcessResult doctor = cluster.pci("doctor", node);
        assertThat(doctor.status()).as(doctor.all()).isEqualTo(3);
        assertThat(doctor.out()).contains("QuarantinedDevices: %s: %s is quarantined (ECC)".formatted(node, CARD));
        cluster.placement().release(server);
        awaitCondition().untilAsserted(() -> assertThat(reserved(CARD)).isEqualTo(1));
    }

    @Test
    void entriesOfSimultaneousEditsAreKept() throws InterruptedException, ExecutionException {
        int clients = 8;
        List<Future<?>> edits = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            for (int i = 0; i < clients; i++) {
                PciAddress address = new PciAddress(0, 0x90, i, 0);
                HostInventoryStore store = new KubernetesHostStore(cluster.client());
                edits.add(threads.submit(() -> new QuarantineEditor(store).quarantineDevice(node, address, "r")));
            }
            for (Future<?> edit : edits) {
                edit.get();
            }
        }
        assertThat(cluster.get("hpi", node).at("/spec/quarantine")).hasSize(clients);
        assertThat(cluster.get("hpi", node).at("/spec/reporting").asText()).isEqualTo("Enabled");
        assertSuccess(cluster.pci("release", node, "90:00.0"), "not quarantined any more");
        assertThat(cluster.get("hpi", node).at("/spec/quarantine")).hasSize(clients - 1);
    }

    @Test
    void rejectionsAreReported() {
        cluster.kubectl("patch", "hpi", node, "--type=merge", "-p", "{\"spec\":{\"reporting\":\"Nova\"}}");
        assertFailure(
                4,
                cluster.pci("quarantine", node, VF, "--reason", "r"),
                "the API server rejected the change",
                "nova-compute of %s selects the VFs".formatted(node));
        assertFailure(
                2,
                cluster.pci("quarantine", "unknown", VF, "--reason", "r"),
                "there is no HostPciInventory named 'unknown'");
        assertFailure(4, cluster.pci("quarantine", node, PF, "--reason", "a\tb"), "the API server rejected", "reason");
    }

    @Test
    void roleForEditorsPermitsTheEdits() {
        Config config = new ConfigBuilder(cluster.client().getConfiguration())
                .withImpersonateUsername("mia")
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            bind("pci-placement-operator-viewer");
            HostInventoryStore store = new KubernetesHostStore(client);
            awaitCondition().ignoreExceptions().until(() -> store.findHost(node).isPresent());
            PciAddress address = PciAddress.parse(VF).orElseThrow();
            assertThatThrownBy(() -> new QuarantineEditor(store).quarantineDevice(node, address, "r"))
                    .isInstanceOfSatisfying(
                            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNAVAILABLE))
                    .hasMessageContaining("rbac.userRoles")
                    .hasMessageContaining("mia");
            cluster.kubectl("delete", "clusterrolebinding", "maintenance-editor");
            bind("pci-placement-operator-editor");
            awaitCondition().ignoreExceptions().untilAsserted(() -> {
                new QuarantineEditor(store).quarantineDevice(node, address, "r");
                assertThat(cluster.get("hpi", node).at("/spec/quarantine")).hasSize(1);
            });
            assertThat(store.readRetentionEvents(store.requireHost(node))).isEmpty();
        }
    }

    private void bind(String role) {
        cluster.apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: maintenance-editor}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: mia}]
                """.formatted(role));
    }

    @Test
    void hostIsRetiredInSteps() {
        claim(PF, "CUSTOM_PCI_8086_1515");
        assertFailure(
                4,
                cluster.pci("retire", node, "--timeout", "5s"),
                "is not drained after 5s: 1 consumer has devices: " + server,
                "run the command again");
        assertThat(reserved(CARD)).isEqualTo(1);
        assertThat(cluster.get("hpi", node).at("/metadata/deletionTimestamp").isMissingNode())
                .isTrue();
        assertSuccess(cluster.pci("status", node), "drain: 1 consumer has devices of the host: " + server);

        cluster.placement().release(server);
        assertFailure(4, cluster.pci("retire", node), "its Node exists", "kubectl delete node " + node);
        assertThat(cluster.get("hpi", node).at("/spec/onDelete").asText()).isNotEqualTo("RemoveUnused");
        assertThat(cluster.kubectl("delete", "node", node).status()).isZero();

        assertSuccess(cluster.pci("retire", node), "no provider of the host was retained in Placement");
        assertThat(cluster.get("hpi", node).path("metadata").isMissingNode()).isTrue();
        assertThat(cluster.placement().providersBelow(node)).isEmpty();
        assertFailure(2, cluster.pci("retire", node), "there is no HostPciInventory named");
    }

    @Test
    void providerThatAnAdministratorReservedStays() {
        cluster.placement().setInventory(providerUuid(CARD), "CUSTOM_PCI_8086_1533", 1, 1);
        awaitCondition()
                .until(() ->
                        cluster.get("hpi", node).at("/status/summary/reserved").asInt() == 1);
        assertSuccess(cluster.pci("drain", node, "--wait", "1m"), "no consumer has devices of it");
        assertThat(cluster.kubectl("delete", "node", node).status()).isZero();
        assertSuccess(cluster.pci("retire", node), "ProvidersRetained", node + "_" + CARD);
        assertThat(cluster.placement().providersBelow(node)).containsOnlyKeys(node + "_" + CARD);
    }

    @Test
    void hostThatKeepsItsNodeIsCreatedAgain() {
        ProcessResult run = cluster.pci("retire", node, "--keep-node", "-o", "json");
        assertSuccess(run, "\"deleted\" : true", "\"recreated\" : true");
        assertThat(cluster.get("hpi", node).at("/spec/drain").asBoolean()).isFalse();
        awaitCondition().until(() -> cluster.placement().providersBelow(node).isEmpty());
        awaitCondition()
                .until(() -> !cluster.get("hpi", node).at("/status/conditions").isMissingNode());
    }

    @Test
    void drainIsUndone() {
        cluster.placement().setInventory(providerUuid(PF), "CUSTOM_PCI_8086_1515", 4, 1);
        assertSuccess(cluster.pci("drain", node, "--wait", "1m"), "All units of the host are reserved");
        assertThat(reserved(PF)).isEqualTo(4);
        assertSuccess(cluster.pci("drain", node, "--undo", "--wait", "1m"), "are released");
        awaitCondition().untilAsserted(() -> {
            assertThat(reserved(PF)).isEqualTo(1);
            assertThat(reserved(CARD)).isZero();
        });
    }
}
