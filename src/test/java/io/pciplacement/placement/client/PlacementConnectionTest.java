package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.NotFound;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.Trait;
import io.pciplacement.placement.config.CloudConfig;
import io.pciplacement.placement.config.CloudsYaml;
import io.pciplacement.placement.config.Credentials;
import io.pciplacement.placement.config.KeystoneIdentity;
import io.pciplacement.placement.config.Secret;
import io.pciplacement.placement.config.TlsTrust;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.HttpTransport;
import io.pciplacement.placement.http.RequestObserver;
import io.pciplacement.testing.LoopbackPorts;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connecting, sending requests, and reporting errors of Placement. */
@SuppressWarnings("NullAway.Init")
class PlacementConnectionTest {

    private static final String TRAITS = "GET /traits";
    private static final String TOKENS = "POST /v3/auth/tokens";
    private static final Trait TRAIT = new Trait("HW_NIC_SRIOV");
    private static final Duration SHORT = Duration.ofMillis(700);

    @TempDir
    private Path dir;

    private FakeCloud cloud;
    private PlacementConnection connection;
    private HttpPlacementClient client;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final List<String> observed = new ArrayList<>();

    @BeforeEach
    void startCloud() throws IOException {
        cloud = new FakeCloud();
        cloud.stubResponse(TRAITS, 200, "{\"traits\": [\"HW_NIC_SRIOV\"]}");
        cloud.writePasswordConfig(dir);
        connect(ConnectionSettings.DEFAULT);
    }

    private void connect(ConnectionSettings settings) {
        connection = new PlacementConnection(
                new CloudsYaml(Map.of("HOME", dir.toString()), dir),
                settings,
                (method, route, status, duration) -> {
                    synchronized (observed) {
                        observed.add(method + " " + route + " " + status);
                    }
                },
                now::get);
        client = new HttpPlacementClient(connection);
    }

    @AfterEach
    void stopCloud() {
        connection.close();
        cloud.close();
    }

    @Test
    void connectsOnFirstRequestOnly() throws IOException {
        assertThat(cloud.requests).isEmpty();
        assertThat(connection.description()).isEmpty();
        Files.delete(dir.resolve("clouds.yaml"));
        PlacementConnection nowhere = PlacementConnection.fromEnvironment(
                Map.of("OS_CLIENT_CONFIG_FILE", dir.resolve("missing").toString()),
                ConnectionSettings.DEFAULT,
                RequestObserver.NONE);
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(() -> new HttpPlacementClient(nowhere).listTraits())
                .withMessageContaining("missing");
        nowhere.close();
    }

    @Test
    void connectsOnceAndNotifiesObserver() {
        client.listTraits();
        client.listTraits();
        assertThat(observed)
                .containsExactly("POST /auth/tokens 201", "GET / 200", "GET /traits 200", "GET /traits 200");
        assertThat(connection.description())
                .hasValue("cloud 'fake' of %s at %s".formatted(dir.resolve("clouds.yaml"), cloud.url()));
    }

