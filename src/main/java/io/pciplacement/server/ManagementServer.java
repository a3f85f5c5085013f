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
 * HTTP server of probes and metrics: the routes of Quarkus's management interface on a listener of our own. Quarkus's
 * has no setting that turns HTTP/2 without TLS off, and none that bounds connections.
 */
@ApplicationScoped
public class ManagementServer {

    private static final Logger LOG = Logger.getLogger(ManagementServer.class);

    private static final int CONNECTIONS = 64;
    private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofMinutes(2);
    private static final int MAX_HEAD = 8 << 10;

    private final Vertx vertx;
    private final ManagementSettings settings;
    private Optional<Handler<HttpServerRequest>> routes = Optional.empty();
    private Optional<HttpServer> server = Optional.empty();

    ManagementServer(Vertx vertx, ManagementSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    void routes(@Observes ManagementInterface management) {
        routes = Optional.of(HttpServerCommonHandlers.enforceDuplicatedContext(management.router(), false));
    }

    /** First of all, for the startup probe is asked while caches fill. */
    void start(@Observes @Priority(1) StartupEvent event) {
        ConnectionTable connections = new ConnectionTable(CONNECTIONS, REQUEST_DEADLINE, IDLE);
        Handler<HttpServerRequest> handler = routes.orElseThrow();
        HttpServer created = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(settings.host())
                        .setPort(settings.port())
                        .setHttp2ClearTextEnabled(false)
                        .setMaxHeaderSize(MAX_HEAD)
                        .setMaxInitialLineLength(MAX_HEAD))
                .requestHandler(request -> {
                    connections.reads(request.connection());
                    request.response().endHandler(end -> connections.idles(request.connection()));
                    handler.handle(request);
                });
        connections.watch(created, vertx);
        created.listen().toCompletionStage().toCompletableFuture().join();
        server = Optional.of(created);
        LOG.infof("probes and metrics on http://%s:%d/q", settings.host(), created.actualPort());
    }

    void stop(@Observes ShutdownEvent event) {
        server.ifPresent(HttpServer::close);
    }
}
