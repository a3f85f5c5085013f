package io.pciplacement.placement.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.logging.LogFields;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.config.CloudConfig;
import io.pciplacement.placement.config.CloudsYaml;
import io.pciplacement.placement.config.CloudsYaml.Loaded;
import io.pciplacement.placement.config.CloudsYaml.Stamp;
import io.pciplacement.placement.config.ConfigSection;
import io.pciplacement.placement.config.Credentials;
import io.pciplacement.placement.config.Secret;
import io.pciplacement.placement.http.ConnectionErrors;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.HttpTransport;
import io.pciplacement.placement.http.PlacementResponse;
import io.pciplacement.placement.http.RequestIds;
import io.pciplacement.placement.http.RequestObserver;
import io.pciplacement.placement.http.ResponseLimits;
import io.pciplacement.placement.keystone.KeystoneClient;
import io.pciplacement.placement.keystone.ServiceCatalog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connection to the Placement of a cloud in clouds.yaml; thread-safe. It connects on the first request, renews its
 * token before it expires and when Placement rejects it, and reads clouds.yaml again when it has changed.
 */
public final class PlacementConnection implements AutoCloseable {

    /** Logs each request with its id, which Placement also logs. */
    private static final System.Logger REQUEST_LOG = System.getLogger("io.pciplacement.placement.requests");

    private static final System.Logger CONNECTION_LOG = System.getLogger("io.pciplacement.placement.connection");

    /** How long before its expiry a token is renewed; at most a quarter of its remaining lifetime. */
    private static final Duration RENEW_BEFORE = Duration.ofMinutes(5);

    /** How long a token that is still valid is used until the next attempt, if Keystone is unreachable. */
    private static final Duration RETRY_RENEWAL_AFTER = Duration.ofSeconds(15);

    private final CloudsYaml cloudsYaml;
    private final ConnectionSettings settings;
    private final RequestObserver observer;
    private final WriteGate writeGate;
    private final InstantSource clock;
    private final SingleFlight<PlacementSession> session = new SingleFlight<>();
    private volatile Instant lastConfigCheck = Instant.MIN;

    public PlacementConnection(
            CloudsYaml cloudsYaml, ConnectionSettings settings, RequestObserver observer, InstantSource clock) {
        this(cloudsYaml, settings, observer, WriteGate.OPEN, clock);
    }

    private PlacementConnection(
            CloudsYaml cloudsYaml,
            ConnectionSettings settings,
            RequestObserver observer,
            WriteGate writeGate,
            InstantSource clock) {
        this.cloudsYaml = cloudsYaml;
        this.settings = settings;
        this.observer = observer;
        this.writeGate = writeGate;
        this.clock = clock;
    }

    /** Creates a connection without reading a file or connecting; the first request throws configuration errors. */
    public static PlacementConnection fromEnvironment(
            Map<String, String> environment, ConnectionSettings settings, RequestObserver observer) {
        return fromEnvironment(environment, settings, observer, WriteGate.OPEN);
    }

    /**
     * As {@link #fromEnvironment(Map, ConnectionSettings, RequestObserver)}, for a client that is not always allowed to
     * write.
     *
     * @param writeGate gate that executes every request except GET
     */
    public static PlacementConnection fromEnvironment(
            Map<String, String> environment,
            ConnectionSettings settings,
            RequestObserver observer,
            WriteGate writeGate) {
        return new PlacementConnection(
                new CloudsYaml(environment, Path.of("")), settings, observer, writeGate, InstantSource.system());
    }

    /** Cloud and endpoint for messages, {@code cloud 'x' of clouds.yaml at http://...}; empty until connected. */
    public Optional<String> description() {
        return Optional.ofNullable(session.current())
                .map(s -> "%s at %s".formatted(s.cloud().source(), s.endpoint()));
    }

    /** Security weaknesses of this connection, as messages; empty until connected. */
    public List<String> securityWarnings() {
        PlacementSession s = session.current();
        return s == null ? List.of() : s.securityWarnings();
    }

    /** The time of Placement's clock, in whole seconds; empty if its response has no valid Date header. */
    public Optional<Instant> serverTime() {
        PlacementResponse<Optional<Instant>> response = execute(
                PlacementRequest.get("/"),
                (headers, _) -> headers.firstValue("Date").flatMap(PlacementConnection::parseHttpDate));
        return response instanceof PlacementResponse.Success<Optional<Instant>>(Optional<Instant> time)
                ? time
                : Optional.empty();
    }

    /** Age of the oldest pending request; zero if there is none. */
    public Duration longestPendingRequest() {
        PlacementSession s = session.current();
        return s == null ? Duration.ZERO : s.transport().longestPendingRequest();
    }

