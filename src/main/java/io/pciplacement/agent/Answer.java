package io.pciplacement.agent;

/** What the API server made of a request. */
sealed interface Answer {

    /** It is done; the body is JSON. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Done(byte[] body) implements Answer {}

    /** There is no such object. */
    record Missing() implements Answer {}

    /**
     * @param status HTTP's status code
     * @param reason the server's own words, with what to do about it
     */
    record Refused(int status, String reason) implements Answer {}

    /** Nobody answered, or not in time. */
    record Unreachable(String reason) implements Answer {}
}
