package io.pciplacement.server;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/**
 * Settings of the server for probes and metrics; environment variables {@code PCI_HTTP_HOST} and {@code PCI_HTTP_PORT}.
 */
@ConfigMapping(prefix = "pci.http")
public interface ManagementSettings {

    /** Listen address. */
    @WithDefault("0.0.0.0")
    String host();

    @WithDefault("8080")
    int port();
}
