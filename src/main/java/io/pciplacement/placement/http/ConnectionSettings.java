package io.pciplacement.placement.http;

import java.time.Duration;

/**
 * How long to wait for what.
 *
 * @param connectTimeout for a connection
 * @param requestTimeout for a whole answer, from the request's first byte to the answer's last
 * @param recheck how often at most to look whether clouds.yaml has changed
 */
public record ConnectionSettings(Duration connectTimeout, Duration requestTimeout, Duration recheck) {

    public static final ConnectionSettings DEFAULT =
            new ConnectionSettings(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(5));
}
