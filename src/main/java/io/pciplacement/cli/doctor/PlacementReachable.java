package io.pciplacement.cli.doctor;

import java.util.List;

/** Placement can be reached, takes the credential, and speaks the microversion that is needed. */
record PlacementReachable() implements Check {

    @Override
    public String name() {
        return "PlacementReachable";
    }

    @Override
    public String healthy() {
        return "Placement answers, and speaks the microversion that is needed";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return switch (patient.cloud()) {
            case CloudSnapshot.PlacementFacts.Unavailable away ->
                List.of(new CheckResult(
                        CheckResult.Severity.error,
                        "Placement",
                        away.message(),
                        "nothing can be said of what is in Placement before this is mended"));
            case CloudSnapshot.PlacementFacts.Available seen -> List.of();
        };
    }
}
