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
 * Request handler of the webhook's server: reads a whole body on the event loop, within limits, and hands it to a
 * worker thread. Everything else is refused without reading it. Used by the event loop only.
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

    /** From the body of a request to the body of its response. */
    @FunctionalInterface
    interface Decision {
        byte[] on(byte[] body) throws UnreadableReviewException;
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
        request.response().exceptionHandler(e -> LOG.debugf("a response of the webhook was not sent: %s", e));
        if (!PATH.equals(request.path())) {
            refuse(request, NOT_FOUND);
        } else if (!request.method().equals(HttpMethod.POST)) {
            refuse(request, METHOD_NOT_ALLOWED);
        } else {
            long length = length(request);
            if (length < 0) {
                refuse(request, LENGTH_REQUIRED);
            } else if (length > limits.maxBody()) {
                refuse(request, CONTENT_TOO_LARGE);
            } else if (length > limits.smallBody() && largeBodies >= limits.largeBodies()) {
                refuse(request, TOO_MANY_REQUESTS);
            } else {
                new Body(request, (int) length).read();
            }
        }
    }

    /** The length of the body, negative if it is not given. */
    private static long length(HttpServerRequest request) {
        String given = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return given == null ? -1 : Long.parseLong(given);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Responds and closes the connection, for the rest of the body is not read. */
    private static void refuse(HttpServerRequest request, int status) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end()
                .onComplete(sent -> request.connection().close());
    }

    /** A body that is being read, or decided on. */
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

        void read() {
            if (large) {
                largeBodies++;
            }
            request.handler(this::append);
            request.endHandler(end -> complete());
            request.exceptionHandler(e -> abandon());
            request.response().closeHandler(closed -> abandon());
        }

        private void append(Buffer part) {
            part.getBytes(bytes, received);
            received += part.length();
        }

        private void complete() {
            connections.onRequestReceived(request.connection());
            try {
                workers.execute(this::decide);
            } catch (RejectedExecutionException e) {
                release();
                refuse(request, TOO_MANY_REQUESTS);
            }
        }

        private void abandon() {
            abandoned = true;
            release();
        }

        private void release() {
            if (large && !released) {
                largeBodies--;
            }
            released = true;
        }

        /** On a worker. */
        private void decide() {
            if (abandoned) {
                return;
            }
            try {
                byte[] answer = decision.on(bytes);
                loop.runOnContext(ready -> respond(answer));
            } catch (UnreadableReviewException e) {
                log.warn("a request to the webhook from %s was refused: %s"
                        .formatted(request.connection().remoteAddress().hostAddress(), e.getMessage()));
                loop.runOnContext(ready -> fail(BAD_REQUEST));
            } catch (RuntimeException | StackOverflowError e) {
                log.warn("a request to the webhook could not be decided: %s".formatted(e));
                loop.runOnContext(ready -> fail(INTERNAL_SERVER_ERROR));
            }
        }

        private void respond(byte[] answer) {
            release();
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(Buffer.buffer(answer));
            connections.onResponseSent(request.connection());
        }

        private void fail(int status) {
            release();
            refuse(request, status);
        }
    }
}
