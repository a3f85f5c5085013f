package io.pciplacement.cli.doctor;

import java.util.List;

/** Check that Placement is reachable, accepts the credentials, and supports the required microversion. */
record PlacementReachable() implements Check {

    @Override
    public String checkName() {
        return "PlacementReachable";
    }

    @Override
    public String okMessage() {
        return "Placement is reachable and supports the required microversion";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return switch (snapshot.placement()) {
            case CloudSnapshot.PlacementFacts.Unavailable unavailable ->
                List.of(new CheckResult(
                        CheckResult.Severity.error,
                        "Placement",
                        unavailable.message(),
                        "fix this first; checks of Placement are skipped until then"));
            case CloudSnapshot.PlacementFacts.Available placement -> List.of();
        };
    }
}
