package io.pciplacement.placement.http;

import java.net.URI;
import java.util.ArrayList;
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
record Cloud(
        String source,
        Credentials credentials,
        @Nullable String region,
        List<String> interfaces,
        @Nullable URI endpointOverride,
        Trust trust) {

    Cloud {
        interfaces = List.copyOf(interfaces);
    }

    /** What is allowed but gives the token away, and is often left over from a test; as sentences for the log. */
    List<String> weaknesses(URI placement) {
        List<String> found = new ArrayList<>();
        if (!trust.verify()) {
            found.add(
                    "%s: certificates are not verified (verify: false), so any server can take the credentials; name its CA's file as cacert instead"
                            .formatted(source));
        }
        if (credentials instanceof Credentials.ForKeystone keystone
                && "https".equals(keystone.authUrl().getScheme())
                && "http".equals(placement.getScheme())) {
            found.add(
                    "%s: Keystone has https, but Placement at %s has not, so the token goes there unencrypted; use an endpoint with https"
                            .formatted(source, placement));
        }
        return found;
    }
}
