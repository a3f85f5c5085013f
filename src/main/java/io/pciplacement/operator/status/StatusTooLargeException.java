package io.pciplacement.operator.status;

/** The API server does not store an object with this status: together with what others have written it is too large. */
final class StatusTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1;

    StatusTooLargeException(String message, Throwable cause) {
        super(message, cause);
    }
}
