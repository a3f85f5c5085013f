package io.pciplacement.it.cli;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FailingProxy;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import io.pciplacement.testing.SeverableProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with a real API server and a real Placement: output, exit status and effects. */
class CliIT {

    private static final String NODE = "cli-host";
    private static final String VF = "CUSTOM_PCI_8086_1515";
    private static final String ONCE = "CUSTOM_ONCE";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalCluster cluster = LocalCluster.shared();
    private final UUID server = UUID.randomUUID();
    private final List<UUID> consumers = new ArrayList<>(List.of(server));

    @TempDir
    private Path directory;

    /** A device for one-time use, a PF as a whole, and the VFs of another. */
    @BeforeEach
    void createHost() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: once}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: once, oneTimeUse: true}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: all-vfs}
                spec: {priority: 10, selectors: [{productId: "1515"}], physicalNetwork: physnet0}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: pf}
                spec: {selectors: [{address: "0000:81:02.0", deviceType: PF}]}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: vfs}
                spec: {selectors: [{address: "0000:81:03.*", deviceType: VF}]}
                """);
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(
                cluster.client(),
                NODE,
                new Devices().plain(1).pfWithVfs(2, 4).pfWithVfs(3, 4).build());
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 3);
    }

    @AfterEach
    void removeHost() {
        cluster.local("start-operator");
        Hosts.withdrawAll(cluster);
        consumers.forEach(cluster.placement()::release);
        if (cluster.placement().providersBelow(NODE).containsKey(NODE + "_0000:81:01.0")
                && reserved("0000:81:01.0") > 0) {
            confirmCleaning("0000:81:01.0");
        }
        Hosts.clean(cluster, NODE);
    }

    /** Confirms the cleaning of a used device, which otherwise stays reserved for the following tests. */
    private void confirmCleaning(String address) {
        awaitReason(cluster, "hpi", NODE, "NeedsCleaning", "AwaitingCleaning");
        cluster.kubectl(
                "annotate",
                "hpi",
                NODE,
                "pciplacement.io/cleaned-%s=%d".formatted(address.replace(':', '-'), System.nanoTime()),
                "--overwrite");
        awaitCondition().until(() -> reserved(address) == 0);
    }

    /** Creates a PciAllocation of a server without an allocation, then stops the operator. */
    private void createExternalAndStopOperator(UUID consumer, String name, String... addresses) {
        StringBuilder devices = new StringBuilder();
        for (String address : addresses) {
            devices.append("{node: %s, address: '%s'},".formatted(NODE, address));
        }
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u, managedBy: External}
                  devices: [%s]
                """.formatted(name, consumer, devices));
        awaitReason(cluster, "pcia", name, "Ready", "ConsumerHasNoAllocation");
        assertThat(cluster.local("stop-operator").status()).isZero();
    }

    private String providerUuid(String address) {
        return cluster.placement().providersBelow(NODE).get(NODE + "_" + address);
    }

    private String[] sorted(String... amounts) {
        return java.util.stream.Stream.of(amounts).sorted().toArray(String[]::new);
    }

    private static JsonNode parseJson(ProcessResult run) throws IOException {
        return JSON.readTree(run.out());
    }

    @Test
    void healCompletesPartialAllocation() throws IOException {
        createExternalAndStopOperator(server, "web", "0000:81:03.1", "0000:81:03.2");
        ProcessResult skipped = cluster.pci("heal", "--consumer", server.toString());
        assertThat(skipped.status()).as(skipped.all()).isEqualTo(4);
        assertThat(skipped.out()).contains("web: ConsumerHasNoAllocation: Consumer " + server);

        String cpus = cluster.placement().addCpus(NODE) + "/VCPU=2";
        String one = providerUuid("0000:81:03.0") + "/" + VF + "=1";
        cluster.placement().claim(server, "INSTANCE", cpus, one);
        ProcessResult dry = cluster.pci("heal", "--dry-run", "--node", NODE);
        assertThat(dry.status()).as(dry.all()).isEqualTo(3);
        assertThat(dry.out())
                .containsPattern("web +" + server + " +" + NODE + "_0000:81:03.0 +" + VF + " +1 +2 +would be healed")
                .contains("1 PciAllocation: 1 would be healed");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(sorted(cpus, one));
        JsonNode json = parseJson(cluster.pci("heal", "--dry-run", "-o", "json"));
        assertThat(json.at("/allocations/0/amounts/0/desired").asInt()).isEqualTo(2);
        assertThat(json.at("/summary/would be healed").asInt()).isEqualTo(1);

        ProcessResult healed = cluster.pci("heal");
        assertThat(healed.status()).as(healed.all()).isZero();
        assertThat(cluster.placement().allocationsOf(server))
                .containsExactly(sorted(cpus, providerUuid("0000:81:03.0") + "/" + VF + "=2"));
        ProcessResult again = cluster.pci("heal");
        assertThat(again.status()).isZero();
        assertThat(again.out()).contains("1 PciAllocation: 1 in sync");
    }

    private ProcessResult healThrough(Predicate<List<String>> failsWrite) throws IOException {
        try (FailingProxy proxy = new FailingProxy(cluster.placementUrl(), failsWrite)) {
            Path clouds = Files.writeString(directory.resolve("clouds.yaml"), """
                    clouds:
                      local: {auth_type: admin_token, auth: {endpoint: "%s", token: admin}}
                    """.formatted(proxy.url()));
            ProcessResult run = cluster.runProgram(Map.of("OS_CLIENT_CONFIG_FILE", clouds.toString()), "pci", "heal");
            assertThat(proxy.writes()).as(run.all()).hasSizeGreaterThan(1);
            return run;
        }
    }

    private int reserved(String address) {
        return cluster.placement()
                .get("/resource_providers/" + providerUuid(address) + "/inventories")
                .at("/inventories/" + ONCE + "/reserved")
                .asInt();
    }

    private int free(String address) {
        JsonNode inventory = cluster.placement()
                .get("/resource_providers/" + providerUuid(address) + "/inventories")
                .at("/inventories/" + ONCE);
        JsonNode used = cluster.placement()
                .get("/resource_providers/" + providerUuid(address) + "/usages")
                .at("/usages/" + ONCE);
        return inventory.path("total").asInt() - inventory.path("reserved").asInt() - used.asInt();
    }

    @Test
    void healRollsBackAfterFailedUpdate() throws IOException {
        createExternalAndStopOperator(server, "once", "0000:81:01.0");
        String cpus = cluster.placement().addCpus(NODE) + "/VCPU=2";
        cluster.placement().claim(server, "INSTANCE", cpus);
        String device = providerUuid("0000:81:01.0") + "/" + ONCE + "=1";

        ProcessResult rolledBack = healThrough(writes -> writes.getLast().endsWith("/inventories")
                && writes.stream()
                                .filter(write -> write.endsWith("/inventories"))
                                .count()
                        == 1);
        assertThat(rolledBack.status()).as(rolledBack.all()).isEqualTo(6);
        assertThat(rolledBack.out()).contains("failed, rolled back", "were rolled back");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(cpus);

        ProcessResult broken = healThrough(writes -> writes.stream().anyMatch(write -> write.endsWith("/inventories")));
        assertThat(broken.status()).as(broken.all()).isEqualTo(7);
        assertThat(broken.out()).contains("FAILED, NOT ROLLED BACK", "could not be rolled back", server.toString());
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(sorted(cpus, device));
        assertThat(free("0000:81:01.0")).as("no other consumer gets it").isNotPositive();

        ProcessResult healed = cluster.pci("heal");
        assertThat(healed.status()).as(healed.all()).isZero();
        assertThat(healed.out()).contains("1 healed");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(sorted(cpus, device));
        assertThat(free("0000:81:01.0"))
                .as("it is not allocated before it is cleaned")
                .isNotPositive();
        cluster.local("start-operator");
        awaitCondition()
                .untilAsserted(() -> assertThat(reserved("0000:81:01.0")).isEqualTo(1));
    }

    @Test
    void listsOfTheClusterUseOneConnection() throws IOException {
        String kubeconfig = Files.readString(Path.of(cluster.environment().get("KUBECONFIG")));
        int port =
                URI.create(cluster.client().getConfiguration().getMasterUrl()).getPort();
        try (SeverableProxy proxy = new SeverableProxy(port)) {
            Path file = Files.writeString(
                    directory.resolve("kubeconfig"),
                    kubeconfig.replace("127.0.0.1:" + port, "127.0.0.1:" + proxy.port()));
            ProcessResult run = cluster.runProgram(Map.of("KUBECONFIG", file.toString()), "pci", "status");
            assertThat(run.status()).as(run.all()).isZero();
            assertThat(run.out()).contains(NODE);
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    @Test
    void planShowsChangesOnlineAndOffline() throws IOException {
        ProcessResult same = cluster.pci("plan", "--node", NODE);
        assertThat(same.status()).as(same.all()).isZero();
        assertThat(same.out()).contains("3 unchanged");

        Path host = Files.writeString(
                directory.resolve("host.yaml"),
                cluster.kubectl("get", "hpi", NODE, "-o", "yaml").out());
        Path spec = Files.writeString(directory.resolve("spec.yaml"), """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: vfs}
                spec: {selectors: [{address: "0000:81:03.*", deviceType: VF}], resourceClass: blue, traits: [x]}
                """);
        ProcessResult offline =
                cluster.runProgram(Map.of("KUBECONFIG", "/nowhere"), "pci", "plan", "-f", directory.toString());
        assertThat(offline.status()).as(offline.all()).isEqualTo(3);
        assertThat(offline.out())
                .containsPattern("\\+ " + NODE + "_0000:81:03.0 +CUSTOM_BLUE 4, spec vfs\n +traits \\+CUSTOM_X\n")
                .contains("1 to create");

        Path saved = directory.resolve("placement.json");
        ProcessResult save = cluster.pci("plan", "--node", NODE, "--save-placement", saved.toString());
        assertThat(save.status()).as(save.all()).isZero();
        ProcessResult compared = cluster.runProgram(
                Map.of("KUBECONFIG", "/nowhere", "OS_CLOUD", "none"),
                "pci",
                "plan",
                "-f",
                host.toString(),
                "-f",
                spec.toString(),
                "--placement",
                saved.toString());
        assertThat(compared.status()).as(compared.all()).isEqualTo(3);
        assertThat(compared.out())
                .containsPattern("~ " + NODE + "_0000:81:03.0 +CUSTOM_BLUE 0 -> 4, " + VF + " 4 -> 0, spec vfs")
                .containsPattern("- " + NODE + "_0000:81:01.0")
                .contains("1 to change, 2 to remove");
        JsonNode json = parseJson(cluster.runProgram(
                Map.of(), "pci", "plan", "-f", directory.toString(), "--placement", saved.toString(), "-o", "json"));
        assertThat(json.at("/summary/change").asInt()).isEqualTo(1);
    }

    @Test
    void explainShowsSpecsProviderAndConsumer() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: vm}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u, managedBy: Operator}
                  devices: [{node: %s, address: "0000:81:03.1"}]
                """.formatted(server, NODE));
        awaitReason(cluster, "pcia", "vm", "Ready", "InSync");
        ProcessResult run = cluster.pci("explain", NODE, "81:03.1");
        assertThat(run.status()).as(run.all()).isZero();
        assertThat(run.out())
                .contains("device 0000:81:03.1 of host " + NODE + ": VF 8086:1515 of PF 0000:81:03.0")
                .containsPattern("vfs +100 +applies +selectors\\[0\\] \\{address: 0000:81:03.\\*, deviceType: VF\\}")
                .containsPattern("all-vfs +10 +overridden by vfs, 100 > 10")
                .contains("specs for this node that do not select the device:", "once")
                .contains("provider " + NODE + "_0000:81:03.0", VF + " 4, 1 used")
                .contains("PciAllocation vm contains the device")
                .contains("consumer " + server + " has 1 unit of the provider (PciAllocation vm)");
        ProcessResult none = cluster.pci("explain", NODE, "82:00.0");
        assertThat(none.status()).isEqualTo(4);
        assertThat(none.err()).contains("error: host " + NODE + " has no device 0000:82:00.0 in its list");
    }

    @Test
    void auditListsUnaccountedAllocationsWithDetectionTime() throws IOException {
        assertThat(cluster.pci("audit", "--node", NODE).status()).isZero();
        cluster.placement().claim(server, "INSTANCE", providerUuid("0000:81:03.0") + "/" + VF + "=3");
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE)
                                .at("/status/summary/unaccounted")
                                .asInt()
                        == 3);
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        String firstSeen = cluster.get("hpi", NODE)
                .at("/status/unaccountedAllocations/0/firstSeen")
                .asText();
        ProcessResult run = cluster.pci("audit", "--node", NODE);
        assertThat(run.status()).as(run.all()).isEqualTo(3);
        assertThat(run.out())
                .containsPattern(NODE + " +" + NODE + "_0000:81:03.0 +" + VF + " +3 +" + server + " +" + firstSeen)
                .contains("3 units of 1 consumer without a PciAllocation");
        assertThat(parseJson(cluster.pci("audit", "-o", "json"))
                        .at("/unaccounted")
                        .toString())
                .contains(server.toString());

        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: known}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u}
                  devices: [{node: %s, address: "0000:81:03.1"}]
                """.formatted(server, NODE));
        awaitReason(cluster, "pcia", "known", "Ready", "InSync");
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE)
                        .at("/status/unaccountedAllocations")
                        .isEmpty());
        assertThat(cluster.pci("audit", "--node", NODE).status()).isZero();
    }

    @Test
    void errorsAreOneLine() {
        ProcessResult usage = cluster.pci("heal", "--consumer", "x");
        assertThat(usage.status()).isEqualTo(2);
        assertThat(usage.err()).startsWith("error: ").contains("see pci heal --help");
        assertThat(cluster.local("pci").status()).isEqualTo(2);
        assertThat(cluster.pci("explain", "unknown", "81:00.0").err())
                .contains("there is no HostPciInventory named 'unknown'");
        ProcessResult noCloud = cluster.runProgram(Map.of("OS_CLOUD", "elsewhere"), "pci", "audit");
        assertThat(noCloud.status()).as(noCloud.all()).isEqualTo(5);
        assertThat(noCloud.err().lines().toList()).hasSize(1);
        ProcessResult noCluster = cluster.runProgram(Map.of("KUBECONFIG", "/nowhere"), "pci", "heal");
        assertThat(noCluster.status()).as(noCluster.all()).isEqualTo(5);
        ProcessResult help = cluster.pci("heal", "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("--dry-run", "Examples:");
    }
}
