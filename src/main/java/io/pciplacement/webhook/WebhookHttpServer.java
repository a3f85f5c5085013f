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
 * HTTPS server of the webhook: TLS 1.3 and HTTP/1.1 only. Bodies are read on its single event loop and processed on its
 * own threads. It shares nothing with the server of probes and metrics, so a client that overloads this server does not
 * affect that one.
 */
final class WebhookHttpServer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(WebhookHttpServer.class);

    private static final int MAX_HEAD = 8 << 10;

    private final WebhookLimits limits;
    private final AdmissionRequestReader.Decision decision;
    private final ThreadPoolExecutor workers;
    private volatile Optional<Vertx> vertxInstance = Optional.empty();
    private volatile Optional<ReloadableKeyManager> keyManager = Optional.empty();

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
     * Starts listening.
     *
     * @param clientCa CA of the client certificates; if present, a client without a certificate is rejected in the
     *     handshake
     * @return the port
     * @throws IllegalArgumentException if the certificate or its key cannot be read
     */
    int startListening(String host, int port, KeyCertOptions certificate, Optional<TrustOptions> clientCa) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        vertxInstance = Optional.of(vertx);
        ReloadableKeyManager current = new ReloadableKeyManager(keyManagerFactory(certificate, vertx));
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
        keyManager = Optional.of(current);
        return created.actualPort();
    }

    /** Uses another certificate for new connections. A certificate that cannot be read is ignored. */
    void useCertificate(KeyCertOptions certificate) {
        vertxInstance.ifPresent(vertx -> keyManager.ifPresent(current -> {
            try {
                current.replaceKey(keyManagerFactory(certificate, vertx));
            } catch (IllegalArgumentException e) {
                LOG.errorf(
                        "cannot load the new webhook certificate, still serving the previous one: %s", e.getMessage());
            }
        }));
    }

    /** @throws IllegalArgumentException if the certificate or its key cannot be read */
    private static KeyManagerFactory keyManagerFactory(KeyCertOptions certificate, Vertx vertx) {
        try {
            return certificate.getKeyManagerFactory(vertx);
        } catch (Exception e) {
            throw new IllegalArgumentException("cannot read the webhook certificate or key: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        vertxInstance.ifPresent(
                vertx -> vertx.close().toCompletionStage().toCompletableFuture().join());
        workers.shutdownNow();
    }
}
