package io.pciplacement.placement.http;

import java.io.IOException;

/** An answer is larger than any should be; the message says which limit it exceeds. */
final class AnswerTooLargeException extends IOException {

    private static final long serialVersionUID = 1;

    AnswerTooLargeException(String message) {
        super(message);
    }
}
