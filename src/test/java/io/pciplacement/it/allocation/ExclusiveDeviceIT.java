package io.pciplacement.it.allocation;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device is allocated to one consumer only, even if the webhook is bypassed or another client changes Placement. */
class ExclusiveDeviceIT {

    private static final String NODE = "exclusive-device";
    private static final String CLASS = "CUSTOM_EXCLUSIVE_DEVICE";
    private static final String WEBHOOK = "pci-placement-operator";

    private final LocalCluster cluster = LocalCluster.shared();
    private final UUID first = UUID.randomUUID();
    private final UUID second = UUID.randomUUID();

    @BeforeEach
    void host() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: exclusive-device}
                spec: {selectors: [{vendorId: "8086", productId: "1515", deviceType: VF}], resourceClass: exclusive-device}
                """);
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(cluster.client(), NODE, new Devices().pfWithVfs(3, 4).build());
        awaitCondition()
                .until(() -> cluster.placement().describeTree(NODE).toString().contains(CLASS + "=4"));
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    @AfterEach
    void clean() {
        Hosts.withdrawAll(cluster);
        cluster.placement().release(first);
        cluster.placement().release(second);
        Hosts.clean(cluster, NODE);
    }

    private static String allocation(String name, UUID consumer) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u, managedBy: Operator}
                  devices: [{node: %s, address: "0000:81:03.1"}]
                """.formatted(name, consumer, NODE);
    }

    private String provider() {
        return cluster.placement().providersBelow(NODE).get(NODE + "_0000:81:03.0");
    }

    @Test
    void olderOfTwoObjectsGetsTheDevice() {
        cluster.apply(allocation("older", first));
        awaitReason(cluster, "pcia", "older", "Ready", "InSync");
        assertThat(cluster.kubectlWith(allocation("younger", second), "apply", "-f", "-")
                        .all())
                .contains("denied the request", "older");

        withoutWebhook(() -> cluster.apply(allocation("younger", second)));
        awaitReason(cluster, "pcia", "younger", "Ready", "DeviceAlreadyAllocated");
        assertThat(cluster.get("pcia", "younger").at("/status/phase").asText()).isEqualTo("Blocked");
        assertThat(cluster.get("pcia", "younger").at("/status/conditions").toString())
                .contains("older", first.toString());
        assertThat(cluster.placement().allocationsOf(first)).containsExactly(provider() + "/" + CLASS + "=1");
        assertThat(cluster.placement().allocationsOf(second)).isEmpty();

        assertThat(cluster.kubectl("delete", "pcia", "older").status()).isZero();
        awaitReason(cluster, "pcia", "younger", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(first)).isEmpty();
        assertThat(cluster.placement().allocationsOf(second)).containsExactly(provider() + "/" + CLASS + "=1");
    }

    /** Simulates an absent operator with an API server that ignores webhook failures. */
    private void withoutWebhook(Runnable work) {
        var webhooks = cluster.client()
                .admissionRegistration()
                .v1()
                .validatingWebhookConfigurations()
                .withName(WEBHOOK);
        ValidatingWebhookConfiguration webhook = webhooks.get();
        webhooks.delete();
        ObjectMeta fresh = new ObjectMeta();
        fresh.setName(WEBHOOK);
        fresh.setLabels(webhook.getMetadata().getLabels());
        fresh.setAnnotations(webhook.getMetadata().getAnnotations());
        try {
            // The API server applies the change with a delay.
            awaitCondition().ignoreExceptions().untilAsserted(work::run);
        } finally {
            webhook.setMetadata(fresh);
            cluster.client().resource(webhook).create();
        }
    }

    @Test
    void fullProviderIsReportedWithItsConsumers() {
        pause(true);
        awaitReason(cluster, "hpi", NODE, "Ready", "Paused");
        cluster.placement().setInventory(provider(), CLASS, 8, 0);
        cluster.placement().allocate(first, provider(), CLASS, 3);
        cluster.placement().allocate(second, provider(), CLASS, 3);
        cluster.placement().setInventory(provider(), CLASS, 4, 0);
        pause(false);
        awaitCondition()
                .untilAsserted(() -> assertThat(
                                cluster.get("hpi", NODE).at("/status/providers").toString())
                        .contains(
                                "6 units are in use, but only 4 devices are selected",
                                first.toString(),
                                second.toString()));
        assertThat(cluster.placement().describeTree(NODE).get("0000:81:03.0"))
                .as("no other consumer gets one")
                .startsWith(CLASS + "=6/");
        cluster.placement().release(second);
        awaitCondition()
                .untilAsserted(
                        () -> assertThat(cluster.placement().describeTree(NODE).get("0000:81:03.0"))
                                .startsWith(CLASS + "=4/"));
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    private void pause(boolean paused) {
        assertThat(cluster.kubectl(
                                "patch",
                                "hpi",
                                NODE,
                                "--type=merge",
                                "-p",
                                "{\"spec\":{\"paused\":%b}}".formatted(paused))
                        .status())
                .isZero();
    }
}
