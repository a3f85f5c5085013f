package io.pciplacement.cli.doctor;

/**
 * Result of a check: a problem or a note.
 *
 * @param subject host, object or component that the result is about
 * @param message the problem and its consequences
 * @param remedy what to do
 */
public record CheckResult(Severity severity, String subject, String message, String remedy) {

    /** Severity of a result. */
    public enum Severity {
        /** Information; no action is required. */
        note,
        /** Problem that may occur later, or that depends on a setting which the command cannot read. */
        warning,
        /** Present problem. */
        error
    }
}
