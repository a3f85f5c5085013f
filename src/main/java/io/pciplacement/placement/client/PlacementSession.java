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
 * A connection as it is now: where Placement is, and what it lets us in with.
 *
 * @param renewAt when a new token should be asked for, before the old one ends
 * @param endsAt when the token is of no more use
 */
public record PlacementSession(
        Loaded loaded, HttpTransport transport, URI endpoint, Secret token, Instant renewAt, Instant endsAt) {

    CloudConfig cloud() {
        return loaded.cloud();
    }

    /** What others could read or change on its way, for people. */
    List<String> exposures() {
        List<String> exposures = new ArrayList<>();
        if (!cloud().trust().verify()) {
            exposures.add(
                    "%s: verify is false: no certificate is checked, so that others can take the place of Keystone and Placement, read the credentials and change every answer"
                            .formatted(cloud().source()));
        }
        if (cloud().credentials() instanceof Credentials.ForKeystone keystone
                && "https".equals(keystone.authUrl().getScheme())
                && "http".equals(endpoint.getScheme())) {
            exposures.add(
                    "%s: auth_url is https, but Placement is at %s: the token goes there in clear text, and others can use it"
                            .formatted(cloud().source(), endpoint));
        }
        return exposures;
    }

    PlacementSession renewingAt(Instant later) {
        return new PlacementSession(loaded, transport, endpoint, token, later, endsAt);
    }
}
