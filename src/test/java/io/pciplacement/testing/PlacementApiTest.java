package io.pciplacement.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of writes to a Placement in which another client changes the provider after the first read. */
class PlacementApiTest {

    private static final String OUTDATED =
            "{\"errors\": [{\"status\": 409, \"code\": \"placement.concurrent_update\"}]}";

    private final List<String> written = new ArrayList<>();
    private HttpServer server;
    private PlacementApi placement;

    /** The provider has the generation 1 and one reserved unit at the first read, then 2 and two units. */
    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/resource_providers/p/inventories", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean reads = exchange.getRequestMethod().equals("GET");
            if (!reads) {
                written.add(body);
            }
            int seen = written.size() + 1;
            String response = !reads && written.size() == 1
                    ? OUTDATED
                    : "{\"resource_provider_generation\": %d, \"inventories\": {\"VF\": {\"total\": 4, \"reserved\": %d}}}"
                            .formatted(seen, seen);
            byte[] bytes = response.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(response.equals(OUTDATED) ? 409 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        placement = new PlacementApi("http://127.0.0.1:" + server.getAddress().getPort(), "token");
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void changedProviderIsReadAgain() {
        assertThat(placement.addReserved("p", "VF", 1)).isTrue();
        assertThat(written).hasSize(2);
        assertThat(written.getLast()).contains("\"reserved\": 3", "\"resource_provider_generation\": 2");
    }

    @Test
    void impossibleChangeIsNotWritten() {
        assertThat(placement.addReserved("p", "VF", 4)).isFalse();
        assertThat(written).isEmpty();
    }
}
