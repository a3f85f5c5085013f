package io.pciplacement.cli.input;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ObjectListClient.ListedKind;
import io.pciplacement.cli.input.ObjectListClient.ObjectWithMetadata;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reader of the objects of the cluster that KUBECONFIG selects. */
public final class ClusterReader {

    private ClusterReader() {}

    /** @throws KubernetesClientException if the cluster is not available */
    public static ClusterSnapshot readCluster() {
        return ClusterPrefetch.takeResult().orElseGet(ClusterReader::readNow);
    }

    static ClusterSnapshot readNow() {
        try (ApiServerConnection connection = connect()) {
            return readCluster(connection);
        }
    }

    private static ApiServerConnection connect() {
        Optional<Config> simple = parseKubeconfig();
        if (simple.isPresent()) {
            return new KubeconfigConnection(withTimeouts(simple.get()));
        }
        Config config = withTimeouts(autoConfigure());
        return new FabricConnection(
                new JdkHttpClientFactory().newBuilder(config).build(), config.getMasterUrl());
    }

    /** The client is not closed. */
    public static ClusterSnapshot readCluster(KubernetesClient client) {
        return readCluster(new FabricConnection(
                client.getHttpClient(), client.getConfiguration().getMasterUrl()));
    }

    /**
     * The first request establishes the connection that all others use. If all were sent at once, each would establish
     * its own, and a TLS handshake takes longer than a request. Meanwhile, the parsers are created.
     */
    private static ClusterSnapshot readCluster(ApiServerConnection connection) {
        ObjectListClient client = new ObjectListClient(connection);
        var first = client.list(ListedKind.SPEC);
        Stream.of(ListedKind.SPEC, ListedKind.HOST, ListedKind.ALLOCATION, ListedKind.NODE)
                .forEach(ListedKind::parser);
        List<PciDeviceSpec> specs = ObjectListClient.await(first);
        var hosts = client.list(ListedKind.HOST);
        var allocations = client.list(ListedKind.ALLOCATION);
        var nodes = client.list(ListedKind.NODE);
        Map<String, Map<String, String>> nodeLabels = new HashMap<>();
        ObjectListClient.await(nodes).stream()
                .map(ObjectWithMetadata::metadata)
                .filter(Objects::nonNull)
                .forEach(
                        node -> nodeLabels.put(node.getName(), Objects.requireNonNullElse(node.getLabels(), Map.of())));
        return new ClusterSnapshot(
                ObjectListClient.await(hosts), nodeLabels, specs, ObjectListClient.await(allocations));
    }

    /** Creates a client on the HTTP client of the JDK, which needs less time to start than that of Quarkus. */
    public static KubernetesClient createClient() {
        return new KubernetesClientBuilder()
                .withConfig(withTimeouts(parseKubeconfig().orElseGet(ClusterReader::autoConfigure)))
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    private static Optional<Config> parseKubeconfig() {
        String kubeconfig = System.getenv("KUBECONFIG");
        if (kubeconfig != null
                && !kubeconfig.isBlank()
                && Arrays.stream(kubeconfig.split(File.pathSeparator, -1)).noneMatch(file -> new File(file).isFile())) {
            throw new CliException(
                    ExitCode.UNAVAILABLE, "KUBECONFIG names %s, which is not a file".formatted(kubeconfig));
        }
        return KubeconfigParser.parse(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    private static Config autoConfigure() {
        return ClientKeyAlgorithm.setIn(Config.autoConfigure(null));
    }

    /** Short, as a user is waiting, but sufficient for the TLS handshake with a busy API server. */
    private static Config withTimeouts(Config config) {
        config.setRequestRetryBackoffLimit(1);
        config.setConnectionTimeout(15_000);
        return config;
    }
}
