package io.pciplacement.cli.input;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.io.File;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reader of the objects of the cluster that KUBECONFIG selects. */
public final class ClusterReader {

    private ClusterReader() {}

    /** @throws KubernetesClientException if the cluster is not available */
    public static ClusterSnapshot readCluster() {
        try (KubernetesClient client = createClient()) {
            return readCluster(client);
        }
    }

    public static ClusterSnapshot readCluster(KubernetesClient client) {
        Map<String, Map<String, String>> nodeLabels = new HashMap<>();
        for (Node node : client.nodes().list().getItems()) {
            nodeLabels.put(
                    node.getMetadata().getName(),
                    Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of()));
        }
        List<HostPciInventory> hosts =
                client.resources(HostPciInventory.class).list().getItems();
        List<PciDeviceSpec> specs = client.resources(PciDeviceSpec.class).list().getItems();
        List<PciAllocation> allocations =
                client.resources(PciAllocation.class).list().getItems();
        return new ClusterSnapshot(hosts, nodeLabels, specs, allocations);
    }

    /**
     * Creates a client whose threads end when it is closed. Those of Quarkus's HTTP client would delay the exit of the
     * JVM while they wait in the kernel.
     */
    public static KubernetesClient createClient() {
        return new KubernetesClientBuilder()
                .withConfig(createConfig())
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build();
    }

    /** Client configuration with short timeouts, as a user is waiting. */
    private static Config createConfig() {
        String kubeconfig = System.getenv("KUBECONFIG");
        if (kubeconfig != null
                && !kubeconfig.isBlank()
                && Arrays.stream(kubeconfig.split(File.pathSeparator, -1)).noneMatch(file -> new File(file).isFile())) {
            throw new CliException(
                    ExitCode.UNAVAILABLE, "KUBECONFIG names %s, which is not a file".formatted(kubeconfig));
        }
        Config config = Config.autoConfigure(null);
        config.setRequestRetryBackoffLimit(1);
        config.setConnectionTimeout(5000);
        return config;
    }

    /** Describes the failure of a request to the cluster in one line. */
    public static String describeError(KubernetesClientException e) {
        if (e.getCode() == 404) {
            return "the CRDs of the operator are not installed in the cluster (%s): install the chart, or apply deploy/crds"
                    .formatted(e.getMessage());
        }
        if (e.getStatus() != null && e.getStatus().getMessage() != null) {
            return "the API server rejected the request: %s. Check the user in KUBECONFIG."
                    .formatted(e.getStatus().getMessage());
        }
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return "the API server at %s is not reachable: %s. Check KUBECONFIG."
                .formatted(Config.autoConfigure(null).getMasterUrl(), cause.getMessage());
    }
}
