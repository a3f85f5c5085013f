package io.pciplacement.it.allocation;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Moves of consumers between two hosts on a real Placement. */
class MoveIT {

    private static final String OLD = "move-old";
    private static final String NEW = "move-new";
    private static final String PF = "CUSTOM_PCI_8086_1528";
    private static final String VF = "CUSTOM_PCI_8086_1515";

    private static final YAMLMapper YAML = new YAMLMapper();

    private final LocalCluster cluster = LocalCluster.shared();
    private final UUID server = UUID.randomUUID();
    private final UUID migration = UUID.randomUUID();
    private String vfs;
    private String pf;

    /** The source host offers VFs, the destination host a PF as a whole device. */
    @BeforeEach
    void hosts() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: vfs}
                spec: {selectors: [{address: "0000:81:00.*", deviceType: VF}]}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: pf}
                spec: {selectors: [{address: "0000:81:01.0", deviceType: PF}]}
                """);
        Hosts.create(cluster.client(), OLD, Map.of(), true);
        Hosts.publish(cluster.client(), OLD, new Devices().pfWithVfs(0, 3).build());
        Hosts.create(cluster.client(), NEW, Map.of(), true);
        Hosts.publish(cluster.client(), NEW, new Devices().pfWithVfs(1, 1).build());
        awaitCondition()
                .until(() -> cluster.placement().providersBelow(OLD).size()
                                + cluster.placement().providersBelow(NEW).size()
                        == 2);
        vfs = cluster.placement().providersBelow(OLD).get(OLD + "_0000:81:00.0") + "/" + VF;
        pf = cluster.placement().providersBelow(NEW).get(NEW + "_0000:81:01.0") + "/" + PF;
    }

    @AfterEach
    void clean() {
        Hosts.withdrawAll(cluster);
        Stream.of(server, migration).forEach(cluster.placement()::release);
        Hosts.clean(cluster, OLD, NEW);
    }

    private static String device(String node, String address) {
        return "{node: %s, address: '%s'}".formatted(node, address);
    }

    private String object(String managedBy, String devices, String move) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: server}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u, managedBy: %s}
                  devices: [%s]
                """.formatted(server, managedBy, devices) + move;
    }

    private String move(String type, String phase, String source) {
        return "  move: {type: %s, migrationUuid: %s, phase: %s, sourceDevices: [%s]}\n"
                .formatted(type, migration, phase, source);
    }

    private String phase() {
        return cluster.get("pcia", "server").at("/status/phase").asText();
    }

    private void awaitPhase(String phase) {
        awaitPhase("server", phase);
    }

    private void awaitPhase(String name, String phase) {
        awaitCondition().untilAsserted(() -> {
            var status = cluster.get("pcia", name);
            assertThat(status.at("/status/phase").asText())
                    .as(status.at("/status").toString())
                    .isEqualTo(phase);
            assertThat(status.at("/status/observedGeneration").asLong())
                    .isEqualTo(status.at("/metadata/generation").asLong());
        });
    }

    private void assertRejected(String object, String... parts) {
        ProcessResult run = cluster.kubectlWith(object, "apply", "-f", "-");
        assertThat(run.status()).as(run.all()).isNotZero();
        assertThat(run.err()).contains(parts);
    }

    private final String twoVfs = device(OLD, "0000:81:00.1") + ", " + device(OLD, "0000:81:00.2");
    private final String wholePf = device(NEW, "0000:81:01.0");

    @Test
    void managedColdMigrationIsConfirmed() {
        String cpus = cluster.placement().createComputeProvider("move-cpus-" + server) + "/VCPU=2";
        cluster.placement().claim(server, "INSTANCE", cpus);
        cluster.apply(object("Operator", twoVfs, ""));
        awaitPhase("Allocated");
        assertRejected(
                object("Operator", wholePf, move("ColdMigration", "Moving", device(OLD, "0000:81:00.3"))),
                "must be the consumer's current devices",
                OLD + "/0000:81:00.1");

        cluster.apply(object("Operator", wholePf, move("ColdMigration", "Moving", twoVfs)));
        awaitPhase("Moving");
        assertThat(cluster.placement().allocationsOf(server)).containsExactlyInAnyOrder(cpus, pf + "=1");
        assertThat(cluster.placement().allocationsOf(migration)).containsExactly(vfs + "=2");
        assertThat(cluster.get("pcia", "server").at("/status/allocations").toString())
                .contains("HeldByMigration", migration.toString());
        assertRejected(
                object("Operator", wholePf, ""), "Set spec.move.phase to Confirm or Revert", migration.toString());

        cluster.apply(object("Operator", wholePf, move("ColdMigration", "Confirm", twoVfs)));
        awaitPhase("Confirmed");
        assertThat(cluster.placement().allocationsOf(server)).containsExactlyInAnyOrder(cpus, pf + "=1");
        assertThat(cluster.placement().allocationsOf(migration)).isEmpty();

        cluster.apply(object("Operator", wholePf, ""));
        awaitPhase("Allocated");
        assertThat(cluster.placement().allocationsOf(server)).containsExactlyInAnyOrder(cpus, pf + "=1");
        assertThat(cluster.get("pcia", "server").at("/status/healCount").asInt())
                .as("a move does not count as healing")
                .isZero();
    }

    @Test
    void managedResizeIsRevertedAndReleasedDuringMove() {
        String oneVf = device(OLD, "0000:81:00.3");
        cluster.apply(object("Operator", twoVfs, ""));
        awaitPhase("Allocated");
        cluster.apply(object("Operator", oneVf, move("Resize", "Moving", twoVfs)));
        awaitPhase("Moving");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(vfs + "=1");
        assertThat(cluster.placement().allocationsOf(migration)).containsExactly(vfs + "=2");
        cluster.apply(object("Operator", oneVf, move("Resize", "Revert", twoVfs)));
        awaitPhase("Reverted");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(vfs + "=2");
        assertThat(cluster.placement().allocationsOf(migration)).isEmpty();
        assertRejected(object("Operator", oneVf, ""), "Set spec.devices to these");
        cluster.apply(object("Operator", twoVfs, ""));
        awaitPhase("Allocated");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(vfs + "=2");

        cluster.apply(object("Operator", wholePf, move("LiveMigration", "Moving", twoVfs)));
        awaitPhase("Moving");
        assertThat(cluster.kubectl("delete", "pcia", "server").status()).isZero();
        assertThat(cluster.placement().allocationsOf(server)).isEmpty();
        assertThat(cluster.placement().allocationsOf(migration)).isEmpty();
    }

    @Test
    void externalMoveIsCompletedWithMissingUnitsOnly() {
        String cpus = cluster.placement().addCpus(OLD) + "/VCPU=2";
        cluster.placement().claim(server, "INSTANCE", cpus);
        cluster.apply(object("External", twoVfs, ""));
        awaitReason(cluster, "pcia", "server", "Ready", "InSync");
        cluster.apply(object("External", wholePf, move("LiveMigration", "Moving", twoVfs)));
        awaitReason(cluster, "pcia", "server", "Ready", "MoveNotStarted");
        assertThat(cluster.placement().allocationsOf(server)).containsExactlyInAnyOrder(cpus, vfs + "=2");

        // Nova moves the resources it knows of and omits the devices.
        String otherCpus = cluster.placement().addCpus(NEW) + "/VCPU=2";
        cluster.placement().claim(server, "INSTANCE", otherCpus);
        cluster.placement().claim(migration, "MIGRATION", cpus);
        awaitPhase("Moving");
        awaitReason(cluster, "pcia", "server", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(server)).containsExactlyInAnyOrder(otherCpus, pf + "=1");
        assertThat(cluster.placement().allocationsOf(migration)).containsExactlyInAnyOrder(cpus, vfs + "=2");

        cluster.apply(object("External", wholePf, move("LiveMigration", "Confirm", twoVfs)));
        awaitReason(cluster, "pcia", "server", "Ready", "MoveNotFinished");
        assertThat(cluster.placement().allocationsOf(migration)).containsExactlyInAnyOrder(cpus, vfs + "=2");
        assertRejected(object("External", wholePf, ""), "cannot be removed before status.phase is Confirmed");
        cluster.placement().release(migration);
        awaitPhase("Confirmed");
        assertThat(cluster.placement().allocationsOf(server)).containsExactlyInAnyOrder(otherCpus, pf + "=1");
        assertThat(phase()).isEqualTo("Confirmed");
    }

    /** Each file of examples/hardware/cold-migration in sequence, on the hosts of the same directory. */
    @Test
    void moveExampleWorksStepByStep() throws IOException {
        Path example = Path.of("examples/hardware/cold-migration");
        UUID trainer = UUID.fromString("7d7d7d7d-0000-4000-8000-000000000001");
        UUID exampleMigration = UUID.fromString("7d7d7d7d-0000-4000-8000-00000000000f");
        cluster.apply(Files.readString(example.resolve("specs.yaml")));
        try {
            for (String text : Files.readString(example.resolve("host.yaml")).split("(?m)^---$")) {
                var host = YAML.readValue(text, HostPciInventory.class);
                String name = host.getMetadata().getName();
                Hosts.create(cluster.client(), name, host.getMetadata().getLabels(), true);
                Hosts.publish(
                        cluster.client(),
                        name,
                        DeviceListMapper.toHostDevices(host.getStatus().devices()));
                awaitReason(cluster, "hpi", name, "Ready", "InSync");
            }
            String sourceCard = card("gpu-11", "0000:86:00.0");
            String destinationCard = card("gpu-12", "0000:3B:00.0");
            step(example.resolve("1-running.yaml"), "Allocated");
            assertThat(cluster.placement().allocationsOf(trainer)).containsExactly(sourceCard);
            step(example.resolve("2-moving.yaml"), "Moving");
            assertThat(cluster.placement().allocationsOf(trainer)).containsExactly(destinationCard);
            assertThat(cluster.placement().allocationsOf(exampleMigration)).containsExactly(sourceCard);
            step(example.resolve("3-confirm.yaml"), "Confirmed");
            assertThat(cluster.placement().allocationsOf(exampleMigration)).isEmpty();
            step(example.resolve("4-moved.yaml"), "Allocated");
            assertThat(cluster.placement().allocationsOf(trainer)).containsExactly(destinationCard);
        } finally {
            Hosts.withdrawAll(cluster);
            Hosts.clean(cluster, "gpu-11", "gpu-12");
        }
    }

    private String card(String host, String address) {
        return cluster.placement().providersBelow(host).get(host + "_" + address) + "/CUSTOM_GPU_A100=1";
    }

    private void step(Path file, String phase) throws IOException {
        cluster.apply(Files.readString(file));
        awaitPhase("trainer", phase);
    }
}
