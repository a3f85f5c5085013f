package io.pciplacement.placement.http;

import io.pciplacement.placement.http.CloudsFile.Loaded;
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
record Session(Loaded loaded, Transport transport, URI endpoint, Secret token, Instant renewAt, Instant endsAt) {

    Cloud cloud() {
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

    Session renewingAt(Instant later) {
        return new Session(loaded, transport, endpoint, token, later, endsAt);
    }
}
