package io.pciplacement.placement.keystone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.config.CloudConfig;
import io.pciplacement.placement.config.Credentials.ForKeystone;
import io.pciplacement.placement.config.Secret;
import io.pciplacement.placement.http.ConnectionErrors;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.HttpTransport;
import io.pciplacement.placement.http.PlacementResponse;
import io.pciplacement.placement.http.PlacementResponse.ErrorResponse;
import io.pciplacement.placement.http.ResponseLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Takes credentials to Keystone and brings back a token and the catalogue. */
public final class KeystoneClient {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String ROUTE = "/auth/tokens";

    private final HttpTransport transport;
    private final ConnectionSettings settings;

    public KeystoneClient(HttpTransport transport, ConnectionSettings settings) {
        this.transport = transport;
        this.settings = settings;
    }

    /** What Keystone gives. */
    public record IssuedToken(Secret token, Instant endsAt, ServiceCatalog catalogue) {}

    public KeystoneClient.IssuedToken grant(CloudConfig cloud, ForKeystone credentials) throws InterruptedException {
        URI url = URI.create(credentials.authUrl() + ROUTE);
        String asked = "POST %s of Keystone at %s".formatted(ROUTE, credentials.authUrl());
        try {
            PlacementResponse<KeystoneClient.IssuedToken> answer = transport.send(
                    HttpRequest.newBuilder(url)
                            .header("Content-Type", "application/json")
                            .header("Accept", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(credentials.asJson()))),
                    ROUTE,
                    KeystoneClient::read);
            return switch (answer) {
                case PlacementResponse.Success<KeystoneClient.IssuedToken>(KeystoneClient.IssuedToken grant) -> grant;
                case ErrorResponse<KeystoneClient.IssuedToken> bad -> throw refused(asked, cloud, credentials, bad);
            };
        } catch (IOException e) {
            throw ConnectionErrors.of(asked, cloud.source(), settings, e);
        }
    }

    private static KeystoneClient.IssuedToken read(HttpHeaders headers, InputStream body) throws IOException {
        JsonNode token = ResponseLimits.TREES.readTree(body).path("token");
        String value = headers.firstValue("X-Subject-Token").orElseThrow(() -> new IOException("no X-Subject-Token"));
        try {
            Instant endsAt =
                    OffsetDateTime.parse(token.path("expires_at").asText()).toInstant();
            return new KeystoneClient.IssuedToken(
                    new Secret(value), endsAt, ServiceCatalog.read(token.path("catalog")));
        } catch (DateTimeParseException e) {
            throw new IOException("the token has no readable expires_at", e);
        }
    }

    private static PlacementException refused(
            String asked, CloudConfig cloud, ForKeystone credentials, ErrorResponse<KeystoneClient.IssuedToken> bad) {
        String what = "%s: %d %s".formatted(asked, bad.status(), bad.detail()).strip();
        return switch (bad.status()) {
            case 401, 403 ->
                new Unauthorized("%s: %s is not accepted: check the credentials in %s"
                        .formatted(what, credentials.who(), cloud.source()));
            case 408, 429 -> new Unreachable(what);
            default ->
                bad.status() >= 500
                        ? new Unreachable("%s (%s)".formatted(what, cloud.source()))
                        : new Misconfigured(
                                "%s: check auth_url and what is under auth in %s".formatted(what, cloud.source()));
        };
    }
}
