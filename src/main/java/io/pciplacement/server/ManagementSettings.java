package io.pciplacement.server;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the server of probes and metrics; as environment variables {@code PCI_HTTP_PORT} and so on. */
@ConfigMapping(prefix = "pci.http")
public interface ManagementSettings {

    /** The address that it listens on. */
    @WithDefault("0.0.0.0")
    String host();

    @WithDefault("8080")
    int port();
}
