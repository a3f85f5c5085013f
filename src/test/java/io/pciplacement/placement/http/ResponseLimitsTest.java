package io.pciplacement.placement.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Rejected;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.Trait;
import io.pciplacement.placement.client.FakeCloud;
import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.config.CloudsYaml;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Responses that are larger than Placement's, or invalid. */
@SuppressWarnings("NullAway.Init")
class ResponseLimitsTest {

    private static final String PROVIDERS = "GET /resource_providers";
    private static final UUID UUID_1 = new UUID(0, 1);
    private static final String INVENTORIES = "GET /resource_providers/%s/inventories".formatted(UUID_1);
    private static final Trait TRAIT = new Trait("CUSTOM_X");

    @TempDir
    private Path dir;

    private FakeCloud cloud;
    private PlacementConnection connection;
    private HttpPlacementClient client;

    @BeforeEach
    void startCloud() throws IOException {
        cloud = new FakeCloud();
        cloud.writeTokenConfig(dir);
        connection = new PlacementConnection(
                new CloudsYaml(Map.of("HOME", dir.toString()), dir),
                ConnectionSettings.DEFAULT,
                RequestObserver.NONE,
                InstantSource.system());
        client = new HttpPlacementClient(connection);
    }

    @AfterEach
    void stopCloud() {
        connection.close();
        cloud.close();
    }

    /** Sends a body of unknown length until the reader closes the connection. */
    private static void sendEndlessBody(HttpExchange exchange, String head, String each) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            body.write(head.getBytes(StandardCharsets.UTF_8));
            byte[] bytes = each.getBytes(StandardCharsets.UTF_8);
            while (true) {
                body.write(bytes);
            }
        }
    }

    private static String provider(String uuid) {
        return "{\"uuid\": \"%s\", \"name\": \"n\", \"root_provider_uuid\": \"%s\", \"generation\": 1},"
                .formatted(uuid, UUID_1);
    }

    private String failureMessage() {
        return catchThrowableOfType(Unreachable.class, () -> client.listProvidersWithTrait(TRAIT))
                .getMessage();
    }

    @Test
    void endlessBodyIsAbortedAndNotRetried() {
        cloud.stubResponse(
                PROVIDERS, exchange -> sendEndlessBody(exchange, "{\"x\": [", "\"" + "y".repeat(60_000) + "\","));
        assertThat(failureMessage()).contains("larger than 128 MiB", "is that of Placement or Keystone");
        assertThat(cloud.requestCount(PROVIDERS)).isEqualTo(1);
    }

    @Test
    void tooManyProvidersAreRejected() {
        cloud.stubResponse(
                PROVIDERS,
                exchange -> sendEndlessBody(exchange, "{\"resource_providers\": [", provider(UUID_1.toString())));
        assertThat(failureMessage()).contains("more than 150000 resource_providers");
    }

    @Test
    void tooManyNamesAreRejected() {
        cloud.stubResponse(
                "GET /resource_classes",
                exchange -> sendEndlessBody(
                        exchange, "{\"resource_classes\": [", "{\"links\": [], \"name\": \"CUSTOM_A\"},"));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(() -> client.listResourceClasses())
                .withMessageContaining("more than 100000 resource_classes");
        cloud.stubResponse("GET /traits", exchange -> sendEndlessBody(exchange, "{\"traits\": [", "\"CUSTOM_A\","));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(() -> client.listTraits())
                .withMessageContaining("more than 100000 traits");
    }

    /** In memory the tree would be thirty times as large as the body. */
    @Test
    void tooManyJsonNodesAreRejected() {
        cloud.stubResponse(INVENTORIES, exchange -> sendEndlessBody(exchange, "{\"inventories\": [", "{},"));
        assertThatExceptionOfType(Unreachable.class)
                .isThrownBy(() -> client.getInventories(UUID_1))
                .withMessageContaining("Token count");
        assertThat(cloud.requestCount(INVENTORIES)).isEqualTo(1);
    }

    @Test
    void endlessNameIsRejected() {
        cloud.stubResponse(
                PROVIDERS,
                exchange -> sendEndlessBody(exchange, "{\"resource_providers\": [{\"name\": \"", "nnnnnnnnnnnnnnnn"));
        assertThat(failureMessage()).contains("exceeds the maximum").hasSizeLessThan(1_000);
    }

    @Test
    void invalidResponseIsReportedInOneShortLine() {
        String invalid = "x\\n12:00:00.000 ERROR forged\\u001b[2J\\u202e" + "y".repeat(400);
        cloud.stubResponse(PROVIDERS, 200, "{\"resource_providers\": [%s null]}".formatted(provider(invalid)));
        assertThat(failureMessage()).contains("'x 12:00:00.000 ERROR forged\\u001b[2J\\u202e", "is not a uuid");
        for (String body : new String[] {"\u001b[2J\n\u202eforged", "{\"a\": \u001b]0;x\u0007", "tru\u0085e\u2028"}) {
            cloud.stubResponse(PROVIDERS, 200, body);
            assertThat(failureMessage())
                    .hasSizeLessThan(1_000)
                    .doesNotContainPattern("[\\p{Cntrl}\\u0085\\u2028\\u202e]");
        }
    }

    @Test
    void errorDetailIsOneShortLine() {
        String text = "a\\nb\\u001b[31m\\u202e" + "😀".repeat(3_000);
        cloud.stubResponse(
                PROVIDERS,
                418,
                "{\"errors\": [{\"detail\": \"%s\", \"code\": \"%s\", \"request_id\": \"%s\"}]}"
                        .formatted(text, text, text));
        PlacementException rejected = catchThrowableOfType(Rejected.class, () -> client.listProvidersWithTrait(TRAIT));
        assertThat(rejected.getMessage())
                .contains("418 a b\\u001b[31m\\u202e😀", "...")
                .hasSizeLessThan(2_100)
                .doesNotContainPattern("[\\p{Cntrl}\\u202e]");
        assertThat(rejected.getMessage().codePoints()).noneMatch(c -> c >= 0xd800 && c < 0xe000);
    }

    @Test
    void redirectIsConfigurationError() {
        cloud.stubResponse(PROVIDERS, exchange -> {
            exchange.getResponseHeaders().add("Location", "http://other.example/");
            FakeCloud.sendResponse(exchange, 302, "");
        });
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(() -> client.listProvidersWithTrait(TRAIT))
                .withMessageContaining("302 redirect to http://other.example/")
                .withMessageContaining("not followed")
                .withMessageContaining("clouds.yaml");
    }

    @Test
    void restOfSuccessfulResponseIsNotAwaited() {
        cloud.stubResponse(
                "DELETE /resource_providers/" + UUID_1, exchange -> sendEndlessBody(exchange, "{", "                "));
        client.deleteProvider(UUID_1);
        assertThat(cloud.requestCount("DELETE /resource_providers/" + UUID_1)).isEqualTo(1);
    }
}
