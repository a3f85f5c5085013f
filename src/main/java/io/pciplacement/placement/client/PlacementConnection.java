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
 * The way to the Placement of a cloud in clouds.yaml, shared by all threads. It connects with the first request, not
 * before; it renews its token before that ends and when Placement refuses it; it reads clouds.yaml again when that has
 * changed.
 */
public final class PlacementConnection implements AutoCloseable {

    /** Its id stands beside each request in Placement's own log. */
    private static final System.Logger LOG = System.getLogger("io.pciplacement.placement.requests");

    private static final System.Logger LOG_OF_CONNECTIONS = System.getLogger("io.pciplacement.placement.connection");

    /** How long before its end a token is renewed, unless it lives so short that this is most of its life. */
    private static final Duration RENEW_BEFORE = Duration.ofMinutes(5);

    /** How long an old token that is still good is used on where Keystone gives no new one. */
    private static final Duration RENEW_AGAIN = Duration.ofSeconds(15);

    private final CloudsYaml file;
    private final ConnectionSettings settings;
    private final RequestObserver observer;
    private final WriteGate gate;
    private final InstantSource clock;
    private final SingleFlight<PlacementSession> session = new SingleFlight<>();
    private volatile Instant lastLook = Instant.MIN;

    public PlacementConnection(
            CloudsYaml file, ConnectionSettings settings, RequestObserver observer, InstantSource clock) {
        this(file, settings, observer, WriteGate.OPEN, clock);
    }

    private PlacementConnection(
            CloudsYaml file,
            ConnectionSettings settings,
            RequestObserver observer,
            WriteGate gate,
            InstantSource clock) {
        this.file = file;
        this.settings = settings;
        this.observer = observer;
        this.gate = gate;
        this.clock = clock;
    }

    /** Neither reads a file nor connects: what is wrong is thrown by the first request. */
    public static PlacementConnection from(
            Map<String, String> env, ConnectionSettings settings, RequestObserver observer) {
        return from(env, settings, observer, WriteGate.OPEN);
    }

    /**
     * As {@link #from(Map, ConnectionSettings, RequestObserver)}, for who may not always write.
     *
     * @param gate what every request goes through that changes something
     */
    public static PlacementConnection from(
            Map<String, String> env, ConnectionSettings settings, RequestObserver observer, WriteGate gate) {
        return new PlacementConnection(
                new CloudsYaml(env, Path.of("")), settings, observer, gate, InstantSource.system());
    }

    /** Where Placement is, once connected, for people: {@code cloud 'x' of clouds.yaml at http://...}. */
    public Optional<String> description() {
        return Optional.ofNullable(session.current())
                .map(s -> "%s at %s".formatted(s.cloud().source(), s.endpoint()));
    }

    /** What of this connection others could read or change on its way, for people; empty until connected. */
    public List<String> exposures() {
        PlacementSession s = session.current();
        return s == null ? List.of() : s.exposures();
    }

    /** What Placement's own clock says, in whole seconds; empty where its answers do not tell. */
    public Optional<Instant> time() {
        PlacementResponse<Optional<Instant>> answer = send(
                PlacementRequest.get("/"),
                (headers, _) -> headers.firstValue("Date").flatMap(PlacementConnection::instant));
        return answer instanceof PlacementResponse.Success<Optional<Instant>>(Optional<Instant> time)
                ? time
                : Optional.empty();
    }

    /** How long the request that waits longest for its answer has done so; zero where none does. */
    public Duration longestWait() {
        PlacementSession s = session.current();
        return s == null ? Duration.ZERO : s.transport().longestWait();
    }

    /**
     * Whether Placement answers on a new connection within a limit, whatever it answers; not where it has never been
     * reached yet.
     */
    public boolean answers(Duration limit) {
        PlacementSession s = session.current();
        if (s == null) {
            return false;
        }
        HttpTransport fresh =
                new HttpTransport(s.cloud(), new ConnectionSettings(limit, limit, settings.recheck()), observer);
        try {
            var _ = fresh.send(HttpRequest.newBuilder(URI.create(s.endpoint() + "/")), "/", (_, body) -> body.read());
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            fresh.close();
        }
    }

