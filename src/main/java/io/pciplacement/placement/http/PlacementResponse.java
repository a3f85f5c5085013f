package io.pciplacement.placement.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/** Response to a request: the parsed body, or an error. */
public sealed interface PlacementResponse<T> {

    /** Response with a 2xx status and its parsed body. */
    record Success<T>(T value) implements PlacementResponse<T> {}

    /**
     * Response with any other status.
     *
     * @param code Placement's error code, such as {@code placement.concurrent_update}; empty if there is none
     * @param detail the reason in one line; empty if the response contains none
     * @param requestId the id of the request in the server's log; empty if there is none
     */
    record ErrorResponse<T>(int status, String code, String detail, String requestId) implements PlacementResponse<T> {

        /** The same error as a response of another type. */
        <U> ErrorResponse<U> withType() {
            return new ErrorResponse<>(status, code, detail, requestId);
        }
    }

    /** Reader of the body of a successful response. */
    @FunctionalInterface
    interface BodyReader<T> {
        /** Parses the body. The stream need not be read to its end; the caller closes it. */
        T readBody(HttpHeaders headers, InputStream body) throws IOException;
    }
}
