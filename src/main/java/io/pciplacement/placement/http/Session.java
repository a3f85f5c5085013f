package io.pciplacement.placement.http;

import io.pciplacement.placement.http.CloudsFile.Loaded;
import java.net.URI;
import java.time.Instant;

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

    Session renewingAt(Instant later) {
        return new Session(loaded, transport, endpoint, token, later, endsAt);
    }
}
