package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.NovaBed.Write;
import io.pciplacement.testing.NovaHost;
import io.pciplacement.testing.PlacementApi;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The operator and Nova's own services with one provider tree: which of them writes what. */
class NovaTreeIT extends NovaFixture {

    @Test
    void bothUseTheSameTreeWithoutAnyWrite() {
        NovaHost host = startHost(SPECS);
        assertThat(host.tree()).isEqualTo(TREE);
        assertThat(cluster.placement().providersBelow(host.name()).values())
                .allSatisfy(uuid ->
                        assertThat(cluster.placement().traits(uuid, true)).containsAll(PlacementApi.OWNERSHIP_TRAITS));
        nova.takeWrites();

        int before = cluster.placementRequests().size();
        host.setReporting("Enabled");
        host.awaitReason("Ready", "InSync");
        for (int update = 0; update < 3; update++) {
            host.update();
            awaitSweeps(1);
        }
        awaitSweeps(1);
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).as("all clients, the operator too").isEmpty();
        host.awaitReason("Ready", "InSync");
    }

    @Test
    void secondWriterIsDetected() {
        NovaHost host = startAgent(SPECS);
        host.startCompute(host.exportedDeviceSpecs().stream()
                .map(spec -> spec.replace("\"fast", "\"slow"))
                .toList());
        host.setReporting("Enabled");
        awaitCondition().until(() -> {
            host.update();
            return host.rowsInState("Contested").size() == 2;
        });
        host.awaitReason("PlacementSynced", "RewrittenByOther");

        int before = cluster.placementRequests().size();
        nova.takeWrites();
        host.update();
        awaitSweeps(2);
        host.update();
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).as("the operator has stopped").isEmpty();
        assertThat(host.tree())
                .containsEntry(FIRST_GPU, "CUSTOM_GPU=1/0 [CUSTOM_SLOW]")
                .containsEntry(SECOND_GPU, "CUSTOM_GPU=1/0 [CUSTOM_SLOW]");

        assertActive(bootPlain(host));
        attachedDevices(host, boot(host, "vf:1"), 1);
    }

    @Test
    void changedSpecAwaitsNova() {
        NovaHost host = startNovaManagedHost(SPECS);
        assertAppliedByNovaOnly(
                host,
                changed -> cluster.apply(SPECS.replace("traits: [fast]", "traits: [slow]")),
                Map.of(FIRST_GPU, "+CUSTOM_SLOW", SECOND_GPU, "+CUSTOM_SLOW"),
                Map.of(FIRST_GPU, "CUSTOM_GPU=1/0 [CUSTOM_SLOW]", SECOND_GPU, "CUSTOM_GPU=1/0 [CUSTOM_SLOW]"));
    }

    @Test
    void removedSpecAndUnpluggedDeviceAndAdditionalVfAwaitNova() {
        NovaHost host = startNovaManagedHost(SPECS);
        assertAppliedByNovaOnly(
                host,
                changed -> {
                    assertThat(cluster.kubectl("delete", "pds", "nova-pf").status())
                            .isZero();
                    changed.sysfs().remove(SECOND_GPU).vf("0000:81:03.3", PF_WITH_VFS, 2, "8086", "1515");
                },
                Map.of(
                        PF, "no spec selects its devices any more",
                        SECOND_GPU, "no spec selects its devices any more",
                        PF_WITH_VFS, "2 CUSTOM_NIC_VF -> 3 CUSTOM_NIC_VF"),
                Map.of(PF, "", SECOND_GPU, "", PF_WITH_VFS, "CUSTOM_NIC_VF=3/0 [HW_NIC_SRIOV]"));
        assertThat(attachedDevices(host, boot(host, "gpu:1"), 1)).containsExactly(FIRST_GPU);
        assertThat(host.allocatedUnits(boot(host, "vf:2"))).containsExactly(PF_WITH_VFS + " CUSTOM_NIC_VF=2");
        assertNoValidHost(boot(host, "pf:1"));
    }

    /**
     * Asserts that a change is reported, that no client writes it until nova-compute was restarted with the exported
     * configuration, that nova-compute then changes these providers only, and that servers are created meanwhile.
     *
     * @param differences part of the message about each provider that differs, by address
     * @param after the providers that nova-compute changes; an empty string if it deletes the provider
     */
    private void assertAppliedByNovaOnly(
            NovaHost host, Consumer<NovaHost> change, Map<String, String> differences, Map<String, String> after) {
        int before = cluster.placementRequests().size();
        change.accept(host);
        awaitCondition()
                .untilAsserted(() ->
                        assertThat(host.rowsInState("AwaitingNova").keySet()).isEqualTo(differences.keySet()));
        host.rowsInState("AwaitingNova")
                .forEach((address, row) ->
                        assertThat(row.path("message").asText()).contains(differences.get(address)));
        host.update();
        awaitSweeps(2);
        assertThat(nova.takeWrites()).isEmpty();
        assertThat(writesSince(before)).as("all clients, the operator too").isEmpty();
        host.awaitReason("PlacementSynced", "AwaitingNova");
        assertThat(host.tree()).isEqualTo(TREE);
        assertActive(bootPlain(host));
        attachedDevices(host, boot(host, "vf:1"), 1);
        nova.takeWrites();

        Map<String, String> expected = new TreeMap<>(TREE);
        expected.putAll(after);
        expected.values().removeIf(String::isEmpty);
        List<String> changed = after.keySet().stream().map(host::provider).toList();
        before = cluster.placementRequests().size();
        host.restartWithExport();
        host.awaitReason("Ready", "InSync");
        host.update();
        awaitSweeps(1);
        assertThat(host.tree()).isEqualTo(expected);
        assertThat(host.rows()).hasSize(expected.size());
        List<Write> writes = nova.takeWrites();
        assertThat(writes)
                .filteredOn(write -> !isName(write))
                .as("only the changed providers")
                .isNotEmpty()
                .allMatch(write -> changed.stream().anyMatch(write.path()::contains));
        assertThat(writesSince(before)).as("the operator writes nothing").hasSameSizeAs(writes);
        assertActive(bootPlain(host));
    }
}
