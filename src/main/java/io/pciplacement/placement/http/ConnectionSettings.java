package io.pciplacement.placement.http;

import java.time.Duration;

/**
 * Timeouts and intervals of a connection to OpenStack.
 *
 * @param connectTimeout timeout of establishing a connection
 * @param requestTimeout timeout of a request, from the first byte of the request to the last byte of the response
 * @param configCheckInterval minimum time between two checks whether clouds.yaml has changed
 */
public record ConnectionSettings(Duration connectTimeout, Duration requestTimeout, Duration configCheckInterval) {

    public static final ConnectionSettings DEFAULT =
            new ConnectionSettings(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(5));
}
