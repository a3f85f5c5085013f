package io.pciplacement.cli.doctor;

/**
 * Something that a check found.
 *
 * @param where the host, object or part it is about
 * @param what what is so, and what will come of it
 * @param remedy what to do
 */
public record CheckResult(Severity severity, String where, String what, String remedy) {

    /** How bad it is. */
    public enum Severity {
        /** Nothing is wrong; it is worth knowing. */
        note,
        /** It will be wrong some day, or with some setting that cannot be seen from here. */
        warning,
        /** It is wrong now. */
        error
    }
}
