package io.pciplacement.placement.client;

import io.pciplacement.placement.config.CloudConfig;
import io.pciplacement.placement.config.CloudsYaml.Loaded;
import io.pciplacement.placement.config.Credentials;
import io.pciplacement.placement.config.Secret;
import io.pciplacement.placement.http.HttpTransport;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Session with Placement: endpoint, token and transport.
 *
 * @param renewAt when the token should be renewed, before it expires
 * @param expiresAt when the token expires
 */
public record PlacementSession(
        Loaded loaded, HttpTransport transport, URI endpoint, Secret token, Instant renewAt, Instant expiresAt) {

    CloudConfig cloud() {
        return loaded.cloud();
    }

    /** Security weaknesses of the configuration, as messages. */
    List<String> securityWarnings() {
        List<String> warnings = new ArrayList<>();
        if (!cloud().trust().verify()) {
            warnings.add(
                    "%s: verify is false: certificates are not verified, so an attacker can impersonate Keystone and Placement, read the credentials and modify every response"
                            .formatted(cloud().source()));
        }
        if (cloud().credentials() instanceof Credentials.ForKeystone keystone
                && "https".equals(keystone.authUrl().getScheme())
                && "http".equals(endpoint.getScheme())) {
            warnings.add(
                    "%s: auth_url uses https, but Placement is at %s: the token is sent in clear text, and an attacker can use it"
                            .formatted(cloud().source(), endpoint));
        }
        return warnings;
    }

    PlacementSession withRenewalAt(Instant newRenewAt) {
        return new PlacementSession(loaded, transport, endpoint, token, newRenewAt, expiresAt);
    }
}
