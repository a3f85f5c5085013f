package io.pciplacement.cli.doctor;

import java.util.List;

/** Nobody else keeps PCI providers below a root of ours: a nova-compute that does removes or rewrites ours, too. */
record MixedProviderOwnership() implements PlacementCheck {

    @Override
    public String name() {
        return "MixedProviderOwnership";
    }

    @Override
    public String healthy() {
        return "no tree has PCI providers of ours beside somebody else's";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient, CloudSnapshot.PlacementFacts.Available seen) {
        return seen.rootsOf(true)
                .filter(root -> seen.count(root, false) > 0)
                .map(
                        root -> new CheckResult(
                                CheckResult.Severity.error,
                                seen.rootName(root),
                                "%d PCI providers of ours and %d of somebody else's are below this root: a nova-compute that reports removes every one whose device it does not list, once a minute, and takes our mark from the others"
                                        .formatted(seen.count(root, true), seen.count(root, false)),
                                "leave the host to one of the two: spec.reporting was Enabled too early, or spec.adopt is to follow; see docs/nova-coexistence.md"))
                .toList();
    }
}
