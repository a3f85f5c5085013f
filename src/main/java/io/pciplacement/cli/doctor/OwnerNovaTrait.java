package io.pciplacement.cli.doctor;

import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Roots and PCI providers have OWNER_NOVA, which Nova's scheduler asks for once every nova-compute is of 34. */
record OwnerNovaTrait() implements PlacementCheck {

    @Override
    public String name() {
        return "OwnerNovaTrait";
    }

    @Override
    public String healthy() {
        return "our providers and their roots have the trait that Nova's scheduler asks for";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient, CloudSnapshot.PlacementFacts.Available seen) {
        if (!seen.knownTraits().contains(Trait.OWNER_NOVA)) {
            return List.of(
                    new CheckResult(
                            CheckResult.Severity.note,
                            "Placement",
                            "it does not know the trait OWNER_NOVA, which the scheduler of Nova 34 asks for",
                            "upgrade Placement's os-traits before Nova comes to 34; the operator then adds the trait by itself"));
        }
        List<CheckResult> symptoms = new ArrayList<>();
        for (UUID root : seen.rootsOf(true).toList()) {
            if (!seen.owned().contains(root)) {
                symptoms.add(
                        new CheckResult(
                                CheckResult.Severity.warning,
                                seen.rootName(root),
                                "the root has no OWNER_NOVA: Nova 34's scheduler sends no server there",
                                "where a nova-compute keeps the root it adds the trait when it is upgraded; else: openstack resource provider trait set"));
            }
            List<String> without = seen.managed().stream()
                    .filter(provider ->
                            provider.root().equals(root) && seen.ours().contains(provider.uuid()))
                    .filter(provider -> !seen.owned().contains(provider.uuid()))
                    .map(ResourceProvider::name)
                    .sorted()
                    .toList();
            if (!without.isEmpty()) {
                symptoms.add(new CheckResult(
                        CheckResult.Severity.warning,
                        seen.rootName(root),
                        "%d of its providers have no OWNER_NOVA (%s): Nova 34's scheduler does not see them"
                                .formatted(without.size(), without.getFirst()),
                        "set PCI_OWNER_NOVA to true, which is the default, and let the operator run"));
            }
        }
        return symptoms;
    }
}
