package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.config.CloudsYaml;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.RequestObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens of Keystone: which are requested, kept and renewed, and how errors of Keystone are reported. */
@SuppressWarnings("NullAway.Init")
class KeystoneTokenTest {

    private static final String TRAITS = "GET /traits";
    private static final String TOKENS = "POST /v3/auth/tokens";

    @TempDir
    private Path dir;

    private FakeCloud cloud;
    private PlacementConnection connection;
    private HttpPlacementClient client;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    @BeforeEach
    void startCloud() throws IOException {
        cloud = new FakeCloud();
        cloud.stubResponse(TRAITS, 200, "{\"traits\": [\"HW_NIC_SRIOV\"]}");
        cloud.writePasswordConfig(dir);
        connection = new PlacementConnection(
                new CloudsYaml(Map.of("HOME", dir.toString()), dir),
                ConnectionSettings.DEFAULT,
                RequestObserver.NONE,
                now::get);
        client = new HttpPlacementClient(connection);
    }

    @AfterEach
    void stopCloud() {
        connection.close();
        cloud.close();
    }

    /** The service catalog can contain URLs that are not allowed in clouds.yaml. */
    @Test
    void messageOmitsPasswordOfCatalogUrl() {
        cloud.stubResponse(TOKENS, exchange -> {
            exchange.getResponseHeaders().add("X-Subject-Token", "t");
            FakeCloud.sendResponse(exchange, 201, """
                    {"token": {"expires_at": "2126-01-01T00:00:00Z", "catalog": [{"type": "placement", "endpoints": [
                      {"interface": "public", "region_id": "RegionOne", "url": "http://svc:s3cr3t@127.0.0.1:1"}]}]}}""");
        });
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("contains a user or a password")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cr3t", "svc"));
    }

    @Test
    void rejectedTokenIsNotKeptIfKeystoneIsUnreachable() {
        client.listTraits();
        cloud.stubResponse(TOKENS, 503, "");
        cloud.acceptedToken = 99;
        now.set(now.get().plusSeconds(3500));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("Keystone");
    }

    @Test
    void concurrentRequestsRenewRejectedTokenOnce() throws Exception {
        client.listTraits();
        assertThat(cloud.requestCount(TOKENS)).isEqualTo(1);
        cloud.acceptedToken = 2;
        int threads = 40;
        CountDownLatch ready = new CountDownLatch(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return client.listTraits();
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(cloud.requestCount(TOKENS)).isEqualTo(2);
        assertThat(cloud.requestCount("GET /")).isEqualTo(1);
    }

    @Test
    void reportsRejectionOfNewToken() {
        cloud.acceptedToken = 99;
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("GET /traits: 401")
                .withMessageContaining("user 'alice' of domain 'default' in project 'work' of domain 'default'")
                .withMessageContaining("cloud 'fake'")
                .satisfies(e ->
                        assertThat(e.getMessage()).doesNotContain("hunter2").doesNotContain("token1"));
        assertThat(cloud.requestCount(TRAITS)).isEqualTo(2);
    }

    @Test
    void renewsTokenOnceBeforeExpiry() {
        cloud.tokenExpiry = now.get().plusSeconds(3600);
        client.listTraits();
        now.set(now.get().plusSeconds(3600 - 301));
        client.listTraits();
        assertThat(cloud.requestCount(TOKENS)).isEqualTo(1);
        now.set(now.get().plusSeconds(2));
        cloud.tokenExpiry = now.get().plusSeconds(3600);
        client.listTraits();
        client.listTraits();
        assertThat(cloud.requestCount(TOKENS)).isEqualTo(2);
    }

    @Test
    void keepsValidTokenWhileKeystoneIsUnreachable() {
        cloud.tokenExpiry = now.get().plusSeconds(3600);
        client.listTraits();
        cloud.stubResponse(TOKENS, 503, "");
        now.set(now.get().plusSeconds(3500));
        client.listTraits();
        client.listTraits();
        assertThat(cloud.requestCount(TOKENS))
                .as("Keystone is not called for each request")
                .isEqualTo(2);
        now.set(now.get().plusSeconds(200));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("POST /auth/tokens of Keystone at " + cloud.url() + "/v3: 503");
    }

    @ParameterizedTest
    @CsvSource({"public,RegionTwo", "admin,RegionOne"})
    void reportsMissingCatalogEndpoint(String interfaceName, String region) {
        cloud.catalogInterfaceAndRegion = interfaceName + " " + region;
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("no public endpoint of Placement in region 'RegionOne'")
                .withMessageContaining("it has %s in '%s'", interfaceName, region);
    }

    @ParameterizedTest
    @CsvSource({"401,Unauthorized", "400,Misconfigured", "404,Misconfigured", "500,Unreachable", "429,Unreachable"})
    void mapsErrorsOfKeystone(int status, String kind) {
        cloud.stubResponse(TOKENS, status, "{\"error\": {\"message\": \"because\"}}");
        assertThat(catchThrowable(client::listTraits).getClass().getSimpleName())
                .isEqualTo(kind);
        assertThat(cloud.requestCount(TOKENS)).isEqualTo(1);
    }

    @Test
    void otherServiceInsteadOfKeystoneIsReported() {
        cloud.stubResponse(TOKENS, 200, "<html>Welcome</html>");
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("unexpected response");
    }

    @Test
    void wrongFixedTokenIsTriedOnce() throws IOException {
        cloud.writeTokenConfig(dir);
        cloud.acceptedToken = 1;
        assertThatExceptionOfType(Unauthorized.class)
                .isThrownBy(client::listTraits)
                .withMessageContaining("rejected the token of clouds.yaml")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3same"));
        assertThat(cloud.requestCount(TRAITS)).isEqualTo(1);
    }
}
