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

/** Reads the objects of the cluster that KUBECONFIG names. */
public final class ClusterReader {

    private ClusterReader() {}

    /** @throws KubernetesClientException where the cluster cannot be used */
    public static ClusterSnapshot read() {
        try (KubernetesClient client = client()) {
            return read(client);
        }
    }

    public static ClusterSnapshot read(KubernetesClient client) {
        Map<String, Map<String, String>> labels = new HashMap<>();
        for (Node node : client.nodes().list().getItems()) {
            labels.put(
                    node.getMetadata().getName(),
                    Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of()));
        }
        List<HostPciInventory> hosts =
                client.resources(HostPciInventory.class).list().getItems();
        List<PciDeviceSpec> specs = client.resources(PciDeviceSpec.class).list().getItems();
        List<PciAllocation> allocations =
                client.resources(PciAllocation.class).list().getItems();
        return new ClusterSnapshot(hosts, labels, specs, allocations);
    }

    /**
     * Its threads end with it: a JVM that ends waits for those that wait in the kernel, as Quarkus's client's would.
     */
    public static KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(config())
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build();
    }

    /** A person waits: rather an answer soon than one at last. */
    private static Config config() {
        String named = System.getenv("KUBECONFIG");
        if (named != null
                && !named.isBlank()
                && Arrays.stream(named.split(File.pathSeparator, -1)).noneMatch(file -> new File(file).isFile())) {
            throw new CliException(ExitCode.UNREACHABLE, "KUBECONFIG names %s, and that is no file".formatted(named));
        }
        Config config = Config.autoConfigure(null);
        config.setRequestRetryBackoffLimit(1);
        config.setConnectionTimeout(5000);
        return config;
    }

    /** What is wrong with the cluster, in one line. */
    public static String why(KubernetesClientException e) {
        if (e.getCode() == 404) {
            return "the cluster does not know the operator's kinds (%s): install the chart, or apply deploy/crds"
                    .formatted(e.getMessage());
        }
        if (e.getStatus() != null && e.getStatus().getMessage() != null) {
            return "the cluster refuses: %s. Check who KUBECONFIG says you are."
                    .formatted(e.getStatus().getMessage());
        }
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return "the cluster at %s cannot be reached: %s. Check KUBECONFIG."
                .formatted(Config.autoConfigure(null).getMasterUrl(), cause.getMessage());
    }
}
