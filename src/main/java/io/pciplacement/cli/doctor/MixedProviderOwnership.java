package io.pciplacement.cli.doctor;

import java.util.List;

/**
 * Check that no other service has PCI providers in a tree of the operator: nova-compute would also remove or rewrite
 * those of the operator.
 */
record MixedProviderOwnership() implements PlacementCheck {

    @Override
    public String checkName() {
        return "MixedProviderOwnership";
    }

    @Override
    public String okMessage() {
        return "no tree contains PCI providers of both the operator and another service";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement) {
        return placement
                .rootsWithProviders(true)
                .filter(root -> placement.countProviders(root, false) > 0)
                .filter(root -> snapshot.isWrittenByOperator(placement.rootProviderName(root)))
                .map(
                        root -> new CheckResult(
                                CheckResult.Severity.error,
                                placement.rootProviderName(root),
                                "%d PCI providers of the operator and %d of another service are below this root: a nova-compute that reports PCI devices removes those whose devices it does not list, and removes the operator's marker trait from the others"
                                        .formatted(
                                                placement.countProviders(root, true),
                                                placement.countProviders(root, false)),
                                "let only one service report the host: spec.reporting was enabled too early, or spec.adopt is not set yet; see docs/nova-coexistence.md"))
                .toList();
    }
}
