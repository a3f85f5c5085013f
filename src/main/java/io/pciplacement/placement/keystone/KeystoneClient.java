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

/** Client of Keystone that exchanges credentials for a token and the service catalog. */
public final class KeystoneClient {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String ROUTE = "/auth/tokens";

    private final HttpTransport transport;
    private final ConnectionSettings settings;

    public KeystoneClient(HttpTransport transport, ConnectionSettings settings) {
        this.transport = transport;
        this.settings = settings;
    }

    /** Token issued by Keystone, with its expiry and the service catalog. */
    public record IssuedToken(Secret token, Instant expiresAt, ServiceCatalog catalog) {}

    public IssuedToken issueToken(CloudConfig cloud, ForKeystone credentials) throws InterruptedException {
        URI url = URI.create(credentials.authUrl() + ROUTE);
        String request = "POST %s of Keystone at %s".formatted(ROUTE, credentials.authUrl());
        try {
            PlacementResponse<IssuedToken> response = transport.send(
                    HttpRequest.newBuilder(url)
                            .header("Content-Type", "application/json")
                            .header("Accept", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(
                                    JSON.writeValueAsBytes(credentials.tokenRequestBody()))),
                    ROUTE,
                    KeystoneClient::parseToken);
            return switch (response) {
                case PlacementResponse.Success<IssuedToken>(IssuedToken token) -> token;
                case ErrorResponse<IssuedToken> error -> throw toException(request, cloud, credentials, error);
            };
        } catch (IOException e) {
            throw ConnectionErrors.toException(request, cloud.source(), settings, e);
        }
    }

    private static IssuedToken parseToken(HttpHeaders headers, InputStream body) throws IOException {
        JsonNode token = ResponseLimits.TREE_MAPPER.readTree(body).path("token");
        String value = headers.firstValue("X-Subject-Token")
                .orElseThrow(() -> new IOException("the response has no header X-Subject-Token"));
        try {
            Instant expiresAt =
                    OffsetDateTime.parse(token.path("expires_at").asText()).toInstant();
            return new IssuedToken(new Secret(value), expiresAt, ServiceCatalog.fromJson(token.path("catalog")));
        } catch (DateTimeParseException e) {
            throw new IOException("the token has no valid expires_at", e);
        }
    }

    private static PlacementException toException(
            String request, CloudConfig cloud, ForKeystone credentials, ErrorResponse<IssuedToken> error) {
        String failure =
                "%s: %d %s".formatted(request, error.status(), error.detail()).strip();
        return switch (error.status()) {
            case 401, 403 ->
                new Unauthorized("%s: Keystone rejected %s: check the credentials in %s"
                        .formatted(failure, credentials.describe(), cloud.source()));
            case 408, 429 -> new Unreachable(failure);
            default ->
                error.status() >= 500
                        ? new Unreachable("%s (%s)".formatted(failure, cloud.source()))
                        : new Misconfigured("%s: check auth_url and the settings under auth in %s"
                                .formatted(failure, cloud.source()));
        };
    }
}
