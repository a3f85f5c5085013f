package io.pciplacement.placement.http;

import java.io.IOException;

/** An answer is larger than any should be; the message says which limit it exceeds. */
public final class ResponseTooLargeException extends IOException {

    private static final long serialVersionUID = 1;

    public ResponseTooLargeException(String message) {
        super(message);
    }
}
