package io.pciplacement.operator.reconciliation;

/** Wraps an Error that a reconciliation ended with, for java-operator-sdk retries after exceptions only. */
public final class ReconciliationFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ReconciliationFailedException(String message, Error cause) {
        super(message, cause);
    }
}
