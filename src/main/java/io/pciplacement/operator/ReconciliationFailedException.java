package io.pciplacement.operator;

/** Wraps an Error that a reconciliation ended with, for java-operator-sdk retries after exceptions only. */
final class ReconciliationFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    ReconciliationFailedException(String message, Error cause) {
        super(message, cause);
    }
}
