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

/** Authentication with a real Keystone, and the permissions of roles. */
@SuppressWarnings("NullAway.Init")
class KeystoneIT {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");

    @TempDir
    private static Path dir;

    private static RealPlacement services;

    private final List<PlacementConnection> connections = new ArrayList<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void startServices() {
        services = RealPlacement.startWithKeystone(dir.resolve("services"));
    }

    @AfterAll
    static void stopServices() {
        services.close();
    }

    @AfterEach
    void closeConnections() {
        connections.forEach(PlacementConnection::close);
    }

    private PlacementConnection connect(Map<String, String> env) {
        PlacementConnection connection = PlacementConnection.fromEnvironment(
                env,
                ConnectionSettings.DEFAULT,
                (method, route, status, duration) -> requests.add(method + " " + route + " " + status));
        connections.add(connection);
        return connection;
    }

    private HttpPlacementClient clientFor(Map<String, String> env) {
        return new HttpPlacementClient(connect(env));
    }

    /** Client for the cloud with other credentials. */
    private HttpPlacementClient clientFor(String user, String password, String project, String region)
            throws Exception {
        Path file = Files.writeString(
                dir.resolve("mine.yaml"), """
                clouds:
                  mine:
                    auth: {auth_url: "%s", username: %s, password: %s, project_name: %s}
                    region_name: %s
                """.formatted(services.keystoneUrl(), user, password, project, region));
        Map<String, String> env = new HashMap<>();
        env.put("OS_CLIENT_CONFIG_FILE", file.toString());
        return clientFor(env);
    }

    private static Map<UUID, ProviderInventories> createProvider(HttpPlacementClient client) {
        UUID uuid = UUID.randomUUID();
        client.createProvider(uuid, "host-" + uuid, Optional.empty());
        return Map.of(uuid, new ProviderInventories(0, Map.of(VCPU, Inventory.of(4, 0))));
    }

    @Test
    void serviceRoleIsSufficient() {
        for (String cloud : List.of("password", "appcred")) {
            HttpPlacementClient client = clientFor(services.env(cloud));
            client.reshape(createProvider(client), Map.of());
            assertThat(client.listTraits()).isNotEmpty();
        }
        assertThat(requests.stream().filter("POST /auth/tokens 201"::equals)).hasSize(2);
    }

    @Test
    void adminRoleCannotReshape() throws Exception {
        HttpPlacementClient client = clientFor("admin", "admin", "admin", "RegionOne");
        Map<UUID, ProviderInventories> inventories = createProvider(client);
        assertThatExceptionOfType(Forbidden.class)
                .isThrownBy(() -> client.reshape(inventories, Map.of()))
                .withMessageContaining("POST /reshaper (1 provider): 403")
                .withMessageContaining("placement:reshaper:reshape")
                .withMessageContaining("role 'service'");
        inventories.forEach(
                (uuid, all) -> assertThat(client.putInventories(uuid, all)).isEqualTo(1));
    }

    @Test
    void invalidCredentialsAreReported() throws Exception {
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(clientFor("client", "wrong", "service", "RegionOne")::listTraits)
                .withMessageContaining("user 'client' of domain 'default' in project 'service'")
                .withMessageContaining("Keystone at " + services.keystoneUrl())
                .withMessageContaining("cloud 'mine'");
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(clientFor("client", "client", "nothing", "RegionOne")::listTraits);
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(clientFor("client", "client", "service", "RegionTwo")::listTraits)
                .withMessageContaining("it has public in 'RegionOne'");
        Path file = Files.writeString(
                dir.resolve("token.yaml"),
                "clouds: {c: {auth_type: admin_token, auth: {endpoint: '%s', token: wrong}}}"
                        .formatted(services.url()));
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(clientFor(Map.of("OS_CLIENT_CONFIG_FILE", file.toString()))::listTraits)
                .withMessageContaining("rejected the token of clouds.yaml");
    }

    @Test
    void revokedTokenIsRenewed() throws Exception {
        PlacementConnection connection = connect(services.env("password"));
        HttpPlacementClient client = new HttpPlacementClient(connection);
        client.listTraits();
        String token = connection.currentSession().token().value();
        HttpRequest revoke = HttpRequest.newBuilder(URI.create(services.keystoneUrl() + "/auth/tokens"))
                .header("X-Auth-Token", token)
                .header("X-Subject-Token", token)
                .DELETE()
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(revoke, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(204);
        }
        // Placement caches for minutes that the token was valid; a restarted one does not.
        services.stopPlacement();
        services.startPlacement();
        requests.clear();
        assertThat(client.listTraits()).isNotEmpty();
        assertThat(requests).containsExactly("GET /traits 401", "POST /auth/tokens 201", "GET /traits 200");
    }

    @Test
    void outagesAreReported() {
        HttpPlacementClient client = clientFor(services.env("password"));
        client.listTraits();
        services.stopKeystone();
        try {
            assertThat(client.listTraits()).as("the token is known").isNotEmpty();
            assertThatExceptionOfType(Unreachable.class)
                    .isThrownBy(clientFor(services.env("appcred"))::listTraits)
                    .withMessageContaining("POST /auth/tokens of Keystone at " + services.keystoneUrl())
                    // On an open connection, its end is detected first.
                    .withMessageMatching(".*(connection refused|connection failed).*");
        } finally {
            services.startKeystone();
        }
        services.stopPlacement();
        try {
            assertThatExceptionOfType(Unreachable.class)
                    .isThrownBy(client::listTraits)
                    .withMessageContaining("GET /traits of Placement at " + services.url());
        } finally {
            services.startPlacement();
        }
        assertThat(client.listTraits()).isNotEmpty();
    }
}
