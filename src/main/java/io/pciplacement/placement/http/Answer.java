package io.pciplacement.placement.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/** What came back: what was asked for, or why not. */
sealed interface Answer<T> {

    /** A 2xx, read. */
    record Good<T>(T value) implements Answer<T> {}

    /**
     * Another status.
     *
     * @param code Placement's own code, as {@code placement.concurrent_update}; empty where there is none
     * @param detail the reason in one line, as far as the answer tells one
     * @param requestId by which the server's log names the request; empty where there is none
     */
    record Bad<T>(int status, String code, String detail, String requestId) implements Answer<T> {

        /** The same for another type of good answer. */
        <U> Bad<U> as() {
            return new Bad<>(status, code, detail, requestId);
        }
    }

    /** How the body of a good answer is read. */
    @FunctionalInterface
    interface Reading<T> {
        /** The stream need not be read to its end, and is closed by the caller. */
        T read(HttpHeaders headers, InputStream body) throws IOException;
    }
}
