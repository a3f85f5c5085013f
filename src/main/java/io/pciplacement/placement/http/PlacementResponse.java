package io.pciplacement.placement.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/** What came back: what was asked for, or why not. */
public sealed interface PlacementResponse<T> {

    /** A 2xx, read. */
    record Success<T>(T value) implements PlacementResponse<T> {}

    /**
     * Another status.
     *
     * @param code Placement's own code, as {@code placement.concurrent_update}; empty where there is none
     * @param detail the reason in one line, as far as the answer tells one
     * @param requestId by which the server's log names the request; empty where there is none
     */
    record ErrorResponse<T>(int status, String code, String detail, String requestId) implements PlacementResponse<T> {

        /** The same for another type of good answer. */
        <U> PlacementResponse.ErrorResponse<U> as() {
            return new PlacementResponse.ErrorResponse<>(status, code, detail, requestId);
        }
    }

    /** How the body of a good answer is read. */
    @FunctionalInterface
    interface BodyReader<T> {
        /** The stream need not be read to its end, and is closed by the caller. */
        T read(HttpHeaders headers, InputStream body) throws IOException;
    }
}