    private static Optional<Instant> instant(String date) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Sends a request, with a new token a second time where the old one is refused. */
    <T> PlacementResponse<T> send(PlacementRequest call, PlacementResponse.BodyReader<T> reading) {
        return call.method().equals("GET") ? authorized(call, reading) : gate.through(() -> authorized(call, reading));
    }

    private <T> PlacementResponse<T> authorized(PlacementRequest call, PlacementResponse.BodyReader<T> reading) {
        try {
            PlacementSession first = session();
            PlacementResponse<T> answer = send(first, call, reading);
            if (!isUnauthorized(answer)) {
                return answer;
            }
            PlacementSession second = session.get(s -> !s.equals(first), this::connect);
            if (!second.token().value().equals(first.token().value())) {
                answer = send(second, call, reading);
                if (!isUnauthorized(answer)) {
                    return answer;
                }
            }
            throw new Unauthorized("%s: 401: Placement at %s does not accept %s: check the credentials in %s"
                    .formatted(
                            call,
                            second.endpoint(),
                            second.cloud().credentials().who(),
                            second.cloud().source()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("%s: interrupted".formatted(call), e);
        }
    }

    private <T> PlacementResponse<T> send(
            PlacementSession s, PlacementRequest call, PlacementResponse.BodyReader<T> reading)
            throws InterruptedException {
        String id = RequestIds.next();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(s.endpoint() + call.path()))
                .header("X-Auth-Token", s.token().value())
                .header("X-Openstack-Request-Id", id)
                .header("OpenStack-API-Version", "placement " + call.microversion())
                .header("Accept", "application/json")
                .method(
                        call.method(),
                        call.body() == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(call.body()));
        if (call.body() != null) {
            request.header("Content-Type", "application/json");
        }
        try (var _ = LogFields.of(Map.of(LogFields.REQUEST, id))) {
            try {
                PlacementResponse<T> answer = s.transport().send(request, call.route(), reading);
                LOG.log(Level.DEBUG, () -> "%s %s: %s".formatted(id, call, outcome(answer)));
                return answer;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, () -> "%s %s: %s".formatted(id, call, e));
                String asked = "%s of Placement at %s".formatted(call, s.endpoint());
                throw ConnectionErrors.of(asked, s.cloud().source(), settings, e);
            }
        }
    }

    private static String outcome(PlacementResponse<?> answer) {
        return switch (answer) {
            case PlacementResponse.Success<?> good -> "done";
            case PlacementResponse.ErrorResponse<?> bad -> "%d %s".formatted(bad.status(), bad.detail());
        };
    }

    private static boolean isUnauthorized(PlacementResponse<?> answer) {
        return answer instanceof PlacementResponse.ErrorResponse<?> bad && bad.status() == 401;
    }

    PlacementSession session() throws InterruptedException {
        boolean changed = hasFileChanged();
        Instant now = clock.instant();
        @Nullable PlacementSession old = session.current();
        return session.get(s -> s.renewAt().isAfter(now) && !(changed && s.equals(old)), this::connectOrKeep);
    }

    /** Looks at the files' times, at most so often. */
    private boolean hasFileChanged() {
        @Nullable PlacementSession s = session.current();
        Instant now = clock.instant();
        if (s == null || now.isBefore(lastLook.plus(settings.recheck()))) {
            return false;
        }
        Stamp stamp = s.loaded().stamp();
        boolean changed = !CloudsYaml.again(stamp).equals(stamp);
        if (!changed) {
            lastLook = now;
        }
        return changed;
    }

    /** Keystone may be away for as long as the old token lasts. */
    private PlacementSession connectOrKeep(@Nullable PlacementSession old) {
        try {
            return connect(old);
        } catch (Unreachable e) {
            Instant now = clock.instant();
            if (old != null
                    && !old.renewAt().isAfter(now)
                    && old.endsAt().isAfter(now)
                    && CloudsYaml.again(old.loaded().stamp())
                            .equals(old.loaded().stamp())) {
                return old.renewingAt(now.plus(RENEW_AGAIN));
            }
            throw e;
        }
    }

