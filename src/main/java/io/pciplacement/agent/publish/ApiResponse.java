package io.pciplacement.agent.publish;

/** Result of a request to the Kubernetes API. */
sealed interface ApiResponse {

    /** The request succeeded; the body is JSON. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Success(byte[] body) implements ApiResponse {}

    /** The request was not successful. */
    sealed interface Failure extends ApiResponse {}

    /** The object does not exist. */
    record NotFound() implements Failure {}

    /**
     * The API server rejected the request.
     *
     * @param status the HTTP status code
     * @param reason the message of the server, and what to do about it
     */
    record Rejected(int status, String reason) implements Failure {}

    /** No response within the timeout. */
    record Unreachable(String reason) implements Failure {}
}
