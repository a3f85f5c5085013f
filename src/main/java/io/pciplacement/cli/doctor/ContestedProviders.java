package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import java.util.List;
import java.util.stream.Stream;

/** Check that no other client writes the providers that the operator writes. */
record ContestedProviders() implements Check {

    @Override
    public String name() {
        return "ContestedProviders";
    }

    @Override
    public String healthy() {
        return "no other client changes the operator's providers back";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return patient.hosts().stream()
                .flatMap(
                        host -> contested(host)
                                .map(
                                        row -> new CheckResult(
                                                CheckResult.Severity.warning,
                                                CloudSnapshot.name(host),
                                                row.message() == null ? row.name() : row.message(),
                                                "docs/nova-coexistence.md shows which of the two may write; then set spec.paused and remove it again, and the operator writes the provider once more")))
                .toList();
    }

    private static Stream<ProviderStatus> contested(HostPciInventory host) {
        return host.getStatus() == null || host.getStatus().providers() == null
                ? Stream.of()
                : host.getStatus().providers().stream().filter(row -> row.state() == ProviderState.CONTESTED);
    }
}
