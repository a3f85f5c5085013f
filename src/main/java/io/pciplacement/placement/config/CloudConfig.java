package io.pciplacement.placement.config;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One cloud of clouds.yaml, as far as Placement needs it.
 *
 * @param source the cloud's name and its file, for messages: {@code cloud 'x' of /etc/openstack/clouds.yaml}
 * @param region the region whose Placement is meant, null for the only one
 * @param interfaces which of Placement's endpoints, the first that there is
 * @param endpointOverride where Placement is, whatever the catalogue says
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
