package io.pciplacement.cli.doctor;

import java.util.List;

/** The credential may do what the operator does. */
record CredentialRights() implements CloudCheck {

    @Override
    public String healthy() {
        return "the credential may do what the operator does";
    }

    @Override
    public List<Symptom> examine(Patient patient, Patient.Cloud.Seen seen) {
        return seen.forbidden().stream().sorted().map(CredentialRights::missing).toList();
    }

    private static Symptom missing(Patient.Right right) {
        return switch (right) {
            case PROVIDERS ->
                new Symptom(
                        Symptom.Severity.error,
                        "credential",
                        "it may read Placement, and may not change resource providers",
                        "give its user the role service in its project");
            case ALLOCATIONS ->
                new Symptom(
                        Symptom.Severity.error,
                        "credential",
                        "it may not change allocations: nothing is claimed or healed",
                        "give its user the role service in its project");
            case RESHAPER ->
                new Symptom(
                        Symptom.Severity.note,
                        "credential",
                        "POST /reshaper is forbidden to it: inventories are written one by one",
                        "where first syncs are slow, give its user the role service instead of admin");
        };
    }
}
