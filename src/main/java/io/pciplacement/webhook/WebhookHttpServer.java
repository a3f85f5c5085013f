package io.pciplacement.webhook;

import io.pciplacement.server.ConnectionTable;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import org.jboss.logging.Logger;

/**
 * HTTPS server of the webhook: TLS 1.3 and HTTP/1.1 only. Bodies are read on its one event loop, and complete ones are
 * decided on its own threads; nothing of it is shared with the server of probes and metrics, so a client that keeps
 * this one busy does not keep that one from answering.
 */
final class WebhookHttpServer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(WebhookHttpServer.class);

    private static final int MAX_HEAD = 8 << 10;

    private final WebhookLimits limits;
    private final AdmissionRequestReader.Decision decision;
    private final ThreadPoolExecutor workers;
    private volatile Optional<Vertx> own = Optional.empty();
    private volatile Optional<ReloadableKeyManager> key = Optional.empty();

    WebhookHttpServer(WebhookLimits limits, AdmissionRequestReader.Decision decision) {
        this.limits = limits;
        this.decision = decision;
        this.workers = new ThreadPoolExecutor(
                limits.threads(),
                limits.threads(),
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(limits.queue()),
                Thread.ofPlatform().name("webhook-", 0).daemon().factory());
        workers.allowCoreThreadTimeOut(true);
    }

    /**
     * Starts to listen.
     *
     * @param clientCa who signs the clients' certificates; if present, a client without one is refused in the handshake
     * @return the port
     * @throws IllegalArgumentException if there is no key in the certificate
     */
    int listen(String host, int port, KeyCertOptions certificate, Optional<TrustOptions> clientCa) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        own = Optional.of(vertx);
        ReloadableKeyManager current = new ReloadableKeyManager(keys(certificate, vertx));
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setSsl(true)
                .setKeyCertOptions(KeyCertOptions.wrap(current))
                .setUseAlpn(false)
                .setSslHandshakeTimeout(limits.requestDeadline().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxInitialLineLength(MAX_HEAD);
        options.setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
        clientCa.ifPresent(ca -> options.setClientAuth(ClientAuth.REQUIRED).setTrustOptions(ca));
        ConnectionTable connections =
                new ConnectionTable(limits.connections(), limits.requestDeadline(), limits.idle());
        HttpServer created = vertx.createHttpServer(options)
                .requestHandler(new AdmissionRequestReader(limits, connections, workers, decision));
        connections.attachTo(created, vertx);
        created.listen().toCompletionStage().toCompletableFuture().join();
        key = Optional.of(current);
        return created.actualPort();
    }

    /** Serves new connections with another certificate; one that cannot be read changes nothing. */
    void use(KeyCertOptions certificate) {
        own.ifPresent(vertx -> key.ifPresent(current -> {
            try {
                current.replace(keys(certificate, vertx));
            } catch (IllegalArgumentException e) {
                LOG.errorf("cannot serve the webhook with its new certificate: %s", e.getMessage());
            }
        }));
    }

    /** @throws IllegalArgumentException if there is no key in it */
    private static KeyManagerFactory keys(KeyCertOptions certificate, Vertx vertx) {
        try {
            return certificate.getKeyManagerFactory(vertx);
        } catch (Exception e) {
            throw new IllegalArgumentException("cannot read the webhook's certificate or key: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        own.ifPresent(
                vertx -> vertx.close().toCompletionStage().toCompletableFuture().join());
        workers.shutdownNow();
    }
}
