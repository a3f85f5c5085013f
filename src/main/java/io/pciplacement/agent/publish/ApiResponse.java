package io.pciplacement.agent.publish;

/** What the API server made of a request. */
sealed interface ApiResponse {

    /** It is done; the body is JSON. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Success(byte[] body) implements ApiResponse {}

    /** There is no such object. */
    record NotFound() implements ApiResponse {}

    /**
     * @param status HTTP's status code
     * @param reason the server's own words, with what to do about it
     */
    record Rejected(int status, String reason) implements ApiResponse {}

    /** Nobody answered, or not in time. */
    record Unreachable(String reason) implements ApiResponse {}
}
