package io.pciplacement.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the webhook's HTTPS server; as environment variables {@code PCI_WEBHOOK_PORT} and so on. */
@ConfigMapping(prefix = "pci.webhook")
public interface WebhookSettings {

    /** The address to listen on. */
    @WithDefault("0.0.0.0")
    String host();

    @WithDefault("8443")
    int port();

    /** The CA file (PEM) that must have signed the client certificates. If absent, clients need no certificate. */
    Optional<Path> clientCa();
}
