package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The ConfigMaps for nova-compute, written under the operator's service account with the Role of the chart. */
class NovaConfigIT {

    private static final String NAMESPACE = "openstack";
    private static final String HOST = "nova-config";

    private static final String SPEC = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nova-config-gpus}
            spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: %s}
            """;

    private static LocalCluster cluster;
    private static String role;

    @BeforeAll
    static void startCluster() {
        cluster = LocalCluster.leaseShared(Map.of("PCI_SWEEP_INTERVAL", "2s", "PCI_NOVA_CONFIG_NAMESPACE", NAMESPACE));
        cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(NAMESPACE));
        role = Stream.of(cluster.helm(
                                "template",
                                "pci-placement-operator",
                                "deploy/helm/pci-placement-operator",
                                "--namespace=pci-placement-operator",
                                "--set=novaConfig.namespace=" + NAMESPACE,
                                "--show-only=templates/rbac-operator.yaml")
                        .orThrow("helm template")
                        .out()
                        .split("(?m)^---$"))
                .filter(object -> object.contains("namespace: \"" + NAMESPACE + "\""))
                .reduce("", (one, other) -> one + "---" + other);
    }

    @AfterAll
    static void stopCluster() {
        cluster.kubectlWith(role, "delete", "-f", "-", "--ignore-not-found");
        cluster.close();
    }

    @AfterEach
    void clean() {
        Hosts.clean(cluster, HOST);
        cluster.placement().deleteTree(HOST);
    }

    private static Resource<ConfigMap> configMap() {
        return cluster.client().configMaps().inNamespace(NAMESPACE).withName("nova-pci-" + HOST);
    }

    private static String content() {
        ConfigMap found = configMap().get();
        return found == null || found.getData() == null ? "" : found.getData().getOrDefault("pci-placement.conf", "");
    }

    /** The reasons of the events of the host, in the order of their creation. */
    private static List<String> eventReasons() {
        JsonNode events = cluster.raw("/apis/events.k8s.io/v1/namespaces/default/events");
        return Stream.of(events.path("items"))
                .flatMap(items -> {
                    Stream.Builder<JsonNode> all = Stream.builder();
                    items.forEach(all::add);
                    return all.build();
                })
                .filter(event -> event.at("/regarding/name").asText().equals(HOST))
                .sorted((one, other) -> one.path("eventTime")
                        .asText()
                        .compareTo(other.path("eventTime").asText()))
                .map(event -> event.path("reason").asText())
                .filter(reason -> reason.startsWith("NovaConfig"))
                .toList();
    }

    @Test
    void configMapFollowsTheSpecsAndIsRestored() {
        cluster.placement().createComputeProvider(HOST);
        cluster.apply(SPEC.formatted("gpu"));
        Hosts.create(cluster.client(), HOST, Map.of(), false);
        Hosts.publish(cluster.client(), HOST, Devices.host(Devices.pci("0000:81:00.0")));
        Hosts.setReporting(cluster, HOST, "Nova");

        // Without the Role, which is not installed yet, only the delivery fails.
        awaitReason(cluster, "hpi", HOST, "NovaConfigPublished", "ConfigMapNotWritten");
        cluster.apply(role);
        awaitReason(cluster, "hpi", HOST, "NovaConfigPublished", "Published");

        String content = content();
        ProcessResult export = cluster.pci("export", "--for-nova", "--node", HOST);
        assertThat(content.lines().skip(1))
                .as("the export, after a heading")
                .containsExactlyElementsOf(export.out().lines().toList());
        String hash = hash();
        assertThat(configMap().get().getMetadata().getAnnotations()).containsEntry("pciplacement.io/config-hash", hash);
        assertThat(cluster.get("hpi", HOST).at("/status/novaConfig/configMap").asText())
                .isEqualTo(NAMESPACE + "/nova-pci-" + HOST);

        cluster.apply(SPEC.formatted("other"));
        awaitCondition().until(() -> content().contains("\"other\""));
        awaitCondition().until(() -> !hash().equals(hash));
        String changed = content();

        configMap()
                .edit(actual -> new ConfigMapBuilder(actual)
                        .addToData("pci-placement.conf", "[pci]\n")
                        .addToData("more.conf", "[DEFAULT]\n")
                        .build());
        awaitCondition().until(() -> content().equals(changed));
        assertThat(configMap().get().getData()).containsOnlyKeys("pci-placement.conf");
        configMap().delete();
        awaitCondition().until(() -> content().equals(changed));
        awaitCondition()
                .untilAsserted(() -> assertThat(eventReasons())
                        .containsExactly(
                                "NovaConfigChanged", "NovaConfigChanged", "NovaConfigRestored", "NovaConfigChanged"));

        Hosts.setReporting(cluster, HOST, "Disabled");
        awaitReason(cluster, "hpi", HOST, "PlacementSynced", "ReportingDisabled");
        assertThat(content()).isEqualTo(changed);
        assertThat(configMap().get().getMetadata().getOwnerReferences())
                .as("Kubernetes deletes it with its owner")
                .singleElement()
                .satisfies(owner -> assertThat(owner.getUid())
                        .isEqualTo(cluster.get("hpi", HOST).at("/metadata/uid").asText()));

        Hosts.setReporting(cluster, HOST, "Enabled");
        awaitCondition().until(() -> configMap().get() == null);
    }

    private static String hash() {
        return cluster.get("hpi", HOST).at("/status/novaConfig/hash").asText();
    }
}
