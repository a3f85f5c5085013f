package io.pciplacement.cli.doctor;

import java.util.List;

/** Check that the credentials have the permissions that the operator needs. */
record PlacementPermissions() implements PlacementCheck {

    @Override
    public String checkName() {
        return "PlacementPermissions";
    }

    @Override
    public String okMessage() {
        return "the credentials have the permissions that the operator needs";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement) {
        return placement.missingPermissions().stream()
                .sorted()
                .map(PlacementPermissions::missingPermission)
                .toList();
    }

    private static CheckResult missingPermission(CloudSnapshot.Permission permission) {
        return switch (permission) {
            case PROVIDERS ->
                new CheckResult(
                        CheckResult.Severity.error,
                        "credentials",
                        "they allow reading Placement, but not changing resource providers",
                        "assign the role service to their user in its project");
            case ALLOCATIONS ->
                new CheckResult(
                        CheckResult.Severity.error,
                        "credentials",
                        "they do not allow changing allocations: claims and healing are not possible",
                        "assign the role service to their user in its project");
            case RESHAPER ->
                new CheckResult(
                        CheckResult.Severity.note,
                        "credentials",
                        "they do not allow POST /reshaper: inventories are written one by one",
                        "if initial syncs are slow, assign the role service instead of admin to their user");
        };
    }
}
