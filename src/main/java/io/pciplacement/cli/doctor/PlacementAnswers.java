package io.pciplacement.cli.doctor;

import java.util.List;

/** Placement can be reached, takes the credential, and speaks the microversion that is needed. */
record PlacementAnswers() implements Check {

    @Override
    public String healthy() {
        return "Placement answers, and speaks the microversion that is needed";
    }

    @Override
    public List<Symptom> examine(Patient patient) {
        return switch (patient.cloud()) {
            case Patient.Cloud.Away away ->
                List.of(new Symptom(
                        Symptom.Severity.error,
                        "Placement",
                        away.message(),
                        "nothing can be said of what is in Placement before this is mended"));
            case Patient.Cloud.Seen seen -> List.of();
        };
    }
}
