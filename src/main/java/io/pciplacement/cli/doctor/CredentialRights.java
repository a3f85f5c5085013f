package io.pciplacement.cli.doctor;

import java.util.List;

/** The credential may do what the operator does. */
record CredentialRights() implements Check {

    @Override
    public String healthy() {
        return "the credential may do what the operator does";
    }

    @Override
    public boolean ofPlacement() {
        return true;
    }

    @Override
    public List<Symptom> examine(Patient patient) {
        return Check.ofCloud(
                patient,
                seen -> seen.forbidden().stream()
                        .sorted()
                        .map(CredentialRights::missing)
                        .toList());
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
