package io.pciplacement.cli.doctor;

import java.util.List;

/** A check that looks at what Placement has, and so can say nothing where Placement cannot be used. */
sealed interface PlacementCheck extends Check
        permits PlacementPermissions, NovaComputeStartup, MixedProviderOwnership, OwnerNovaTrait, UnusedPlacementNames {

    List<CheckResult> examine(CloudSnapshot patient, CloudSnapshot.PlacementFacts.Available seen);

    @Override
    default boolean ofPlacement() {
        return true;
    }

    @Override
    default List<CheckResult> examine(CloudSnapshot patient) {
        return switch (patient.cloud()) {
            case CloudSnapshot.PlacementFacts.Unavailable away -> List.of();
            case CloudSnapshot.PlacementFacts.Available seen -> examine(patient, seen);
        };
    }
}
