package io.pciplacement.webhook;

import io.pciplacement.webhook.certificate.CertificateChangedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Starts the webhook's server after the components it depends on, and passes it each new certificate. */
@ApplicationScoped
public class WebhookLifecycle {

    private static final Logger LOG = Logger.getLogger(WebhookLifecycle.class);

    /** The name in {@code quarkus.tls.webhook...}. */
    private static final String TLS = "webhook";

    private final WebhookSettings settings;
    private final TlsConfigurationRegistry registry;
    private final WebhookHttpServer server;

    WebhookLifecycle(WebhookSettings settings, TlsConfigurationRegistry registry, AdmissionEndpoint endpoint) {
        this.settings = settings;
        this.registry = registry;
        this.server = new WebhookHttpServer(WebhookLimits.DEFAULT, endpoint::reviewRequest);
    }

    void onStart(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event) {
        TlsConfiguration tls =
                registry.get(TLS).orElseThrow(() -> new IllegalStateException("quarkus.tls.webhook is not configured"));
        Optional<TrustOptions> clientCa =
                settings.clientCa().map(file -> new PemTrustOptions().addCertPath(file.toString()));
        int port = server.startListening(settings.host(), settings.port(), tls.getKeyStoreOptions(), clientCa);
        LOG.infof("webhook listening on https://%s:%d/validate", settings.host(), port);
    }

    void onCertificateUpdated(@Observes CertificateUpdatedEvent event) {
        if (event.name().equals(TLS)) {
            server.useCertificate(event.tlsConfiguration().getKeyStoreOptions());
        }
    }

    /** Reloads the file immediately instead of at the next interval of Quarkus. */
    void onCertificateChanged(@Observes CertificateChangedEvent event) {
        registry.get(TLS)
                .filter(TlsConfiguration::reload)
                .map(TlsConfiguration::getKeyStoreOptions)
                .ifPresent(server::useCertificate);
    }

    void onStop(@Observes ShutdownEvent event) {
        server.close();
    }
}
