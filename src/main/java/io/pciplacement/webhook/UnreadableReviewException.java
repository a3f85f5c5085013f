package io.pciplacement.webhook;

/** Thrown for a request body that is not an AdmissionReview within the limits; its message is short. */
final class UnreadableReviewException extends Exception {

    private static final long serialVersionUID = 1L;

    UnreadableReviewException(String message) {
        super(message);
    }
}
