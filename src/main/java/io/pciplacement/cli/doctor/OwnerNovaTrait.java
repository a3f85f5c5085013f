package io.pciplacement.cli.doctor;

import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Check that roots and PCI providers have OWNER_NOVA, which the scheduler requires once all nova-computes are Nova 34.
 */
record OwnerNovaTrait() implements PlacementCheck {

    @Override
    public String checkName() {
        return "OwnerNovaTrait";
    }

    @Override
    public String okMessage() {
        return "the operator's providers and their roots have the trait that Nova's scheduler requires";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement) {
        if (!placement.knownTraits().contains(Trait.OWNER_NOVA)) {
            return List.of(new CheckResult(
                    CheckResult.Severity.note,
                    "Placement",
                    "it does not have the trait OWNER_NOVA, which the scheduler of Nova 34 requires",
                    "upgrade Placement's os-traits before upgrading to Nova 34; the operator then adds the trait"));
        }
        List<CheckResult> results = new ArrayList<>();
        for (UUID root : placement.rootsWithProviders(true).toList()) {
            if (!placement.ownerNovaProviders().contains(root)) {
                results.add(
                        new CheckResult(
                                CheckResult.Severity.warning,
                                placement.rootProviderName(root),
                                "the root provider has no OWNER_NOVA: the scheduler of Nova 34 does not select it",
                                "a nova-compute adds the trait to its own root provider when it is upgraded; for other roots, run openstack resource provider trait set"));
            }
            List<String> without = placement.pciProviders().stream()
                    .filter(provider -> provider.root().equals(root)
                            && placement.operatorProviders().contains(provider.uuid()))
                    .filter(provider -> !placement.ownerNovaProviders().contains(provider.uuid()))
                    .map(ResourceProvider::name)
                    .sorted()
                    .toList();
            if (!without.isEmpty()) {
                results.add(
                        new CheckResult(
                                CheckResult.Severity.warning,
                                placement.rootProviderName(root),
                                "%d of its providers have no OWNER_NOVA (%s): the scheduler of Nova 34 does not select them"
                                        .formatted(without.size(), without.getFirst()),
                                snapshot.isWrittenByOperator(placement.rootProviderName(root))
                                        ? "set PCI_OWNER_NOVA to true, which is the default, and run the operator"
                                        : "nova-compute writes them: replace device_spec in its nova.conf by the output of pci export --for-nova, and restart nova-compute"));
            }
        }
        return results;
    }
}
