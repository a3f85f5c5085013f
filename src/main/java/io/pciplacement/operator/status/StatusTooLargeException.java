package io.pciplacement.operator.status;

/** The API server rejects the status because the whole object would be too large. */
final class StatusTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1;

    StatusTooLargeException(String message, Throwable cause) {
        super(message, cause);
    }
}
