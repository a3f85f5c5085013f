package io.pciplacement.placement.http;

import java.io.IOException;

/** Exception for a response that exceeds a limit; the message contains the limit. */
public final class ResponseTooLargeException extends IOException {

    private static final long serialVersionUID = 1;

    public ResponseTooLargeException(String message) {
        super(message);
    }
}
