package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaBed.Write;
import io.pciplacement.testing.NovaHost;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Servers that Nova's own services create by an alias, on a host whose providers the operator and Nova share. */
class NovaServersIT extends NovaFixture {

    private static final String ONE_TIME_USE =
            SPECS.replace("resourceClass: gpu,", "resourceClass: gpu, oneTimeUse: true,");

    @Test
    void serversGetTheAllocatedDevices() {
        NovaHost host = startHost(SPECS);
        host.setReporting("Enabled");
        host.awaitReason("Ready", "InSync");
        nova.takeWrites();

        Server gpu = boot(host, "gpu:1");
        assertThat(host.allocatedUnits(gpu))
                .containsExactly(attachedDevices(host, gpu, 1).getFirst() + " CUSTOM_GPU=1");
        Server pf = boot(host, "pf:1");
        assertThat(attachedDevices(host, pf, 1)).containsExactly(PF);
        assertThat(host.allocatedUnits(pf)).containsExactly(PF + " CUSTOM_NIC_PF=1");
        Server vfs = boot(host, "vf:2");
        assertThat(attachedDevices(host, vfs, 2)).isEqualTo(VFS);
        assertThat(host.allocatedUnits(vfs)).containsExactly(PF_WITH_VFS + " CUSTOM_NIC_VF=2");
        host.awaitColumns("Enabled +6 +5 +4 +4 +1 +True +InSync");

        Server refused = boot(host, "gpu:2");
        assertNoValidHost(refused);
        assertThat(host.allocatedUnits(refused)).isEmpty();
        host.update();
        List.copyOf(servers).forEach(this::delete);
        host.awaitColumns("Enabled +6 +5 +4 +0 +5 +True +InSync");
        assertThat(nova.takeWrites())
                .as("only allocations of its servers")
                .isNotEmpty()
                .allMatch(write -> write.path().startsWith("/allocations"));
        assertThat(host.tree()).isEqualTo(TREE);
    }

    @Test
    void oneTimeUseDeviceIsOfferedAgainAfterItsCleaning() {
        NovaHost host = startNovaManagedHost(ONE_TIME_USE);
        Server first = boot(host, "gpu:1");
        String used = attachedDevices(host, first, 1).getFirst();
        String other = used.equals(FIRST_GPU) ? SECOND_GPU : FIRST_GPU;
        assertReserved(host, used, 1);
        assertThat(nova.takeWrites())
                .filteredOn(write -> !isAllocation(write) && !isName(write))
                .as("at most the reservation, which the operator may have written before")
                .allMatch(write -> write.path().contains(host.provider(used)));

        delete(first);
        awaitAwaitingCleaning(host, used);
        host.update();
        assertReserved(host, used, 1);
        Server second = boot(host, "gpu:1");
        assertThat(attachedDevices(host, second, 1)).containsExactly(other);
        assertNoValidHost(boot(host, "gpu:1"));

        confirmCleaning(host, used);
        awaitCondition().untilAsserted(() -> assertReserved(host, used, 0));
        host.update();
        assertReserved(host, used, 0);
        Server third = boot(host, "gpu:1");
        assertThat(attachedDevices(host, third, 1)).containsExactly(used);
        assertReserved(host, used, 1);
        assertAtRest(host);
    }

