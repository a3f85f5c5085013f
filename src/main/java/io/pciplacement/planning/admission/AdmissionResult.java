package io.pciplacement.planning.admission;

import java.util.List;

/**
 * Result of the validation of an admission request.
 *
 * @param errors reasons for the rejection, one sentence each; empty if the request is allowed
 * @param warnings messages for the user, independent of the result
 */
public record AdmissionResult(List<String> errors, List<String> warnings) {

    /** The request is allowed without warnings. */
    public static final AdmissionResult ALLOWED = new AdmissionResult(List.of(), List.of());

    public AdmissionResult {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }
}
