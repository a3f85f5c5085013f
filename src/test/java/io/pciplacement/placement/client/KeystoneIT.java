package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException.Forbidden;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.testing.RealPlacement;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Being let in by a real Keystone, and not, and what roles allow. */
@SuppressWarnings("NullAway.Init")
class KeystoneIT {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");

    @TempDir
    private static Path dir;

    private static RealPlacement parts;

    private final List<PlacementConnection> connections = new ArrayList<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void start() {
        parts = RealPlacement.startWithKeystone(dir.resolve("parts"));
    }

    @AfterAll
    static void stop() {
        parts.close();
    }

    @AfterEach
    void disconnect() {
        connections.forEach(PlacementConnection::close);
    }

    private PlacementConnection connect(Map<String, String> env) {
        PlacementConnection connection = PlacementConnection.from(
                env,
                ConnectionSettings.DEFAULT,
                (method, route, status, duration) -> requests.add(method + " " + route + " " + status));
        connections.add(connection);
        return connection;
    }

    private HttpPlacementClient client(Map<String, String> env) {
        return new HttpPlacementClient(connect(env));
    }

    /** A user's cloud with something changed. */
    private HttpPlacementClient client(String user, String password, String project, String region) throws Exception {
        Path file = Files.writeString(
                dir.resolve("mine.yaml"), """
                clouds:
                  mine:
                    auth: {auth_url: "%s", username: %s, password: %s, project_name: %s}
                    region_name: %s
                """.formatted(parts.keystoneUrl(), user, password, project, region));
        Map<String, String> env = new HashMap<>();
        env.put("OS_CLIENT_CONFIG_FILE", file.toString());
        return client(env);
    }

    private static Map<UUID, ProviderInventories> newProvider(HttpPlacementClient client) {
        UUID uuid = UUID.randomUUID();
        client.createProvider(uuid, "host-" + uuid, Optional.empty());
        return Map.of(uuid, new ProviderInventories(0, Map.of(VCPU, Inventory.of(4, 0))));
    }

    @Test
    void theServiceRoleIsEnough() {
        for (String cloud : List.of("password", "appcred")) {
            HttpPlacementClient client = client(parts.env(cloud));
            client.reshape(newProvider(client), Map.of());
            assertThat(client.traits()).isNotEmpty();
        }
        assertThat(requests.stream().filter("POST /auth/tokens 201"::equals)).hasSize(2);
    }

    @Test
    void anAdminMayNotReshape() throws Exception {
        HttpPlacementClient client = client("admin", "admin", "admin", "RegionOne");
        Map<UUID, ProviderInventories> inventories = newProvider(client);
        assertThatExceptionOfType(Forbidden.class)
                .isThrownBy(() -> client.reshape(inventories, Map.of()))
                .withMessageContaining("POST /reshaper (1 provider): 403")
                .withMessageContaining("placement:reshaper:reshape")
                .withMessageContaining("role 'service'");
        inventories.forEach(
                (uuid, all) -> assertThat(client.putInventories(uuid, all)).isEqualTo(1));
    }

    @Test
    void whoIsNotLetIn() throws Exception {
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(client("client", "wrong", "service", "RegionOne")::traits)
                .withMessageContaining("user 'client' of domain 'default' in project 'service'")
                .withMessageContaining("Keystone at " + parts.keystoneUrl())
                .withMessageContaining("cloud 'mine'");
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(client("client", "client", "nothing", "RegionOne")::traits);
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(client("client", "client", "service", "RegionTwo")::traits)
                .withMessageContaining("it has public in 'RegionOne'");
        Path file = Files.writeString(
                dir.resolve("token.yaml"),
                "clouds: {c: {auth_type: admin_token, auth: {endpoint: '%s', token: wrong}}}".formatted(parts.url()));
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(client(Map.of("OS_CLIENT_CONFIG_FILE", file.toString()))::traits)
                .withMessageContaining("does not accept the token of clouds.yaml");
    }

    @Test
    void aRevokedTokenIsRenewed() throws Exception {
        PlacementConnection connection = connect(parts.env("password"));
        HttpPlacementClient client = new HttpPlacementClient(connection);
        client.traits();
        String token = connection.session().token().value();
        HttpRequest revoke = HttpRequest.newBuilder(URI.create(parts.keystoneUrl() + "/auth/tokens"))
                .header("X-Auth-Token", token)
                .header("X-Subject-Token", token)
                .DELETE()
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(revoke, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(204);
        }
        // Placement remembers for minutes that the token was good; a new one does not.
        parts.stopPlacement();
        parts.startPlacement();
        requests.clear();
        assertThat(client.traits()).isNotEmpty();
        assertThat(requests).containsExactly("GET /traits 401", "POST /auth/tokens 201", "GET /traits 200");
    }

    @Test
    void partsThatAreAway() {
        HttpPlacementClient client = client(parts.env("password"));
        client.traits();
        parts.stopKeystone();
        try {
            assertThat(client.traits()).as("the token is known").isNotEmpty();
            assertThatExceptionOfType(Unreachable.class)
                    .isThrownBy(client(parts.env("appcred"))::traits)
                    .withMessageContaining("POST /auth/tokens of Keystone at " + parts.keystoneUrl())
                    // On a connection that was open, the end of it is what is heard first.
                    .withMessageMatching(".*(the connection is refused|the connection broke).*");
        } finally {
            parts.startKeystone();
        }
        parts.stopPlacement();
        try {
            assertThatExceptionOfType(Unreachable.class)
                    .isThrownBy(client::traits)
                    .withMessageContaining("GET /traits of Placement at " + parts.url());
        } finally {
            parts.startPlacement();
        }
        assertThat(client.traits()).isNotEmpty();
    }
}
