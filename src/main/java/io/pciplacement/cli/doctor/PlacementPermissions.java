package io.pciplacement.cli.doctor;

import java.util.List;

/** The credential may do what the operator does. */
record PlacementPermissions() implements PlacementCheck {

    @Override
    public String name() {
        return "PlacementPermissions";
    }

    @Override
    public String healthy() {
        return "the credential may do what the operator does";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient, CloudSnapshot.PlacementFacts.Available seen) {
        return seen.forbidden().stream()
                .sorted()
                .map(PlacementPermissions::missing)
                .toList();
    }

    private static CheckResult missing(CloudSnapshot.Permission right) {
        return switch (right) {
            case PROVIDERS ->
                new CheckResult(
                        CheckResult.Severity.error,
                        "credential",
                        "it may read Placement, and may not change resource providers",
                        "give its user the role service in its project");
            case ALLOCATIONS ->
                new CheckResult(
                        CheckResult.Severity.error,
                        "credential",
                        "it may not change allocations: nothing is claimed or healed",
                        "give its user the role service in its project");
            case RESHAPER ->
                new CheckResult(
                        CheckResult.Severity.note,
                        "credential",
                        "POST /reshaper is forbidden to it: inventories are written one by one",
                        "where first syncs are slow, give its user the role service instead of admin");
        };
    }
}