    /**
     * Whether Placement responds on a new connection within a timeout, with any status; false if it has never been
     * reached.
     */
    public boolean isReachable(Duration timeout) {
        PlacementSession s = session.current();
        if (s == null) {
            return false;
        }
        HttpTransport newTransport = new HttpTransport(
                s.cloud(), new ConnectionSettings(timeout, timeout, settings.configCheckInterval()), observer);
        try {
            var _ = newTransport.send(
                    HttpRequest.newBuilder(URI.create(s.endpoint() + "/")), "/", (_, body) -> body.read());
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            newTransport.close();
        }
    }

    private static Optional<Instant> parseHttpDate(String date) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Sends a request; if the token is rejected, sends it again with a new token. */
    <T> PlacementResponse<T> execute(PlacementRequest request, PlacementResponse.BodyReader<T> reader) {
        return request.method().equals("GET")
                ? executeWithTokenRenewal(request, reader)
                : writeGate.execute(() -> executeWithTokenRenewal(request, reader));
    }

    private <T> PlacementResponse<T> executeWithTokenRenewal(
            PlacementRequest request, PlacementResponse.BodyReader<T> reader) {
        try {
            PlacementSession first = currentSession();
            PlacementResponse<T> response = sendRequest(first, request, reader);
            if (!isUnauthorized(response)) {
                return response;
            }
            PlacementSession second = session.getOrCreate(s -> !s.equals(first), this::connect);
            if (!second.token().value().equals(first.token().value())) {
                response = sendRequest(second, request, reader);
                if (!isUnauthorized(response)) {
                    return response;
                }
            }
            throw new Unauthorized("%s: 401: Placement at %s rejected %s: check the credentials in %s"
                    .formatted(
                            request,
                            second.endpoint(),
                            second.cloud().credentials().describe(),
                            second.cloud().source()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("%s: interrupted".formatted(request), e);
        }
    }

    private <T> PlacementResponse<T> sendRequest(
            PlacementSession s, PlacementRequest request, PlacementResponse.BodyReader<T> reader)
            throws InterruptedException {
        String id = RequestIds.newRequestId();
        HttpRequest.Builder httpRequest = HttpRequest.newBuilder(URI.create(s.endpoint() + request.path()))
                .header("X-Auth-Token", s.token().value())
                .header("X-Openstack-Request-Id", id)
                .header("OpenStack-API-Version", "placement " + request.microversion())
                .header("Accept", "application/json")
                .method(
                        request.method(),
                        request.body() == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(request.body()));
        if (request.body() != null) {
            httpRequest.header("Content-Type", "application/json");
        }
        try (var _ = LogFields.withFields(Map.of(LogFields.REQUEST, id))) {
            try {
                PlacementResponse<T> response = s.transport().send(httpRequest, request.route(), reader);
                REQUEST_LOG.log(Level.DEBUG, () -> "%s %s: %s".formatted(id, request, describeResponse(response)));
                return response;
            } catch (IOException e) {
                REQUEST_LOG.log(Level.DEBUG, () -> "%s %s: %s".formatted(id, request, e));
                String description = "%s of Placement at %s".formatted(request, s.endpoint());
                throw ConnectionErrors.toException(description, s.cloud().source(), settings, e);
            }
        }
    }

    private static String describeResponse(PlacementResponse<?> response) {
        return switch (response) {
            case PlacementResponse.Success<?> success -> "done";
            case PlacementResponse.ErrorResponse<?> error -> "%d %s".formatted(error.status(), error.detail());
        };
    }

    private static boolean isUnauthorized(PlacementResponse<?> response) {
        return response instanceof PlacementResponse.ErrorResponse<?> error && error.status() == 401;
    }

    /** Connects and authenticates unless that was done. The next request throws a failure, if it persists. */
    public void prepareSession() {
        try {
            currentSession();
        } catch (PlacementException e) {
            REQUEST_LOG.log(Level.DEBUG, e::getMessage);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    PlacementSession currentSession() throws InterruptedException {
        boolean changed = hasConfigChanged();
        Instant now = clock.instant();
        @Nullable PlacementSession oldSession = session.current();
        return session.getOrCreate(
                s -> s.renewAt().isAfter(now) && !(changed && s.equals(oldSession)), this::connectOrKeepSession);
    }

    /** Whether a configuration file has changed, checked at most once per interval. */
    private boolean hasConfigChanged() {
        @Nullable PlacementSession s = session.current();
        Instant now = clock.instant();
        if (s == null || now.isBefore(lastConfigCheck.plus(settings.configCheckInterval()))) {
            return false;
        }
        Stamp stamp = s.loaded().stamp();
        boolean changed = !CloudsYaml.currentStamp(stamp).equals(stamp);
        if (!changed) {
            lastConfigCheck = now;
        }
        return changed;
    }

    /** An outage of Keystone is tolerated until the old token expires. */
    private PlacementSession connectOrKeepSession(@Nullable PlacementSession oldSession) {
        try {
            return connect(oldSession);
        } catch (Unreachable e) {
            Instant now = clock.instant();
            if (oldSession != null
                    && !oldSession.renewAt().isAfter(now)
                    && oldSession.expiresAt().isAfter(now)
                    && CloudsYaml.currentStamp(oldSession.loaded().stamp())
                            .equals(oldSession.loaded().stamp())) {
                return oldSession.withRenewalAt(now.plus(RETRY_RENEWAL_AFTER));
            }
            throw e;
        }
    }

    private PlacementSession connect(@Nullable PlacementSession oldSession) {
        try {
            PlacementSession newSession = openSession(cloudsYaml.load(), oldSession);
            lastConfigCheck = clock.instant();
            if (oldSession == null || !oldSession.securityWarnings().equals(newSession.securityWarnings())) {
                newSession.securityWarnings().forEach(exposure -> CONNECTION_LOG.log(Level.WARNING, exposure));
            }
            return newSession;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("interrupted while connecting to Placement", e);
        }
    }

    private PlacementSession openSession(Loaded loaded, @Nullable PlacementSession oldSession)
            throws InterruptedException {
        CloudConfig cloud = loaded.cloud();
        HttpTransport transport =
                oldSession != null && oldSession.transport().isUsableFor(cloud) && hasSameCaFile(oldSession, loaded)
                        ? oldSession.transport()
                        : new HttpTransport(cloud, settings, observer);
        PlacementSession newSession = switch (cloud.credentials()) {
            case Credentials.Token(URI endpoint, Secret token) -> {
                URI endpointUrl = cloud.endpointOverride() == null ? endpoint : cloud.endpointOverride();
                yield new PlacementSession(loaded, transport, endpointUrl, token, Instant.MAX, Instant.MAX);
            }
            case Credentials.ForKeystone credentials -> {
                KeystoneClient.IssuedToken issuedToken =
                        new KeystoneClient(transport, settings).issueToken(cloud, credentials);
                Duration margin = shorterOf(
                        RENEW_BEFORE,
                        Duration.between(clock.instant(), issuedToken.expiresAt())
                                .dividedBy(4));
                yield new PlacementSession(
                        loaded,
                        transport,
                        placementEndpoint(cloud, issuedToken.catalog()),
                        issuedToken.token(),
                        issuedToken.expiresAt().minus(margin),
                        issuedToken.expiresAt());
            }
        };
        if (oldSession == null
                || !oldSession.endpoint().equals(newSession.endpoint())
                || oldSession.transport() != transport) {
            requireMicroversion(newSession);
        }
        return newSession;
    }

    /** The content of the CA file may have changed under the same name. */
    private static boolean hasSameCaFile(PlacementSession oldSession, Loaded loaded) {
        return loaded.cloud().trust().cacert() == null
                || oldSession.loaded().stamp().equals(loaded.stamp());
    }

    private static URI placementEndpoint(CloudConfig cloud, ServiceCatalog catalog) {
        return cloud.endpointOverride() != null
                ? cloud.endpointOverride()
                : new ConfigSection(cloud.source(), Map.of())
                        .parseHttpUrl("Placement's endpoint in the service catalog", catalog.placementUrl(cloud));
    }

    private static Duration shorterOf(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private void requireMicroversion(PlacementSession s) throws InterruptedException {
        PlacementResponse<JsonNode> response =
                sendRequest(s, PlacementRequest.get("/"), (_, body) -> ResponseLimits.TREE_MAPPER.readTree(body));
        String location =
                "Placement at %s (%s)".formatted(s.endpoint(), s.cloud().source());
        switch (response) {
            case PlacementResponse.Success<JsonNode>(JsonNode root) -> {
                String max = root.path("versions").path(0).path("max_version").asText("");
                Microversion available = Microversion.parse(max)
                        .orElseThrow(() -> new Misconfigured(
                                "%s: the response is not from Placement: correct the endpoint".formatted(location)));
                if (available.compareTo(Microversion.REQUIRED) < 0) {
                    throw new Misconfigured(
                            "%s supports microversions up to %s, but %s is required: upgrade it to %s or newer"
                                    .formatted(location, max, Microversion.REQUIRED, Microversion.REQUIRED_SINCE));
                }
            }
            case PlacementResponse.ErrorResponse<JsonNode> error -> throw versionCheckFailed(location, error);
        }
    }

    private static PlacementException versionCheckFailed(
            String location, PlacementResponse.ErrorResponse<JsonNode> error) {
        String failure = "%s: GET /: %d %s"
                .formatted(location, error.status(), error.detail())
                .strip();
        return error.status() >= 500 || error.status() == 429 || error.status() == 408
                ? new Unreachable(failure)
                : new Misconfigured(failure + ": the response is not from Placement: correct the endpoint");
    }

    @Override
    public void close() {
        PlacementSession s = session.current();
        if (s != null) {
            s.transport().close();
        }
    }
}
