package io.pciplacement.placement.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.http.Credentials.ForKeystone;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Takes credentials to Keystone and brings back a token and the catalogue. */
final class Keystone {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String ROUTE = "/auth/tokens";

    private final Transport transport;
    private final ConnectionSettings settings;

    Keystone(Transport transport, ConnectionSettings settings) {
        this.transport = transport;
        this.settings = settings;
    }

    /** What Keystone gives. */
    record Grant(Secret token, Instant endsAt, Catalogue catalogue) {}

    Grant grant(Cloud cloud, ForKeystone credentials) throws InterruptedException {
        URI url = URI.create(credentials.authUrl() + ROUTE);
        String asked = "POST %s of Keystone at %s".formatted(ROUTE, credentials.authUrl());
        try {
            Answer<Grant> answer = transport.send(
                    HttpRequest.newBuilder(url)
                            .header("Content-Type", "application/json")
                            .header("Accept", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(credentials.asJson()))),
                    ROUTE,
                    Keystone::read);
            return switch (answer) {
                case Answer.Good<Grant>(Grant grant) -> grant;
                case Answer.Bad<Grant> bad -> throw refused(asked, cloud, credentials, bad);
            };
        } catch (IOException e) {
            throw Failures.of(asked, cloud.source(), settings, e);
        }
    }

    private static Grant read(HttpHeaders headers, InputStream body) throws IOException {
        JsonNode token = AnswerLimits.TREES.readTree(body).path("token");
        String value = headers.firstValue("X-Subject-Token").orElseThrow(() -> new IOException("no X-Subject-Token"));
        try {
            Instant endsAt =
                    OffsetDateTime.parse(token.path("expires_at").asText()).toInstant();
            return new Grant(new Secret(value), endsAt, Catalogue.read(token.path("catalog")));
        } catch (DateTimeParseException e) {
            throw new IOException("the token has no readable expires_at", e);
        }
    }

    private static PlacementException refused(
            String asked, Cloud cloud, ForKeystone credentials, Answer.Bad<Grant> bad) {
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
