package io.pciplacement.server;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.options.HttpServerCommonHandlers;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * HTTP server for probes and metrics. It serves the routes of Quarkus's management interface on its own listener,
 * because the listener of Quarkus has no setting to disable HTTP/2 without TLS or to limit connections.
 */
@ApplicationScoped
public class ManagementServer {

    private static final Logger LOG = Logger.getLogger(ManagementServer.class);

    private static final int MAX_CONNECTIONS = 64;
    private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(10);
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(2);
    private static final int MAX_HEADER_BYTES = 8 << 10;

    private final Vertx vertx;
    private final ManagementSettings settings;
    private Optional<Handler<HttpServerRequest>> routes = Optional.empty();
    private Optional<HttpServer> server = Optional.empty();

    ManagementServer(Vertx vertx, ManagementSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    void onManagementRoutes(@Observes ManagementInterface management) {
        routes = Optional.of(HttpServerCommonHandlers.enforceDuplicatedContext(management.router(), false));
    }

    /** Runs before other startup observers, because the startup probe must respond while caches fill. */
    void onStartup(@Observes @Priority(1) StartupEvent event) {
        ConnectionTable connections = new ConnectionTable(MAX_CONNECTIONS, REQUEST_DEADLINE, IDLE_TIMEOUT);
        Handler<HttpServerRequest> handler = routes.orElseThrow();
        HttpServer created = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(settings.host())
                        .setPort(settings.port())
                        .setHttp2ClearTextEnabled(false)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setMaxInitialLineLength(MAX_HEADER_BYTES))
                .requestHandler(request -> {
                    connections.onRequestStarted(request.connection());
                    request.response().endHandler(end -> connections.onResponseSent(request.connection()));
                    handler.handle(request);
                });
        connections.attachTo(created, vertx);
        created.listen().toCompletionStage().toCompletableFuture().join();
        server = Optional.of(created);
        LOG.infof("Serving probes and metrics on http://%s:%d/q", settings.host(), created.actualPort());
    }

    void onShutdown(@Observes ShutdownEvent event) {
        server.ifPresent(HttpServer::close);
    }
}
