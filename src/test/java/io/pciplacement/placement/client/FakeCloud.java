package io.pciplacement.placement.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fake Keystone and Placement with configurable responses, for responses that cannot be provoked from the real
 * services.
 */
public final class FakeCloud implements AutoCloseable {

    /** Handler of a request. */
    public interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final AtomicInteger tokens = new AtomicInteger();
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    final Set<Integer> clientPorts = ConcurrentHashMap.newKeySet();

    /** Number of the accepted token; while it is 0, all tokens are accepted. */
    volatile int acceptedToken;

    volatile Instant tokenExpiry = Instant.now().plusSeconds(3600);
    volatile String catalogInterfaceAndRegion = "public RegionOne";

    public FakeCloud() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::dispatch);
        server.start();
        stubResponse("GET /", exchange -> sendResponse(exchange, 200, "{\"versions\": [{\"max_version\": \"1.39\"}]}"));
        stubResponse("POST /v3/auth/tokens", this::issueToken);
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void stubResponse(String methodAndPath, Handler handler) {
        handlers.put(methodAndPath, handler);
    }

    public void stubResponse(String methodAndPath, int status, String body) {
        stubResponse(methodAndPath, exchange -> sendResponse(exchange, status, body));
    }

    public long requestCount(String methodAndPath) {
        synchronized (requests) {
            return requests.stream().filter(methodAndPath::equals).count();
        }
    }

    /** Writes a clouds.yaml for this cloud with the password of a user. */
    Path writePasswordConfig(Path dir) throws IOException {
        return Files.writeString(dir.resolve("clouds.yaml"), """
                clouds:
                  fake:
                    auth: {auth_url: "%s", username: alice, password: hunter2, project_name: work}
                    region_name: RegionOne
                """.formatted(url()));
    }

    /** Writes a clouds.yaml for this cloud without Keystone. */
    public Path writeTokenConfig(Path dir) throws IOException {
        return Files.writeString(
                dir.resolve("clouds.yaml"),
                "clouds: {fake: {auth_type: admin_token, auth: {endpoint: \"%s\", token: s3same}}}".formatted(url()));
    }

    private void dispatch(HttpExchange exchange) throws IOException {
        String key =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        requests.add(key);
        clientPorts.add(exchange.getRemoteAddress().getPort());
        String token = exchange.getRequestHeaders().getFirst("X-Auth-Token");
        if (acceptedToken > 0 && !key.equals("GET /") && token != null && !token.equals("token" + acceptedToken)) {
            sendResponse(
                    exchange,
                    401,
                    "{\"error\": {\"code\": 401, \"message\": \"The request you have made requires authentication.\"}}");
            return;
        }
        handlers.getOrDefault(key, e -> sendResponse(e, 404, "{}")).handle(exchange);
    }

    private void issueToken(HttpExchange exchange) throws IOException {
        String[] endpoint = catalogInterfaceAndRegion.split(" ", -1);
        exchange.getResponseHeaders().add("X-Subject-Token", "token" + tokens.incrementAndGet());
        sendResponse(exchange, 201, """
                {"token": {"expires_at": "%s", "catalog": [
                  {"type": "compute", "endpoints": [{"interface": "public", "region_id": "RegionOne", "url": "http://nova"}]},
                  {"type": "placement", "endpoints": [{"interface": "%s", "region_id": "%s", "url": "%s/"}]}]}}
                """.formatted(tokenExpiry, endpoint[0], endpoint[1], url()));
    }

    public static void sendResponse(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.getResponseHeaders().add("X-Openstack-Request-Id", "req-fake");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
