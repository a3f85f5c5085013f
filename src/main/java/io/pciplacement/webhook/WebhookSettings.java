package io.pciplacement.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the webhook's HTTPS server; as environment variables {@code PCI_WEBHOOK_PORT} and so on. */
@ConfigMapping(prefix = "pci.webhook")
public interface WebhookSettings {

    /** The address that it listens on. */
    @WithDefault("0.0.0.0")
    String host();

    @WithDefault("8443")
    int port();

    /** The CA, in PEM, that must have signed every client's certificate. Absent: clients need none. */
    Optional<Path> clientCa();
}
