package io.pciplacement.cli.doctor;

import java.util.List;

/** Check of the state of Placement; it has no result if Placement is not available. */
sealed interface PlacementCheck extends Check
        permits PlacementPermissions,
                NovaConfigCurrent,
                NovaComputeStartup,
                MixedProviderOwnership,
                OwnerNovaTrait,
                UnusedPlacementNames {

    List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement);

    @Override
    default boolean requiresPlacement() {
        return true;
    }

    @Override
    default List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return switch (snapshot.placement()) {
            case CloudSnapshot.PlacementFacts.Unavailable unavailable -> List.of();
            case CloudSnapshot.PlacementFacts.Available placement -> evaluate(snapshot, placement);
        };
    }
}