    /** Nova writes an inventory without a reservation when the class changes. */
    @Test
    void reservationThatNovaDropsIsWrittenOnce() {
        NovaHost host = startNovaManagedHost(ONE_TIME_USE);
        Server server = boot(host, "gpu:1");
        String used = attachedDevices(host, server, 1).getFirst();
        delete(server);
        awaitAwaitingCleaning(host, used);

        cluster.apply(ONE_TIME_USE.replace("resourceClass: gpu", "resourceClass: accelerator"));
        host.awaitReason("PlacementSynced", "AwaitingNova");
        nova.takeWrites();
        int before = cluster.placementRequests().size();
        host.restartWithExport();
        awaitAwaitingCleaning(host, used);
        awaitCondition().untilAsserted(() -> assertThat(host.tree().get(used)).startsWith("CUSTOM_ACCELERATOR=1/1 "));
        String inventories = "/resource_providers/" + host.provider(used) + "/inventories";
        assertThat(nova.takeWrites().stream().filter(write -> write.path().equals(inventories)))
                .singleElement()
                .satisfies(write -> assertThat(write.body()
                                .at("/inventories/CUSTOM_ACCELERATOR/reserved")
                                .asInt())
                        .isZero());
        assertThat(writesSince(before).stream().filter(write -> write.contains(inventories)))
                .as("one write of Nova, one of the operator")
                .hasSize(2);
        assertAtRest(host);
        assertNoValidHost(boot(host, "accelerator:2"));
        assertActive(boot(host, "accelerator:1"));
    }

    @Test
    void claimedDeviceIsNotGivenToServers() {
        NovaHost host = startNovaManagedHost(SPECS);
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: nova-claim}
                spec:
                  consumer: {uuid: %s, projectId: demo, userId: demo, managedBy: Operator}
                  requests: [{name: gpu, resourceClass: gpu}]
                  nodeName: %s
                """.formatted(UUID.randomUUID(), host.name()));
        awaitReason(cluster, "pcia", "nova-claim", "Ready", "InSync");
        String claimed = cluster.get("pcia", "nova-claim")
                .at("/status/devices/0/address")
                .asText();
        String other = claimed.equals(FIRST_GPU) ? SECOND_GPU : FIRST_GPU;

        assertThat(attachedDevices(host, boot(host, "gpu:1"), 1)).containsExactly(other);
        host.update();
        assertNoValidHost(boot(host, "gpu:1"));
        assertThat(cluster.kubectl("delete", "pcia", "nova-claim").status()).isZero();
        awaitCondition().until(() -> host.rows().get(claimed).path("used").asInt() == 0);
        Server server = boot(host, "gpu:1");
        assertThat(attachedDevices(host, server, 1)).containsExactly(claimed);
        assertThat(host.allocatedUnits(server)).containsExactly(claimed + " CUSTOM_GPU=1");
    }

    /** The PciAllocation names one of the server's two devices. */
    @Test
    void deviceThatNovaAllocatesAgainIsNotRemovedWithoutEnd() {
        NovaHost host = startNovaManagedHost(SPECS);
        Server server = boot(host, "gpu:1,pf:1");
        List<String> units = host.allocatedUnits(server);
        assertThat(units).hasSize(2);
        applyAllocation(server, devices(host, PF), "");
        awaitCondition().untilAsserted(() -> {
            host.update();
            assertThat(cluster.get("pcia", ALLOCATION).at("/status/conditions").toString())
                    .contains("DeviceMismatch", "CUSTOM_GPU");
        });
        assertThat(host.allocatedUnits(server)).isEqualTo(units);
        assertAtRest(host);
        assertThat(host.allocatedUnits(server)).isEqualTo(units);
    }

    private static boolean isAllocation(Write write) {
        return write.path().startsWith("/allocations");
    }

    private static void assertReserved(NovaHost host, String address, int reserved) {
        assertThat(host.tree().get(address)).startsWith("CUSTOM_GPU=1/" + reserved + " ");
    }

    private static void awaitAwaitingCleaning(NovaHost host, String address) {
        awaitCondition()
                .untilAsserted(
                        () -> assertThat(host.rows().get(address).path("reason").asText())
                                .isEqualTo("AwaitingCleaning"));
    }

    private static void confirmCleaning(NovaHost host, String address) {
        String annotation = "pciplacement.io/cleaned-" + address.replace(':', '-') + "=" + UUID.randomUUID();
        assertThat(cluster.kubectl("annotate", "hpi", host.name(), annotation, "--overwrite")
                        .status())
                .isZero();
    }
}
