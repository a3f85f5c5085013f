package io.pciplacement.webhook;

import io.pciplacement.server.ConnectionTable;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/**
 * Request handler of the webhook's server: reads a complete body on the event loop, within limits, and passes it to a
 * worker thread. Other requests are rejected without reading the body. Used by the event loop only.
 */
final class AdmissionRequestReader implements Handler<HttpServerRequest> {

    private static final Logger LOG = Logger.getLogger(AdmissionRequestReader.class);

    private static final String PATH = "/validate";

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int LENGTH_REQUIRED = 411;
    private static final int CONTENT_TOO_LARGE = 413;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int INTERNAL_SERVER_ERROR = 500;

    /** Maps the body of a request to the body of its response. */
    @FunctionalInterface
    interface Decision {
        byte[] decide(byte[] body) throws UnreadableReviewException;
    }

    private final WebhookLimits limits;
    private final ConnectionTable connections;
    private final Executor workers;
    private final Decision decision;
    private final RateLimitedLogger log = new RateLimitedLogger(line -> LOG.warn(line));
    private int largeBodies;

    AdmissionRequestReader(WebhookLimits limits, ConnectionTable connections, Executor workers, Decision decision) {
        this.limits = limits;
        this.connections = connections;
        this.workers = workers;
        this.decision = decision;
    }

    @Override
    public void handle(HttpServerRequest request) {
        connections.onRequestStarted(request.connection());
        request.response().exceptionHandler(e -> LOG.debugf("webhook response could not be sent: %s", e));
        if (!PATH.equals(request.path())) {
            rejectRequest(request, NOT_FOUND);
        } else if (!request.method().equals(HttpMethod.POST)) {
            rejectRequest(request, METHOD_NOT_ALLOWED);
        } else {
            long length = contentLength(request);
            if (length < 0) {
                rejectRequest(request, LENGTH_REQUIRED);
            } else if (length > limits.maxBody()) {
                rejectRequest(request, CONTENT_TOO_LARGE);
            } else if (length > limits.smallBody() && largeBodies >= limits.largeBodies()) {
                rejectRequest(request, TOO_MANY_REQUESTS);
            } else {
                new Body(request, (int) length).startReading();
            }
        }
    }

    /** The Content-Length, or -1 if it is missing or invalid. */
    private static long contentLength(HttpServerRequest request) {
        String given = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return given == null ? -1 : Long.parseLong(given);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Responds and closes the connection, because the rest of the body is not read. */
    private static void rejectRequest(HttpServerRequest request, int status) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end()
                .onComplete(sent -> request.connection().close());
    }

    /** A body that is being read or processed. */
    private final class Body {

        private final HttpServerRequest request;
        private final Context loop = Objects.requireNonNull(Vertx.currentContext());
        private final byte[] bytes;
        private final boolean large;
        private int received;
        private boolean released;
        /** Read by a worker too. */
        private volatile boolean abandoned;

        Body(HttpServerRequest request, int length) {
            this.request = request;
            this.bytes = new byte[length];
            this.large = length > limits.smallBody();
        }

        void startReading() {
            if (large) {
                largeBodies++;
            }
            request.handler(this::appendPart);
            request.endHandler(end -> onComplete());
            request.exceptionHandler(e -> onAbandoned());
            request.response().closeHandler(closed -> onAbandoned());
        }

        private void appendPart(Buffer part) {
            part.getBytes(bytes, received);
            received += part.length();
        }

        private void onComplete() {
            connections.onRequestReceived(request.connection());
            try {
                workers.execute(this::runDecision);
            } catch (RejectedExecutionException e) {
                releaseQuota();
                rejectRequest(request, TOO_MANY_REQUESTS);
            }
        }

        private void onAbandoned() {
            abandoned = true;
            releaseQuota();
        }

        private void releaseQuota() {
            if (large && !released) {
                largeBodies--;
            }
            released = true;
        }

        /** Runs on a worker thread. */
        private void runDecision() {
            if (abandoned) {
                return;
            }
            try {
                byte[] response = decision.decide(bytes);
                loop.runOnContext(ready -> sendResponse(response));
            } catch (UnreadableReviewException e) {
                log.logWarning("webhook request from %s rejected: %s"
                        .formatted(request.connection().remoteAddress().hostAddress(), e.getMessage()));
                loop.runOnContext(ready -> sendFailure(BAD_REQUEST));
            } catch (RuntimeException | StackOverflowError e) {
                log.logWarning("webhook request failed: %s".formatted(e));
                loop.runOnContext(ready -> sendFailure(INTERNAL_SERVER_ERROR));
            }
        }

        private void sendResponse(byte[] response) {
            releaseQuota();
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(Buffer.buffer(response));
            connections.onResponseSent(request.connection());
        }

        private void sendFailure(int status) {
            releaseQuota();
            rejectRequest(request, status);
        }
    }
}
