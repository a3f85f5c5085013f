package io.pciplacement.cli.input;

import java.util.concurrent.CompletableFuture;

/** Connection to an API server that can only read. */
interface ApiServerConnection extends AutoCloseable {

    /** @param status the HTTP status code */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Response(int status, byte[] body) {}

    /**
     * Sends a request. Fails with an IOException if there is no response.
     *
     * @param path the path without a slash at its beginning
     * @param accepted the header Accept
     */
    CompletableFuture<Response> get(String path, String accepted);

    @Override
    void close();
}
