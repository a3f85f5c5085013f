package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.admission.AdmissionResult;
import io.pciplacement.testing.Devices;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostPciInventoryValidatorTest {

    private final Map<String, HostPciInventory> known = new HashMap<>();

    private final HostPciInventoryValidator validator = new HostPciInventoryValidator(new ClusterCache(null, null) {
        @Override
        public boolean hasNode(String name) {
            return name.startsWith("node");
        }

        @Override
        public Optional<HostPciInventory> findHost(String name) {
            return Optional.ofNullable(known.get(name));
        }

        @Override
        public HostDevices publishedDevices(HostPciInventory host) {
            return new Devices().pfWithVfs(0, 2).plain(1).build();
        }

        @Override
        public Optional<HostPciInventory> findRootOwner(String rootName) {
            return known.values().stream()
                    .filter(host -> host.rootProviderName().equals(rootName))
                    .findFirst();
        }
    });

    private static HostPciInventory host(String name, String spec) {
        return Serialization.unmarshal(
                "metadata: {name: %s}\nspec: {%s}".formatted(name, spec), HostPciInventory.class);
    }

    private AdmissionResult validate(@Nullable HostPciInventory before, @Nullable HostPciInventory after) {
        return validator.validate(new ObjectChange<>(before, after));
    }

    @Test
    void rejectsRootProviderOfAnotherHost() {
        known.put("node-a", host("node-a", "rootProvider: {name: root-a}"));
        HostPciInventory conflicting = host("node-b", "rootProvider: {name: root-a}");
        assertThat(validate(null, conflicting).errors())
                .singleElement()
                .asString()
                .contains("node-a", "root-a");
        assertThat(validate(host("node-b", ""), conflicting).errors()).hasSize(1);
        assertThat(validate(conflicting, host("node-b", "rootProvider: {name: root-a}, paused: true"))
                        .errors())
                .as("an update that does not change the root provider")
                .isEmpty();
        assertThat(validate(null, host("node-a", "rootProvider: {name: root-a}"))
                        .errors())
                .isEmpty();
    }

    @Test
    void warnsIfNodeOfNewObjectDoesNotExist() {
        assertThat(validate(null, host("other", "")).warnings())
                .singleElement()
                .asString()
                .contains("node other does not exist");
        assertThat(validate(host("other", ""), host("other", "paused: true")).warnings())
                .isEmpty();
        assertThat(validate(null, host("node-a", "")).warnings()).isEmpty();
    }

    @Test
    void warnsThatReportingCannotBeDisabledAgain() {
        assertThat(validate(host("node-a", ""), host("node-a", "reporting: Enabled"))
                        .warnings())
                .containsExactly(
                        "reporting cannot be disabled again once it is enabled on a host, until none of its devices is left in Placement");
        assertThat(validate(host("node-a", "reporting: Enabled"), host("node-a", "reporting: Enabled, paused: true"))
                        .warnings())
                .isEmpty();
    }

    @Test
    void warnsWhatChangesBetweenOperatorAndNova() {
        HostPciInventory nova = host("node-a", "reporting: Nova");
        assertThat(validate(host("node-a", ""), nova).warnings())
                .singleElement()
                .asString()
                .contains("nova-compute writes", "pci export");
        HostPciInventory inSync =
                host("node-a", "}\nstatus: {providers: [{name: 'node-a_0000:81:00.0', state: InSync}]");
        known.put("node-a", inSync);
        assertThat(validate(host("node-a", ""), nova).warnings())
                .as("exported and restarted already")
                .isEmpty();
        assertThat(validate(host("node-a", "reporting: Enabled"), nova).warnings())
                .as("written by the operator")
                .hasSize(1);
        known.clear();
        assertThat(validate(nova, host("node-a", "reporting: Nova, paused: true"))
                        .warnings())
                .isEmpty();
        assertThat(validate(nova, host("node-a", "reporting: Enabled")).warnings())
                .hasSize(2)
                .last()
                .asString()
                .contains("report_in_placement");
    }

    @Test
    void warnsThatRootProviderDoesNotExist() {
        HostPciInventory evaluated = host(
                "node-a",
                "}\nstatus: {conditions: [{type: RootProviderFound, status: 'False', message: no such root provider}]");
        known.put("node-a", evaluated);
        assertThat(validate(evaluated, host("node-a", "reporting: Enabled")).warnings())
                .contains("no such root provider");
        assertThat(validate(evaluated, host("node-a", "reporting: Enabled, rootProvider: {name: another}"))
                        .warnings())
                .doesNotContain("no such root provider");
        assertThat(validate(evaluated, host("node-a", "reporting: Enabled, rootProvider: {create: true}"))
                        .warnings())
                .doesNotContain("no such root provider");
    }

    @Test
    void warnsThatDeletionLeavesProviders() {
        assertThat(validate(host("node-a", "reporting: Enabled"), null).warnings())
                .singleElement()
                .asString()
                .contains("stay in Placement");
        assertThat(validate(host("node-a", "reporting: Enabled, onDelete: RemoveUnused"), null)
                        .warnings())
                .isEmpty();
        assertThat(validate(host("node-a", ""), null).warnings()).isEmpty();
    }

    private static String quarantine(String reporting, String address) {
        return "reporting: %s, quarantine: [{address: '%s', reason: broken}]".formatted(reporting, address);
    }

    @Test
    void rejectsQuarantineOfSingleVfThatNovaSelects() {
        known.put("node-a", host("node-a", ""));
        assertThat(validate(null, host("node-a", quarantine("Nova", "0000:81:00.1")))
                        .errors())
                .singleElement()
                .asString()
                .contains("0000:81:00.1 is a VF", "nova-compute of node-a", "its PF 0000:81:00.0");
        assertThat(validate(
                                host("node-a", quarantine("Enabled", "0000:81:00.1")),
                                host("node-a", quarantine("Nova", "0000:81:00.1")))
                        .errors())
                .as("a change of the reporting mode")
                .hasSize(1);
        assertThat(validate(null, host("node-a", quarantine("Enabled", "0000:81:00.1")))
                        .errors())
                .isEmpty();
        assertThat(validate(null, host("node-a", quarantine("Nova", "0000:81:00.0")))
                        .errors())
                .isEmpty();
        assertThat(validate(null, host("node-a", quarantine("Nova", "0000:81:01.0")))
                        .errors())
                .isEmpty();
    }

    @Test
    void warnsIfQuarantinedDeviceIsNotOnTheHost() {
        HostPciInventory before = host("node-a", "reporting: Enabled");
        HostPciInventory absent = host("node-a", quarantine("Enabled", "0000:99:00.0"));
        assertThat(validate(before, absent).warnings())
                .as("host without a device list")
                .isEmpty();
        known.put("node-a", before);
        assertThat(validate(before, absent).warnings())
                .containsExactly("spec.quarantine: host node-a has no device at 0000:99:00.0 at present");
        assertThat(validate(absent, absent).warnings()).isEmpty();
        assertThat(validate(before, host("node-a", quarantine("Enabled", "0000:81:00.0")))
                        .warnings())
                .isEmpty();
    }
}
