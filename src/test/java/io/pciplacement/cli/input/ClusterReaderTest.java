package io.pciplacement.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the reader of the cluster's objects with an HTTP server. */
class ClusterReaderTest {

    private static final String NODES = "/api/v1/nodes";
    private static final String HOSTS = "/apis/pciplacement.io/v1alpha1/hostpciinventories";
    private static final String ALLOCATIONS = "/apis/pciplacement.io/v1alpha1/pciallocations";

    private record Response(int status, String body) {}

    private final Map<String, Response> responses = new ConcurrentHashMap<>();
    private final Map<String, String> accepted = new ConcurrentHashMap<>();
    private final Map<String, String> authorization = new ConcurrentHashMap<>();
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            accepted.put(path, String.join(", ", exchange.getRequestHeaders().get("Accept")));
            authorization.put(path, exchange.getRequestHeaders().getFirst("Authorization"));
            Response response = responses.getOrDefault(path, new Response(200, "{\"items\": []}"));
            byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(response.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withOauthToken("token")
                .withRequestRetryBackoffLimit(0)
                .build();
        client = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void readsMetadataOfNodesAndWholeCustomResources() {
        responses.put(NODES, new Response(200, """
                {"kind": "PartialObjectMetadataList", "items": [
                  {"metadata": {"name": "gpu-07", "labels": {"rack": "a"}, "managedFields": [{"fieldsV1": {"f:x": {}}}]}},
                  {"metadata": {"name": "gpu-08"}, "spec": {"unknownField": 1}}]}
                """));
        responses.put(HOSTS, new Response(200, """
                {"items": [{"metadata": {"name": "gpu-07"}, "spec": {"reporting": "Enabled", "newer": [1]},
                  "status": {"devices": [{"address": "0000:81:00.0", "vendorId": "8086", "productId": "1533"}]}}]}
                """));
        ClusterSnapshot cluster = ClusterReader.readCluster(client);
        assertThat(cluster.nodeLabels()).isEqualTo(Map.of("gpu-07", Map.of("rack", "a"), "gpu-08", Map.of()));
        assertThat(cluster.requireHost("gpu-07").isReportingEnabled()).isTrue();
        assertThat(cluster.requireHost("gpu-07").getStatus().devices()).hasSize(1);
        assertThat(cluster.specs()).isEmpty();
        assertThat(accepted.get(NODES)).contains("as=PartialObjectMetadataList").endsWith(",application/json");
        assertThat(accepted).containsEntry(HOSTS, "application/json");
        assertThat(authorization.values()).containsOnly("Bearer token");
    }

    @Test
    void reportsTheStatusOfTheApiServer() {
        responses.put(ALLOCATIONS, new Response(403, """
                {"kind": "Status", "status": "Failure", "message": "pciallocations is forbidden", "code": 403}
                """));
        assertThatThrownBy(() -> ClusterReader.readCluster(client))
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(403);
                    assertThat(ApiServerErrors.describe(e))
                            .contains("rejected the request: pciallocations is forbidden");
                });
    }

    @ParameterizedTest
    @CsvSource({"404, CRDs of the operator are not installed", "502, rejected the request: status 502"})
    void reportsResponsesThatAreNotFromTheApiServer(int status, String message) {
        responses.put(HOSTS, new Response(status, "<html>"));
        assertThatThrownBy(() -> ClusterReader.readCluster(client))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(ApiServerErrors.describe(e)).contains(message));
    }

    @Test
    void reportsResponseThatIsNotAList() {
        responses.put(HOSTS, new Response(200, "<html>"));
        assertThatThrownBy(() -> ClusterReader.readCluster(client))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(HOSTS + " is not a list");
    }

    @Test
    void reportsUnreachableServer() {
        server.stop(0);
        assertThatThrownBy(() -> ClusterReader.readCluster(client))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(ApiServerErrors.describe(e)).contains("is not reachable: connection refused"));
    }

    @ParameterizedTest
    @CsvSource({
        "status, true",
        "explain gpu-07 81:00.1 -o json, true",
        "status -f hosts.yaml, false",
        "plan --filename=hosts.yaml, false",
        "status --help, false",
        "doctor, false",
        "--version, false",
    })
    void prefetchesOnlyForCommandsThatReadTheCluster(String arguments, boolean useful) {
        assertThat(ClusterPrefetch.isUsefulFor(arguments.split(" "))).isEqualTo(useful);
    }

    @Test
    void nothingIsPrefetchedForAnEmptyCommandLine() {
        assertThat(ClusterPrefetch.isUsefulFor()).isFalse();
        assertThat(ClusterPrefetch.takeResult()).isEmpty();
    }
}
