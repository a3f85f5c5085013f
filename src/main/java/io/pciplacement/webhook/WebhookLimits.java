package io.pciplacement.webhook;

import java.time.Duration;

/**
 * Resource limits of the webhook's server. Bodies take at most {@code connections * smallBody + largeBodies * maxBody}
 * bytes.
 *
 * @param connections maximum number of open connections; a further one replaces the one that is closest to its deadline
 * @param maxBody the largest request body, in bytes
 * @param smallBody bodies up to this size are accepted on every connection
 * @param largeBodies how many larger bodies are accepted at a time
 * @param threads how many requests are processed at a time
 * @param queue how many complete requests may wait for processing
 * @param requestDeadline for the handshake, for the first request of a connection, and for a whole body
 * @param idle how long a connection stays open without another request; longer than the API server keeps one
 */
record WebhookLimits(
        int connections,
        int maxBody,
        int smallBody,
        int largeBodies,
        int threads,
        int queue,
        Duration requestDeadline,
        Duration idle) {

    /** The API server accepts objects of 1.5 MB and sends two of them at most, the new one and the old one. */
    static final WebhookLimits DEFAULT =
            new WebhookLimits(256, 4 << 20, 256 << 10, 4, 4, 256, Duration.ofSeconds(10), Duration.ofMinutes(2));
}
