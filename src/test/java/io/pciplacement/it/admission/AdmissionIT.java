package io.pciplacement.it.admission;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of rejected changes and their messages, and of warnings. */
class AdmissionIT {

    private static final String NODE = "admission-host";

    private final LocalCluster cluster = LocalCluster.shared();

    @AfterEach
    void deleteObjects() {
        Hosts.clean(cluster, NODE);
    }

    private void createHost() {
        Hosts.create(cluster.client(), NODE, Map.of("gpu", "a100"), true);
        Hosts.publish(
                cluster.client(),
                NODE,
                new Devices().plain(0).pfWithVfs(2, 3).pfWithVfs(3, 2).build());
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    private static String spec(String name, String body) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: %s}
                spec: {%s}
                """.formatted(name, body);
    }

    private ProcessResult apply(String name, String body) {
        return cluster.kubectlWith(spec(name, body), "apply", "-f", "-");
    }

    private void assertRejected(ProcessResult run, String... words) {
        assertThat(run.status()).as(run.all()).isNotZero();
        assertThat(run.err()).contains(words);
    }

    @Test
    void validatesBeforeAnyNodeExists() {
        assertThat(apply("early", "selectors: [{vendorId: '8086'}]").status()).isZero();
        assertRejected(
                apply("typo", "selectors: [{address: '0000:100:00.0'}]"), "bus '100'", "FF", "selectors[0].address");
        assertRejected(apply("typo", "selectors: [{address: '0000:8*:00.0'}]"), "bus '8*'", "hexadecimal");
        assertRejected(apply("typo", "selectors: [{addressRegex: {bus: '(?=8)'}}]"), "addressRegex.bus", "RE2");
        assertRejected(apply("typo", "selectors: [{devname: eth0}]"), "devname", "address");
        assertRejected(apply("typo", "selectors: [{vendorId: '8086'}], resourceClass: '---'"), "no letter or digit");
        awaitReason(cluster, "pds", "early", "Ready", "NoMatchingNodes");
    }

    private ProcessResult createClaim(String requests, String constraints) {
        return cluster.kubectlWith("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: pair}
                spec:
                  consumer: {uuid: 6f2c2c1e-0000-4000-8000-00000000abcd, projectId: p, userId: u}
                  %s
                  constraints: [%s]
                """.formatted(requests, constraints), "create", "--dry-run=server", "-f", "-");
    }

    @Test
    void rejectsInvalidConstraints() {
        String requests = "requests: [{name: gpu, resourceClass: a100}, {name: nic, resourceClass: vf}]";
        String pair = "{requests: [gpu, nic], match: PcieRoot}";
        assertThat(createClaim(requests, pair + ", {requests: [gpu, nic], match: NumaNode}")
                        .err())
                .isEmpty();
        assertRejected(
                createClaim("devices: [{node: gpu-1, address: '0000:01:00.0'}]", pair), "constraints require requests");
        assertRejected(
                createClaim(requests, "{requests: [gpu, ssd], match: PcieRoot}"),
                "each request of a constraint must be the name of one of spec.requests");
        assertRejected(
                createClaim(requests, pair + ", {requests: [nic, gpu], match: PcieRoot}"),
                "must not contain the same match twice");
        assertRejected(createClaim(requests, "{requests: [gpu, nic], match: Socket}"), "Socket", "PcieSwitch");
        assertRejected(createClaim(requests, "{requests: [], match: Card}"), "constraints[0].requests");
        assertRejected(createClaim(requests, ""), "spec.constraints");
    }

    @Test
    void rejectsPfTogetherWithItsVfs() {
        createHost();
        assertRejected(
                apply("both", "selectors: [{address: '0000:81:02.0'}]"),
                NODE,
                "0000:81:02.0",
                "0000:81:02.1",
                "2 more",
                "spec both");
        assertThat(apply("vfs", "selectors: [{address: '0000:81:02.*', deviceType: VF}]")
                        .status())
                .isZero();
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 1);
        assertRejected(
                apply("pf", "selectors: [{address: '0000:81:02.0', deviceType: PF}]"),
                NODE,
                "spec pf",
                "spec vfs",
                "cannot both be tracked");
        assertThat(cluster.get("pds", "pf").path("metadata").isMissingNode()).isTrue();
    }

    @Test
    void rejectsDifferentSiblingVfs() {
        createHost();
        assertThat(apply("one", "selectors: [{address: '0000:81:02.1'}], resourceClass: vf1")
                        .status())
                .isZero();
        assertRejected(
                apply("two", "selectors: [{address: '0000:81:02.2'}], resourceClass: vf2"),
                NODE,
                "CUSTOM_VF1",
                "CUSTOM_VF2",
                "spec one",
                "spec two");
        assertRejected(
                apply("two", "selectors: [{address: '0000:81:02.2'}], resourceClass: vf1, traits: [blue]"),
                "CUSTOM_BLUE",
                "same traits");
        assertThat(apply("two", "selectors: [{address: '0000:81:02.2'}], resourceClass: VF1")
                        .status())
                .isZero();
    }

    @Test
    void rejectsConflictingEqualPriorities() {
        createHost();
        assertThat(apply("one", "selectors: [{vendorId: '8086', productId: '1533'}], resourceClass: red")
                        .status())
                .isZero();
        assertRejected(
                apply("two", "selectors: [{address: '0000:81:00.0'}], resourceClass: blue"),
                "one",
                "two",
                "priority 100",
                "0000:81:00.0");
        assertThat(apply("two", "priority: 200, selectors: [{address: '0000:81:00.0'}], resourceClass: blue")
                        .status())
                .isZero();
    }

    @Test
    void ignoresHostsThatSpecDoesNotSelect() {
        createHost();
        assertThat(apply(
                                "elsewhere",
                                "nodeSelector: {matchExpressions: [{key: gpu, operator: NotIn, values: [a100]}]}, "
                                        + "selectors: [{address: '0000:81:02.0'}]")
                        .status())
                .isZero();
    }

    @Test
    void rejectsSharedRootProvider() {
        createHost();
        assertRejected(cluster.kubectlWith("""
                        apiVersion: pciplacement.io/v1alpha1
                        kind: HostPciInventory
                        metadata: {name: another}
                        spec: {rootProvider: {name: %s}}
                        """.formatted(NODE), "apply", "-f", "-"), "rootProvider.name", NODE);
    }

    private ProcessResult setReporting(String mode) {
        return cluster.kubectl(
                "patch", "hpi", NODE, "--type=merge", "-p", "{\"spec\":{\"reporting\":\"%s\"}}".formatted(mode));
    }

    @Test
    void onlyEnabledReportingCannotBeDisabled() {
        createHost();
        for (String mode : List.of("Nova", "Disabled", "Nova", "Enabled")) {
            ProcessResult run = setReporting(mode);
            assertThat(run.status()).as(run.all()).isZero();
        }
        assertThat(apply("nic", "selectors: [{address: '0000:81:00.0'}]").status())
                .isZero();
        // Placement has the provider before the status, which decides, and Ready may still be that of the host without
        // it.
        awaitCondition().until(() -> providers().at("/0/state").asText().equals("InSync"));
        assertThat(cluster.placement().providersBelow(NODE)).hasSize(1);
        assertRejected(setReporting("Disabled"), "reporting to Placement cannot be disabled");
        ProcessResult handedOver = setReporting("Nova");
        assertThat(handedOver.status()).as(handedOver.all()).isZero();
        assertThat(handedOver.err()).contains("nova-compute writes the providers of this host");
        assertThat(setReporting("Disabled").status()).isZero();
    }

    @Test
    void reportingCanBeDisabledWhenNothingIsLeftInPlacement() {
        createHost();
        assertThat(apply("nic", "selectors: [{address: '0000:81:00.0'}]").status())
                .isZero();
        awaitCondition().until(() -> !providers().isEmpty());
        assertRejected(setReporting("Disabled"), "cannot be disabled", "until status.providers shows");
        assertThat(cluster.kubectl("delete", "pds", "nic").status()).isZero();
        awaitCondition().until(() -> providers().isEmpty());
        assertThat(cluster.placement().providersBelow(NODE)).isEmpty();
        ProcessResult disabled = setReporting("Disabled");
        assertThat(disabled.status()).as(disabled.all()).isZero();
        awaitReason(cluster, "hpi", NODE, "PlacementSynced", "ReportingDisabled");
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE)
                        .at("/status/reportingEnabledAt")
                        .isMissingNode());
        ProcessResult enabled = setReporting("Enabled");
        assertThat(enabled.status()).as(enabled.all()).isZero();
        assertThat(enabled.err()).contains("until none of its devices is left in Placement");
    }

    private JsonNode providers() {
        return cluster.get("hpi", NODE).at("/status/providers");
    }

    @Test
    void rejectsSpecThatNovaCannotExpressOnItsHosts() {
        createHost();
        String body = "nodeSelector: {matchLabels: {gpu: a100}},"
                + " selectors: [{vendorId: '8086', productId: '1533', addressRegex: {bus: '[[:digit:]]+'}}]";
        ProcessResult accepted = apply("regex", body);
        assertThat(accepted.status()).as(accepted.all()).isZero();
        cluster.kubectl("delete", "pds", "regex").orThrow("kubectl delete");
        assertThat(setReporting("Nova").status()).isZero();
        assertRejected(apply("regex", body), NODE, "spec.reporting: Nova", "addressRegex.bus", "Python");
        assertThat(apply("elsewhere", body.replace("a100", "h100")).status()).isZero();
    }

    @Test
    void dryRunWarnsAboutChanges() {
        createHost();
        ProcessResult run = cluster.kubectlWith(
                spec("plan", "selectors: [{address: '0000:81:02.*', deviceType: VF}]"),
                "apply",
                "--dry-run=server",
                "-f",
                "-");
        assertThat(run.status()).isZero();
        assertThat(run.err()).contains("Warning").contains(NODE).contains("1 added");
        assertThat(cluster.get("pds", "plan").path("metadata").isMissingNode()).isTrue();
        assertThat(cluster.placement().providersBelow(NODE)).isEmpty();
    }

    /** Devices appear after their specs: the conflict blocks only their provider. */
    @Test
    void conflictOfLaterDevicesAffectsTheirProviderOnly() {
        cluster.apply(spec("all", "selectors: [{vendorId: '8086'}]"));
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(
                cluster.client(), NODE, new Devices().plain(0).pfWithVfs(2, 0).build());
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 2);
        Hosts.publish(
                cluster.client(),
                NODE,
                new Devices().plain(0).plain(1).pfWithVfs(2, 2).build());
        awaitReason(cluster, "hpi", NODE, "Ready", "DependentDevices");
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.placement().describeTree(NODE))
                        .containsEntry("0000:81:01.0", "CUSTOM_PCI_8086_1533=1/0 []")
                        .containsEntry("0000:81:02.0", "CUSTOM_PCI_8086_1528=1/0 []"));
        awaitReason(cluster, "pds", "all", "Ready", "DependentDevices");
        assertThat(cluster.get("pds", "all").at("/status/problems/0/node").asText())
                .isEqualTo(NODE);
        Hosts.publish(
                cluster.client(), NODE, new Devices().plain(0).pfWithVfs(2, 0).build());
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }
}
