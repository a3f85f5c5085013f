package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import java.util.List;
import java.util.stream.Stream;

/** Check that no other client writes the providers that the operator writes. */
record ContestedProviders() implements Check {

    @Override
    public String checkName() {
        return "ContestedProviders";
    }

    @Override
    public String okMessage() {
        return "no other client reverts the operator's providers";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.hosts().stream()
                .flatMap(
                        host -> contestedProviders(host)
                                .map(
                                        provider -> new CheckResult(
                                                CheckResult.Severity.warning,
                                                CloudSnapshot.hostName(host),
                                                provider.message() == null ? provider.name() : provider.message(),
                                                "docs/nova-coexistence.md shows which of the two clients may write; then set spec.paused and remove it again, so that the operator writes the provider again")))
                .toList();
    }

    private static Stream<ProviderStatus> contestedProviders(HostPciInventory host) {
        return host.getStatus() == null || host.getStatus().providers() == null
                ? Stream.of()
                : host.getStatus().providers().stream().filter(provider -> provider.state() == ProviderState.CONTESTED);
    }
}