    @Test
    void securityWarningIsLoggedOnce() throws IOException {
        List<String> logged = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("io.pciplacement.placement.connection");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getLevel().intValue() + " " + entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            client.listTraits();
            assertThat(connection.securityWarnings()).isEmpty();
            Path file = dir.resolve("clouds.yaml");
            Files.writeString(file, Files.readString(file) + "    verify: false\n");
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));
            now.set(now.get()
                    .plus(ConnectionSettings.DEFAULT.configCheckInterval())
                    .plusSeconds(1));
            client.listTraits();
            now.set(now.get().plusSeconds(3600)); // a new token
            client.listTraits();
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(cloud.requestCount(TOKENS)).isEqualTo(3);
        assertThat(connection.securityWarnings()).singleElement().asString().contains("verify is false");
        assertThat(logged)
                .containsExactly("900 " + connection.securityWarnings().getFirst());
    }

    @Test
    void warnsAboutTokenInClearTextIfKeystoneUsesTls() {
        Credentials.Password credentials = new Credentials.Password(
                URI.create("https://k:5000/v3"),
                new KeystoneIdentity.ById("u"),
                new Secret("p"),
                new KeystoneIdentity.ById("x"));
        assertThat(newSession(credentials, "http://pl:8778").securityWarnings())
                .containsExactly("cloud 'c': auth_url uses https, but Placement is at http://pl:8778: the token is sent"
                        + " in clear text, and an attacker can use it");
        assertThat(newSession(credentials, "https://pl:8778").securityWarnings())
                .isEmpty();
        assertThat(newSession(new Credentials.Token(URI.create("http://pl"), new Secret("t")), "http://pl")
                        .securityWarnings())
                .isEmpty();
    }

    private static PlacementSession newSession(Credentials credentials, String endpoint) {
        CloudConfig cloud =
                new CloudConfig("cloud 'c'", credentials, null, List.of("public"), null, new TlsTrust(true, null));
        return new PlacementSession(
                new CloudsYaml.Loaded(cloud, new CloudsYaml.Stamp(Map.of())),
                new HttpTransport(cloud, ConnectionSettings.DEFAULT, RequestObserver.NONE),
                URI.create(endpoint),
                new Secret("t"),
                Instant.MAX,
                Instant.MAX);
    }

    @Test
    void reachabilityIsCheckedDuringPendingRequest() throws Exception {
        assertThat(connection.isReachable(SHORT)).as("not connected yet").isFalse();
        client.listTraits();
        CountDownLatch requestReceived = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        cloud.stubResponse(TRAITS, exchange -> {
            requestReceived.countDown();
            awaitLatch(release);
            FakeCloud.sendResponse(exchange, 200, "{\"traits\": []}");
        });
        Thread waiting = Thread.ofVirtual().start(client::listTraits);
        awaitLatch(requestReceived);
        assertThat(connection.longestPendingRequest()).isPositive();
        assertThat(connection.isReachable(SHORT)).isTrue();
        cloud.stubResponse("GET /", exchange -> awaitLatch(release));
        assertThat(connection.isReachable(SHORT)).as("no response").isFalse();
        release.countDown();
        waiting.join();
        assertThat(connection.longestPendingRequest()).isZero();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void reusesConnection() {
        cloud.stubResponse("GET /resource_providers", 200, "{\"resource_providers\": []}  ");
        for (int i = 0; i < 5; i++) {
            client.listTraits();
            assertThat(client.listProvidersInTree(UUID.randomUUID())).isEmpty();
            client.deleteProvider(UUID.randomUUID());
            assertThatExceptionOfType(NotFound.class).isThrownBy(() -> client.getInventories(UUID.randomUUID()));
        }
        assertThat(cloud.clientPorts).hasSize(1);
    }

    @Test
    void oldPlacementIsRejected() {
        cloud.stubResponse("GET /", 200, "{\"versions\": [{\"max_version\": \"1.36\"}]}");
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("supports microversions up to 1.36, but 1.39 is required")
                .withMessageContaining("Placement 7.0 (Yoga) or newer")
                .withMessageContaining("cloud 'fake'");
        cloud.stubResponse("GET /", 200, "{\"versions\": [{\"max_version\": \"1.40\"}]}");
        assertThat(client.listTraits()).containsExactly(TRAIT);
    }

    @ParameterizedTest
    @CsvSource({"200,{}", "404,{}", "403,{}", "302,"})
    void otherServiceIsRejected(int status, String body) {
        cloud.stubResponse("GET /", status, body == null ? "" : body);
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("the response is not from Placement: correct the endpoint")
                .withMessageContaining(cloud.url());
    }

    @Test
    void reloadsChangedCloudsYaml() throws IOException {
        Path file = cloud.writeTokenConfig(dir);
        client.listTraits();
        client.listTraits();
        Files.writeString(file, Files.readString(file).replace("s3same", "token7"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));
        cloud.acceptedToken = 7;
        client.listTraits();
        assertThat(cloud.requestCount(TRAITS)).as("one was rejected").isEqualTo(4);

        Files.writeString(file, "clouds: {}");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(20)));
        client.listTraits();
        now.set(now.get().plusSeconds(6));
        assertThatExceptionOfType(Misconfigured.class).isThrownBy(client::listTraits);
        cloud.writePasswordConfig(dir);
        cloud.acceptedToken = 1;
        client.listTraits();
    }

    @Test
    void requestsTimeOut() {
        connect(new ConnectionSettings(SHORT, SHORT, Duration.ZERO));
        cloud.stubResponse("GET /traits", exchange -> sleepFiveSeconds());
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("no response within 0.7 s");
        cloud.stubResponse("GET /traits", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"traits\": [\"A\",".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            sleepFiveSeconds();
        });
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("no response within 0.7 s");
        assertThat(cloud.requestCount(TRAITS)).isEqualTo(2);
    }

    private static void sleepFiveSeconds() {
        try {
            Thread.sleep(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void onlyReadsAreRetried() {
        client.listTraits();
        AtomicInteger tries = new AtomicInteger();
        cloud.stubResponse("GET /traits", exchange -> {
            if (tries.incrementAndGet() == 1) {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('{');
                exchange.close();
            } else {
                FakeCloud.sendResponse(exchange, 200, "{\"traits\": []}");
            }
        });
        assertThat(client.listTraits()).isEmpty();

        UUID uuid = UUID.randomUUID();
        String put = "PUT /resource_providers/" + uuid + "/inventories";
        cloud.stubResponse(put, exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.close();
        });
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(() -> client.putInventories(uuid, new ProviderInventories(0, Map.of())))
                .withMessageContaining(put + " of Placement at " + cloud.url());
        assertThat(cloud.requestCount(put)).isEqualTo(1);
    }

    @Test
    void reportsUnreachableServers() throws IOException {
        int port = LoopbackPorts.findUnused();
        String yaml = "clouds: {fake: {auth_type: admin_token, auth: {endpoint: 'http://%s', token: t}}}";
        Files.writeString(dir.resolve("clouds.yaml"), yaml.formatted("127.0.0.1:" + port));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("GET / of Placement at http://127.0.0.1:" + port)
                .withMessageContaining("connection refused");
        Files.writeString(dir.resolve("clouds.yaml"), yaml.formatted("nowhere.invalid"));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("host not found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"resource_providers\": {}}",
                "{\"resource_providers\": [{\"name\": \"n\"}]}",
                "{\"resource_providers\": [{\"uuid\": \"x\"}]}",
                "{\"resource_providers\": [",
                "[]",
                "<html>"
            })
    void rejectsInvalidListings(String body) {
        cloud.stubResponse("GET /resource_providers", 200, body);
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(() -> client.listProvidersInTree(UUID.randomUUID()))
                .withMessageContaining("unexpected response");
    }
}
