package io.pciplacement.planning.admission;

import java.util.List;

/**
 * Result of the validation of an admission request.
 *
 * @param errors why the request is rejected, one sentence each; empty if it is allowed
 * @param warnings what the user is told although the request may be allowed
 */
public record AdmissionResult(List<String> errors, List<String> warnings) {

    /** The request is allowed without warnings. */
    public static final AdmissionResult ALLOWED = new AdmissionResult(List.of(), List.of());

    public AdmissionResult {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }
}
