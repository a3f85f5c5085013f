package io.pciplacement.cli;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads the objects of the cluster that KUBECONFIG names. */
final class Cluster {

    private Cluster() {}

    /** @throws KubernetesClientException where the cluster cannot be used */
    static World read() {
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            Map<String, Map<String, String>> labels = new HashMap<>();
            for (Node node : client.nodes().list().getItems()) {
                labels.put(
                        node.getMetadata().getName(),
                        Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of()));
            }
            List<HostPciInventory> hosts =
                    client.resources(HostPciInventory.class).list().getItems();
            List<PciDeviceSpec> specs =
                    client.resources(PciDeviceSpec.class).list().getItems();
            List<PciAllocation> allocations =
                    client.resources(PciAllocation.class).list().getItems();
            return new World(hosts, labels, specs, allocations);
        }
    }

    /** What is wrong with the cluster, in one line. */
    static String why(KubernetesClientException e) {
        if (e.getCode() == 404) {
            return "the cluster does not know the operator's kinds (%s): install the chart, or apply deploy/crds"
                    .formatted(e.getMessage());
        }
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String detail = cause == e || cause.getMessage() == null ? "" : " (%s)".formatted(cause.getMessage());
        return "the cluster cannot be used: %s%s. Check KUBECONFIG.".formatted(e.getMessage(), detail);
    }
}
