package io.pciplacement.agent.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Fake of the part of the Kubernetes API that an agent uses: objects that may be missing, server-side apply of the
 * status, Leases, and errors. Records the requests.
 */
public final class FakeKubernetesApi implements AutoCloseable {

    /** One recorded request. */
    record Request(
            String method,
            String path,
            @Nullable String query,
            String token,
            String contentType,
            boolean metadataOnly,
            String body) {}

    static final String INVENTORY = "/apis/pciplacement.io/v1alpha1/hostpciinventories/node-1";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, ObjectNode> objects = new ConcurrentHashMap<>();
    private volatile @Nullable Integer failWith;
    private @Nullable HttpServer server;
    private final int port;
    private int version;

    public FakeKubernetesApi() throws IOException {
        port = start(0);
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public void createInventory() {
        ObjectNode object = MAPPER.createObjectNode();
        object.putObject("metadata")
                .put("name", "node-1")
                .put("resourceVersion", nextVersion())
                .putArray("managedFields")
                .addObject()
                .put("manager", "x");
        object.putObject("spec").put("reporting", "Disabled");
        objects.put(INVENTORY, object);
    }

    /** Another client changes a field that is not the agent's. */
    void changeSpec() {
        ObjectNode object = Objects.requireNonNull(objects.get(INVENTORY));
        object.putObject("spec").put("reporting", "Enabled");
        object.withObjectProperty("metadata").put("resourceVersion", nextVersion());
    }

    /** Another client removes what the agent has published. */
    void clearStatus() {
        ObjectNode object = Objects.requireNonNull(objects.get(INVENTORY));
        object.remove("status");
        object.withObjectProperty("metadata").put("resourceVersion", nextVersion());
    }

    private String nextVersion() {
        return Integer.toString(++version);
    }

    public void deleteInventory() {
        objects.remove(INVENTORY);
    }

    public JsonNode status() {
        return Objects.requireNonNull(objects.get(INVENTORY)).path("status");
    }

    /** @param status the status of all further responses; null for regular responses */
    void failWith(@Nullable Integer status) {
        failWith = status;
    }

    List<Request> requests(String method) {
        return requests.stream().filter(r -> r.method().equals(method)).toList();
    }

    void clearRequests() {
        requests.clear();
    }

    void stopServer() {
        Objects.requireNonNull(server).stop(0);
    }

    void restartServer() throws IOException {
        start(port);
    }

    @Override
    public void close() {
        stopServer();
    }

    private int start(int at) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
        http.createContext("/", this::handle);
        http.start();
        server = http;
        return http.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    path,
                    exchange.getRequestURI().getQuery(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                    isMetadataOnly(exchange),
                    body));
            Integer fail = failWith;
            if (fail != null) {
                answer(
                        exchange,
                        fail,
                        MAPPER.createObjectNode().put("kind", "Status").put("message", "test says " + fail));
            } else if (path.contains("/leases/")) {
                objects.put(path, (ObjectNode) MAPPER.readTree(body));
                answer(exchange, 201, MAPPER.createObjectNode());
            } else {
                inventory(exchange, path, body);
            }
        }
    }

    private void inventory(HttpExchange exchange, String path, String body) throws IOException {
        ObjectNode object = objects.get(path.replace("/status", ""));
        if (object == null) {
            answer(exchange, 404, MAPPER.createObjectNode().put("message", "not found"));
            return;
        }
        if (exchange.getRequestMethod().equals("PATCH")) {
            object.set("status", MAPPER.readTree(body).path("status"));
            object.withObjectProperty("metadata").put("resourceVersion", nextVersion());
        }
        answer(
                exchange,
                200,
                isMetadataOnly(exchange) ? MAPPER.createObjectNode().set("metadata", object.get("metadata")) : object);
    }

    private static boolean isMetadataOnly(HttpExchange exchange) {
        return String.valueOf(exchange.getRequestHeaders().getFirst("Accept"))
                .startsWith("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    }

    private static void answer(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] bytes = MAPPER.writeValueAsBytes(body);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
