package io.pciplacement.cli.doctor;

import java.util.List;

/**
 * No nova-compute is kept from starting by our providers. With {@code [pci]report_in_placement} off it refuses to start
 * where any provider below its root has COMPUTE_MANAGED_PCI_DEVICE; its setting cannot be seen from here.
 */
record NovaComputeStartup() implements PlacementCheck {

    @Override
    public String name() {
        return "NovaComputeStartup";
    }

    @Override
    public String healthy() {
        return "no nova-compute stands on a root with PCI providers of ours";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient, CloudSnapshot.PlacementFacts.Available seen) {
        return seen.rootsOf(true)
                .filter(root -> seen.computes().contains(root) && seen.count(root, false) == 0)
                .map(root -> new CheckResult(
                        CheckResult.Severity.warning,
                        seen.rootName(root),
                        "a nova-compute stands on this root, and %d PCI providers of ours are below it: with [pci]report_in_placement off it does not start again, with it on it removes those whose devices it does not list itself"
                                .formatted(seen.count(root, true)),
                        "give our providers a root of their own (spec.rootProvider), or see docs/nova-coexistence.md"))
                .toList();
    }
}
