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

    private static final String NODE = "maintained-host";
    private static final String CARD = "0000:81:01.0";
    private static final String PF = "0000:81:03.0";
    private static final String VF = "0000:81:03.2";

    private final LocalCluster cluster = LocalCluster.shared();
    private final UUID server = UUID.randomUUID();

    /** A whole device, and a PF with four VFs. */
    @BeforeEach
    void createHost() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: maintained}
                spec: {selectors: [{productId: "1533"}, {productId: "1515"}]}
                """);
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(
                cluster.client(), NODE, new Devices().plain(1).pfWithVfs(3, 4).build());
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 2);
    }

    @AfterEach
    void removeHost() {
        cluster.kubectl("delete", "clusterrolebinding", "maintenance-editor", "--ignore-not-found");
        cluster.placement().release(server);
        Hosts.clean(cluster, NODE);
        cluster.placement().deleteTree(NODE);
    }

    private String providerUuid(String address) {
        return cluster.placement().providersBelow(NODE).get(NODE + "_" + address);
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
                cluster.pci("quarantine", NODE, "81:03.2", "--reason", "link errors", "--wait", "1m"),
                VF + " of host " + NODE + " is quarantined (link errors)",
                "state: Reserved");
        assertThat(reserved(PF)).isEqualTo(1);
        assertSuccess(cluster.pci("quarantine", NODE, VF, "--reason", "link errors"), "is quarantined already");
        assertSuccess(cluster.pci("status", NODE), "quarantined " + VF + ": link errors (Reserved since 20");
        assertSuccess(cluster.pci("explain", NODE, VF), "quarantined: link errors (Reserved since 20");
        assertSuccess(cluster.pci("quarantine", NODE, VF, "--reason", "fan"), "the reason was: link errors");
        assertFailure(2, cluster.pci("release", NODE, CARD), "quarantined are: %s (fan)".formatted(VF));
        assertSuccess(
                cluster.pci("release", NODE, "81:03.2", "--wait", "1m"), "not quarantined any more (it was: fan)");
        awaitCondition().untilAsserted(() -> assertThat(reserved(PF)).isZero());
        assertThat(cluster.get("hpi", NODE).at("/spec/quarantine").isMissingNode())
                .isTrue();
    }

    @Test
    void deviceInUseIsReservedWhenItIsReleased() {
        claim(CARD, "CUSTOM_PCI_8086_1533");
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE).at("/status/summary/used").asInt() == 1);
        assertSuccess(
                cluster.pci("quarantine", NODE, CARD, "--reason", "ECC", "-o", "json", "--wait", "1m"),
                "\"state\" : \"InUse\"");
        ProcessResult doctor = cluster.pci("doctor", NODE);
        assertThat(doctor.status()).as(doctor.all()).isEqualTo(3);
        assertThat(doctor.out()).contains("QuarantinedDevices: %s: %s is quarantined (ECC)".formatted(NODE, CARD));
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
                edits.add(threads.submit(() -> new QuarantineEditor(store).quarantineDevice(NODE, address, "r")));
            }
            for (Future<?> edit : edits) {
                edit.get();
            }
        }
        assertThat(cluster.get("hpi", NODE).at("/spec/quarantine")).hasSize(clients);
        assertThat(cluster.get("hpi", NODE).at("/spec/reporting").asText()).isEqualTo("Enabled");
        assertSuccess(cluster.pci("release", NODE, "90:00.0"));
        assertThat(cluster.get("hpi", NODE).at("/spec/quarantine")).hasSize(clients - 1);
    }

    @Test
    void rejectionsAreReported() {
        cluster.kubectl("patch", "hpi", NODE, "--type=merge", "-p", "{\"spec\":{\"reporting\":\"Nova\"}}");
        assertFailure(
                4,
                cluster.pci("quarantine", NODE, VF, "--reason", "r"),
                "the API server rejected the change",
                "nova-compute of %s selects the VFs".formatted(NODE));
        assertFailure(
                2,
                cluster.pci("quarantine", "unknown", VF, "--reason", "r"),
                "there is no HostPciInventory named 'unknown'");
        assertFailure(4, cluster.pci("quarantine", NODE, PF, "--reason", "a\tb"), "the API server rejected", "reason");
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
            awaitCondition().ignoreExceptions().until(() -> store.findHost(NODE).isPresent());
            PciAddress address = PciAddress.parse(VF).orElseThrow();
            assertThatThrownBy(() -> new QuarantineEditor(store).quarantineDevice(NODE, address, "r"))
                    .isInstanceOfSatisfying(
                            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNAVAILABLE))
                    .hasMessageContaining("rbac.userRoles")
                    .hasMessageContaining("mia");
            cluster.kubectl("delete", "clusterrolebinding", "maintenance-editor");
            bind("pci-placement-operator-editor");
            awaitCondition().ignoreExceptions().untilAsserted(() -> {
                new QuarantineEditor(store).quarantineDevice(NODE, address, "r");
                assertThat(cluster.get("hpi", NODE).at("/spec/quarantine")).hasSize(1);
            });
            assertThat(store.readRetentionEvents(store.requireHost(NODE))).isEmpty();
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
                cluster.pci("retire", NODE, "--timeout", "5s"),
                "is not drained after 5s: 1 consumer has devices: " + server,
                "run the command again");
        assertThat(reserved(CARD)).isEqualTo(1);
        assertThat(cluster.get("hpi", NODE).at("/metadata/deletionTimestamp").isMissingNode())
                .isTrue();
        assertSuccess(cluster.pci("status", NODE), "drain: 1 consumer has devices of the host: " + server);

        cluster.placement().release(server);
        assertFailure(4, cluster.pci("retire", NODE), "its Node exists", "kubectl delete node " + NODE);
        assertThat(cluster.get("hpi", NODE).at("/spec/onDelete").asText()).isNotEqualTo("RemoveUnused");
        assertThat(cluster.kubectl("delete", "node", NODE).status()).isZero();

        assertSuccess(cluster.pci("retire", NODE), "no provider of the host was retained in Placement");
        assertThat(cluster.get("hpi", NODE).path("metadata").isMissingNode()).isTrue();
        assertThat(cluster.placement().providersBelow(NODE)).isEmpty();
        assertFailure(2, cluster.pci("retire", NODE), "there is no HostPciInventory named");
    }

    @Test
    void providerThatAnAdministratorReservedStays() {
        cluster.placement().setInventory(providerUuid(CARD), "CUSTOM_PCI_8086_1533", 1, 1);
        awaitCondition()
                .until(() ->
                        cluster.get("hpi", NODE).at("/status/summary/reserved").asInt() == 1);
        assertSuccess(cluster.pci("drain", NODE, "--wait", "1m"), "no consumer has devices of it");
        assertThat(cluster.kubectl("delete", "node", NODE).status()).isZero();
        assertSuccess(cluster.pci("retire", NODE), "ProvidersRetained", NODE + "_" + CARD);
        assertThat(cluster.placement().providersBelow(NODE)).containsOnlyKeys(NODE, NODE + "_" + CARD);
    }

    @Test
    void hostThatKeepsItsNodeIsCreatedAgain() {
        ProcessResult run = cluster.pci("retire", NODE, "--keep-node", "-o", "json");
        assertSuccess(run, "\"deleted\" : true", "\"recreated\" : true");
        assertThat(cluster.get("hpi", NODE).at("/spec/drain").asBoolean()).isFalse();
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).isEmpty());
        awaitCondition()
                .until(() -> !cluster.get("hpi", NODE).at("/status/conditions").isMissingNode());
    }

    @Test
    void drainIsUndone() {
        cluster.placement().setInventory(providerUuid(PF), "CUSTOM_PCI_8086_1515", 4, 1);
        assertSuccess(cluster.pci("drain", NODE, "--wait", "1m"), "All units of the host are reserved");
        assertThat(reserved(PF)).isEqualTo(4);
        assertSuccess(cluster.pci("drain", NODE, "--undo", "--wait", "1m"), "are released");
        awaitCondition().untilAsserted(() -> {
            assertThat(reserved(PF)).isEqualTo(1);
            assertThat(reserved(CARD)).isZero();
        });
    }
}
