package io.pciplacement.cli.doctor;

import java.util.List;

/**
 * Check that the providers that the operator writes do not prevent a nova-compute from starting. With
 * {@code [pci]report_in_placement} off it fails to start if a provider below its root has COMPUTE_MANAGED_PCI_DEVICE.
 * The command cannot read this option. {@link NovaConfigCurrent} checks the providers that nova-compute writes.
 */
record NovaComputeStartup() implements PlacementCheck {

    @Override
    public String checkName() {
        return "NovaComputeStartup";
    }

    @Override
    public String okMessage() {
        return "no nova-compute uses a root provider below which the operator writes PCI providers";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement) {
        return placement
                .rootsWithProviders(true)
                .filter(root -> placement.isComputeNode(root) && placement.countProviders(root, false) == 0)
                .filter(root -> snapshot.isWrittenByOperator(placement.rootProviderName(root)))
                .map(
                        root -> new CheckResult(
                                CheckResult.Severity.warning,
                                placement.rootProviderName(root),
                                "a nova-compute uses this root provider, and %d PCI providers of the operator are below it: with [pci]report_in_placement off it does not start again, with it on it removes those whose devices it does not list itself"
                                        .formatted(placement.countProviders(root, true)),
                                "set spec.reporting: Nova if this nova-compute should report the devices, or use a separate root provider for the operator (spec.rootProvider); see docs/nova-coexistence.md"))
                .toList();
    }
}
