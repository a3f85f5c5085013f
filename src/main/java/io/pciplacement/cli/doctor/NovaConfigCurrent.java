package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.placement.ResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Check that the nova-compute of each host that the operator does not write runs with the configuration that is
 * exported from the device specs. It shows after each step of docs/tasks/migrate-from-nova.md whether the next one is
 * safe.
 */
record NovaConfigCurrent() implements PlacementCheck {

    @Override
    public String checkName() {
        return "NovaConfigCurrent";
    }

    @Override
    public String okMessage() {
        return "no nova-compute has to be restarted with the configuration of pci export --for-nova";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement) {
        return snapshot.hosts().stream()
                .filter(host -> !host.isReportingEnabled())
                .flatMap(host -> placement
                        .findComputeNode(host.rootProviderName())
                        .map(root -> evaluateHost(host, root, placement).stream())
                        .orElseGet(() -> findUnusedRoot(host, placement).stream()))
                .toList();
    }

    /** A root provider of the operator that nova-compute does not use, because it has another UUID. */
    private static Optional<CheckResult> findUnusedRoot(
            HostPciInventory host, CloudSnapshot.PlacementFacts.Available placement) {
        return placement
                .findOperatorRoot(host.rootProviderName())
                .filter(root -> host.isManagedByNova())
                .map(root -> new CheckResult(
                        CheckResult.Severity.warning,
                        CloudSnapshot.hostName(host),
                        "no nova-compute uses root provider %s (%s), which the operator created: a nova-compute with another UUID cannot create its root provider, because the name is taken"
                                .formatted(root.name(), root.uuid()),
                        "write %s to the file compute_id in the state directory of this nova-compute before its first start; see docs/tasks/migrate-from-nova.md"
                                .formatted(root.uuid())));
    }

    private static Optional<CheckResult> evaluateHost(
            HostPciInventory host, ResourceProvider root, CloudSnapshot.PlacementFacts.Available placement) {
        List<ProviderStatus> rows =
                Optional.ofNullable(host.getStatus()).map(status -> status.providers()).orElse(List.of()).stream()
                        .filter(row -> row.deviceSpec() != null || row.state() == ProviderState.AWAITING_NOVA)
                        .toList();
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        Map<String, ResourceProvider> existing = placement.pciProviders().stream()
                .filter(provider -> provider.root().equals(root.uuid()))
                .collect(Collectors.toMap(ResourceProvider::name, Function.identity(), (one, other) -> one));
        List<String> differences = describeDifferences(rows, existing, placement);
        if (differences.isEmpty()) {
            return host.isManagedByNova() ? Optional.empty() : Optional.of(readyForNova(host, rows.size()));
        }
        String node = CloudSnapshot.hostName(host);
        return Optional.of(new CheckResult(
                host.isManagedByNova() ? CheckResult.Severity.warning : CheckResult.Severity.note,
                node,
                "its nova-compute does not run with the configuration of the device specs: of %d providers, %s%s"
                        .formatted(
                                rows.size(),
                                String.join(", ", differences),
                                existing.isEmpty()
                                        ? ""
                                        : "; do not turn report_in_placement off, since it does not start then"),
                "pci plan --node %1$s shows the difference; replace device_spec in its nova.conf by the output of pci export --for-nova --node %1$s, and restart nova-compute%2$s"
                        .formatted(
                                node,
                                host.isManagedByNova()
                                        ? ""
                                        : ", then set spec.reporting: Nova (not Enabled while nova-compute runs)")));
    }

    private static CheckResult readyForNova(HostPciInventory host, int providers) {
        return new CheckResult(
                CheckResult.Severity.note,
                CloudSnapshot.hostName(host),
                "all %d providers below the root provider of its nova-compute match the device specs and have the ownership trait"
                        .formatted(providers),
                "set spec.reporting: Nova, so that differences are reported; keep report_in_placement on");
    }

    private static List<String> describeDifferences(
            List<ProviderStatus> rows,
            Map<String, ResourceProvider> existing,
            CloudSnapshot.PlacementFacts.Available placement) {
        List<String> absent = new ArrayList<>();
        List<String> unmarked = new ArrayList<>();
        List<String> different = new ArrayList<>();
        for (ProviderStatus row : rows) {
            ResourceProvider provider = existing.get(row.name());
            if (provider == null) {
                absent.add(row.name());
            } else if (!placement.operatorProviders().contains(provider.uuid())) {
                unmarked.add(row.name());
            } else if (differs(row)) {
                different.add(row.name());
            }
        }
        return Stream.of(
                        describe("missing", absent),
                        describe("without the operator's ownership trait", unmarked),
                        describe("with another class, total or traits", different))
                .flatMap(Optional::stream)
                .toList();
    }

    private static boolean differs(ProviderStatus row) {
        return switch (row.state()) {
            case PLANNED, PENDING, AWAITING_NOVA, ORPHANED, RETIRED -> true;
            case IN_SYNC, QUARANTINED, HELD, CONFLICTING, CONTESTED -> false;
        };
    }

    private static Optional<String> describe(String problem, List<String> names) {
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of("%s: %d (%s)".formatted(problem, names.size(), names.getFirst()));
    }
}