    private PlacementSession connect(@Nullable PlacementSession old) {
        try {
            PlacementSession fresh = connect(file.load(), old);
            lastLook = clock.instant();
            if (old == null || !old.exposures().equals(fresh.exposures())) {
                fresh.exposures().forEach(exposure -> LOG_OF_CONNECTIONS.log(Level.WARNING, exposure));
            }
            return fresh;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("interrupted while connecting to Placement", e);
        }
    }

    private PlacementSession connect(Loaded loaded, @Nullable PlacementSession old) throws InterruptedException {
        CloudConfig cloud = loaded.cloud();
        HttpTransport transport = old != null && old.transport().isFor(cloud) && sameFiles(old, loaded)
                ? old.transport()
                : new HttpTransport(cloud, settings, observer);
        PlacementSession fresh = switch (cloud.credentials()) {
            case Credentials.Token(URI endpoint, Secret token) -> {
                URI address = cloud.endpointOverride() == null ? endpoint : cloud.endpointOverride();
                yield new PlacementSession(loaded, transport, address, token, Instant.MAX, Instant.MAX);
            }
            case Credentials.ForKeystone credentials -> {
                KeystoneClient.IssuedToken grant = new KeystoneClient(transport, settings).grant(cloud, credentials);
                Duration margin = min(
                        RENEW_BEFORE,
                        Duration.between(clock.instant(), grant.endsAt()).dividedBy(4));
                yield new PlacementSession(
                        loaded,
                        transport,
                        endpoint(cloud, grant.catalogue()),
                        grant.token(),
                        grant.endsAt().minus(margin),
                        grant.endsAt());
            }
        };
        if (old == null || !old.endpoint().equals(fresh.endpoint()) || old.transport() != transport) {
            checkVersion(fresh);
        }
        return fresh;
    }

    /** A CA's file may have other certificates under the same name. */
    private static boolean sameFiles(PlacementSession old, Loaded loaded) {
        return loaded.cloud().trust().cacert() == null || old.loaded().stamp().equals(loaded.stamp());
    }

    private static URI endpoint(CloudConfig cloud, ServiceCatalog catalogue) {
        return cloud.endpointOverride() != null
                ? cloud.endpointOverride()
                : new ConfigSection(cloud.source(), Map.of())
                        .address("the catalogue's endpoint of Placement", catalogue.endpoint(cloud));
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private void checkVersion(PlacementSession s) throws InterruptedException {
        PlacementResponse<JsonNode> answer =
                send(s, PlacementRequest.get("/"), (_, body) -> ResponseLimits.TREES.readTree(body));
        String where = "Placement at %s (%s)".formatted(s.endpoint(), s.cloud().source());
        switch (answer) {
            case PlacementResponse.Success<JsonNode>(JsonNode root) -> {
                String max = root.path("versions").path(0).path("max_version").asText("");
                Microversion there = Microversion.parse(max)
                        .orElseThrow(() -> new Misconfigured(
                                "%s: what answers there is not Placement: correct the endpoint".formatted(where)));
                if (there.compareTo(Microversion.NEEDED) < 0) {
                    throw new Misconfigured(
                            "%s speaks microversions up to %s, but %s is needed: upgrade it to %s or newer"
                                    .formatted(where, max, Microversion.NEEDED, Microversion.NEEDED_SINCE));
                }
            }
            case PlacementResponse.ErrorResponse<JsonNode> bad -> throw noRoot(where, bad);
        }
    }

    private static PlacementException noRoot(String where, PlacementResponse.ErrorResponse<JsonNode> bad) {
        String what =
                "%s: GET /: %d %s".formatted(where, bad.status(), bad.detail()).strip();
        return bad.status() >= 500 || bad.status() == 429 || bad.status() == 408
                ? new Unreachable(what)
                : new Misconfigured(what + ": what answers there is not Placement: correct the endpoint");
    }

    @Override
    public void close() {
        PlacementSession s = session.current();
        if (s != null) {
            s.transport().close();
        }
    }
}
