package io.pciplacement.placement.config;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of one cloud of clouds.yaml, limited to what a connection to Placement needs.
 *
 * @param source name and file of the cloud, for messages: {@code cloud 'x' of /etc/openstack/clouds.yaml}
 * @param region region of Placement's endpoint, null for any
 * @param interfaces interfaces of Placement's endpoint, in order of preference
 * @param endpointOverride endpoint of Placement that takes precedence over the service catalog, or null
 */
public record CloudConfig(
        String source,
        Credentials credentials,
        @Nullable String region,
        List<String> interfaces,
        @Nullable URI endpointOverride,
        TlsTrust trust) {

    public CloudConfig {
        interfaces = List.copyOf(interfaces);
    }
}
