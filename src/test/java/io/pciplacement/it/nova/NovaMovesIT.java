package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaHost;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Servers that Nova's own services move between two hosts with {@code reporting: Nova}, and PciAllocations of these
 * servers, which are managed by Nova.
 */
class NovaMovesIT extends NovaFixture {

    /** Only the second GPU has the trait that the alias requires. */
    private static final String DIFFERENT_GPUS =
            SPECS.replace("{vendorId: \"8086\", productId: \"1533\"}", "{address: \"0000:81:01.0\"}") + """
            ---
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nova-slow-gpu}
            spec: {selectors: [{address: "0000:81:00.0"}], resourceClass: gpu, traits: [slow]}
            """;

    private NovaHost source;
    private NovaHost target;

    private void startHosts(String specs) {
        source = startNovaManagedHost(specs);
        target = startNovaManagedHost(specs);
    }

    @Test
    void allocationFollowsMigratedAndResizedServer() {
        startHosts(SPECS);
        Server server = boot(source, "pf:1");
        String sourcePf = devices(source, PF);
        String targetPf = devices(target, PF);
        applyAllocation(server, sourcePf, "");
        awaitPhase("Allocated");
        nova.takeWrites();
        int before = cluster.placementRequests().size();

        Server moved = migrate(server);
        assertThat(moved.attached()).isEqualTo(Map.of(target.name(), List.of(PF)));
        awaitReason(cluster, "pcia", ALLOCATION, "Ready", "ConsumerElsewhere");
        assertDuringMove(moved, target, PF + " CUSTOM_NIC_PF=1");
        assertAllocationFollows(moved, "ColdMigration", sourcePf, targetPf, "Revert");
        assertThat(attachedDevices(source, nova.show(server), 1)).containsExactly(PF);

        assertAllocationFollows(migrate(server), "ColdMigration", sourcePf, targetPf, "Confirm");
        assertThat(attachedDevices(target, nova.show(server), 1)).containsExactly(PF);

        Server resized = updated(nova.resize(server, "vf:2"));
        assertDuringMove(resized, source, PF_WITH_VFS + " CUSTOM_NIC_VF=2");
        String sourceVfs = devices(source, VFS.toArray(String[]::new));
        assertAllocationFollows(resized, "Resize", targetPf, sourceVfs, "Revert");
        assertThat(attachedDevices(target, nova.show(server), 1)).containsExactly(PF);

        assertAllocationFollows(updated(nova.resize(server, "vf:2")), "Resize", targetPf, sourceVfs, "Confirm");
        assertThat(attachedDevices(source, nova.show(server), 2)).isEqualTo(VFS);
        assertThat(target.allocatedUnits(server)).isEmpty();

        assertThat(cluster.get("pcia", ALLOCATION).at("/status/healCount").asInt())
                .isZero();
        assertThat(writesSince(before)).as("the operator writes nothing").hasSameSizeAs(nova.takeWrites());
    }

    /**
     * On the destination of a move, Nova 34 assigns the first free device of the alias's type instead of the one that
     * the scheduler has allocated, and then allocates both. The operator removes what the server does not have.
     */
    @Test
    void onlyTheAssignedDeviceStaysAllocated() {
        startHosts(DIFFERENT_GPUS);
        Server server = boot(source, "gpu:1");
        assertThat(attachedDevices(source, server, 1)).containsExactly(SECOND_GPU);
        applyAllocation(server, devices(source, SECOND_GPU), "");
        awaitPhase("Allocated");

        Server moved = migrate(server);
        assertThat(moved.attached()).isEqualTo(Map.of(target.name(), List.of(FIRST_GPU)));
        assertThat(target.allocatedUnits(moved))
                .containsExactly(FIRST_GPU + " CUSTOM_GPU=1", SECOND_GPU + " CUSTOM_GPU=1");
        assertAllocationFollows(
                moved, "ColdMigration", devices(source, SECOND_GPU), devices(target, FIRST_GPU), "Confirm");
        target.update();
        awaitSweeps(1);
        assertThat(target.allocatedUnits(moved)).containsExactly(FIRST_GPU + " CUSTOM_GPU=1");

        int before = cluster.placementRequests().size();
        applyAllocation(moved, devices(target, SECOND_GPU), "");
        awaitReason(cluster, "pcia", ALLOCATION, "Ready", "DeviceMismatch");
        target.update();
        awaitSweeps(1);
        assertThat(writesSince(before)).isEmpty();
        assertThat(target.allocatedUnits(moved)).containsExactly(FIRST_GPU + " CUSTOM_GPU=1");
        assertThat(attachedDevices(target, boot(target, "gpu:1"), 1)).containsExactly(SECOND_GPU);
    }

    private Server migrate(Server server) {
        return updated(nova.migrate(server));
    }

    private Server updated(Server server) {
        assertThat(server.status()).as(server.toString()).isEqualTo("VERIFY_RESIZE");
        source.update();
        target.update();
        return server;
    }

    /** Placement allocates both ends of the move: the destination to the server, the source to the migration. */
    private void assertDuringMove(Server moved, NovaHost destination, String units) {
        NovaHost origin = destination == source ? target : source;
        assertThat(destination.allocatedUnits(moved)).containsExactly(units);
        assertThat(origin.allocatedUnits(moved)).isEmpty();
        assertThat(cluster.placement().allocationsOf(moved.migration()))
                .contains(origin.provider(PF) + "/CUSTOM_NIC_PF=1");
    }

    /** Ends a move, and updates the server's PciAllocation with it. */
    private void assertAllocationFollows(Server moved, String type, String from, String to, String end) {
        applyAllocation(moved, to, move(moved, type, "Moving", from));
        awaitPhase("Moving");
        awaitReason(cluster, "pcia", ALLOCATION, "Ready", "InSync");
        Server ended = end.equals("Confirm") ? nova.confirm(moved) : nova.revert(moved);
        assertActive(ended);
        source.update();
        target.update();
        applyAllocation(moved, to, move(moved, type, end, from));
        awaitPhase(end.equals("Confirm") ? "Confirmed" : "Reverted");
        applyAllocation(moved, end.equals("Confirm") ? to : from, "");
        awaitPhase("Allocated");
        assertThat(cluster.placement().allocationsOf(moved.migration())).isEmpty();
    }

    private static String move(Server moved, String type, String phase, String sourceDevices) {
        return "  move: {type: %s, migrationUuid: %s, phase: %s, sourceDevices: [%s]}\n"
                .formatted(type, moved.migration(), phase, sourceDevices);
    }

    private static void awaitPhase(String phase) {
        awaitCondition().untilAsserted(() -> {
            var object = cluster.get("pcia", ALLOCATION);
            assertThat(object.at("/status/phase").asText())
                    .as(object.at("/status").toString())
                    .isEqualTo(phase);
            assertThat(object.at("/status/observedGeneration").asLong())
                    .isEqualTo(object.at("/metadata/generation").asLong());
        });
    }
}
