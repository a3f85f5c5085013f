package io.pciplacement.cli.input;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Reader of the objects of the cluster that KUBECONFIG selects. */
public final class ClusterReader {

    private ClusterReader() {}

    /** @throws KubernetesClientException if the cluster is not available */
    public static ClusterSnapshot readCluster() {
        return ClusterPrefetch.takeResult().orElseGet(ClusterReader::readNow);
    }

    static ClusterSnapshot readNow() {
        Config config = createConfig();
        try (HttpClient http = new JdkHttpClientFactory().newBuilder(config).build()) {
            return readCluster(http, config.getMasterUrl());
        }
    }

    public static ClusterSnapshot readCluster(KubernetesClient client) {
        return readCluster(client.getHttpClient(), client.getConfiguration().getMasterUrl());
    }

    private static ClusterSnapshot readCluster(HttpClient http, String server) {
        ObjectListClient client = new ObjectListClient(http, server);
        var nodes = client.listNodes();
        var hosts = client.listCustomResources("hostpciinventories", HostPciInventory.class);
        var specs = client.listCustomResources("pcidevicespecs", PciDeviceSpec.class);
        var allocations = client.listCustomResources("pciallocations", PciAllocation.class);
        Map<String, Map<String, String>> nodeLabels = new HashMap<>();
        for (ObjectMeta node : ObjectListClient.await(nodes)) {
            nodeLabels.put(node.getName(), Objects.requireNonNullElse(node.getLabels(), Map.of()));
        }
        return new ClusterSnapshot(
                ObjectListClient.await(hosts),
                nodeLabels,
                ObjectListClient.await(specs),
                ObjectListClient.await(allocations));
    }

    /**
     * Creates a client on the HTTP client of the JDK: its threads end when it is closed. Those of Quarkus's HTTP client
     * would delay the exit of the JVM while they wait in the kernel.
     */
    public static KubernetesClient createClient() {
        return new KubernetesClientBuilder()
                .withConfig(createConfig())
                .withHttpClientFactory(new JdkHttpClientFactory())
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
        Config config = KubeconfigParser.parse(System.getenv(), Path.of(System.getProperty("user.home")))
                .orElseGet(() -> Config.autoConfigure(null));
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
