package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaHost;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Quarantine and drain of a host whose devices the real Nova assigns to servers. */
class NovaQuarantineIT extends NovaFixture {

    private static final String QUARANTINED = "[{\"address\":\"%s\",\"reason\":\"ECC errors\"}]";

    private void patch(NovaHost host, String spec) {
        assertThat(cluster.kubectl("patch", "hpi", host.name(), "--type=merge", "-p", "{\"spec\":{" + spec + "}}")
                        .status())
                .isZero();
    }

    private static void awaitState(NovaHost host, String state) {
        awaitCondition()
                .until(() -> cluster.get("hpi", host.name())
                        .at("/status/maintenance/quarantinedDevices/0/state")
                        .asText()
                        .equals(state));
    }

    @Test
    void serverGetsTheNeighbourOfAQuarantinedDevice() {
        NovaHost host = startNovaManagedHost(SPECS);
        patch(host, "\"quarantine\":" + QUARANTINED.formatted(FIRST_GPU));
        awaitState(host, "Reserved");
        assertThat(host.tree()).containsEntry(FIRST_GPU, "CUSTOM_GPU=1/1 [CUSTOM_FAST]");

        Server first = boot(host, "gpu:1");
        assertThat(attachedDevices(host, first, 1)).isEqualTo(List.of(SECOND_GPU));
        assertNoValidHost(boot(host, "gpu:1"));
        assertAtRest(host);

        // A single VF cannot be withheld, because nova-compute selects the VFs.
        assertThat(cluster.kubectl(
                                "patch",
                                "hpi",
                                host.name(),
                                "--type=merge",
                                "-p",
                                "{\"spec\":{\"quarantine\":" + QUARANTINED.formatted(VFS.getFirst()) + "}}")
                        .err())
                .contains(VFS.getFirst() + " is a VF");

        patch(host, "\"quarantine\":null");
        awaitCondition()
                .untilAsserted(() -> assertThat(host.tree()).containsEntry(FIRST_GPU, "CUSTOM_GPU=1/0 [CUSTOM_FAST]"));
        Server second = boot(host, "gpu:1");
        assertThat(attachedDevices(host, second, 1)).isEqualTo(List.of(FIRST_GPU));
    }

    @Test
    void drainedHostGetsNoServersAndKeepsThoseItHas() {
        NovaHost host = startNovaManagedHost(SPECS);
        Server before = boot(host, "vf:1");
        assertActive(before);
        patch(host, "\"drain\":true");
        awaitCondition()
                .untilAsserted(() -> assertThat(host.tree())
                        .containsEntry(SECOND_GPU, "CUSTOM_GPU=1/1 [CUSTOM_FAST]")
                        .containsEntry(PF_WITH_VFS, "CUSTOM_NIC_VF=2/2 [HW_NIC_SRIOV]"));
        host.awaitReason("Drained", "Draining");
        assertNoValidHost(boot(host, "vf:1"));
        assertNoValidHost(boot(host, "gpu:1"));
        delete(before);
        host.awaitReason("Drained", "Drained");
        patch(host, "\"drain\":false");
        awaitCondition().untilAsserted(() -> assertThat(host.tree()).isEqualTo(TREE));
        assertActive(boot(host, "vf:2"));
    }
}
