package io.pciplacement.operator.reconciliation;

/** Wrapper of an Error that ended a reconciliation; java-operator-sdk retries only after exceptions. */
public final class ReconciliationFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ReconciliationFailedException(String message, Error cause) {
        super(message, cause);
    }
}
