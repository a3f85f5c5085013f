package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Check that no host has so many providers of one class that allocation candidates take Placement minutes. */
record ProviderFanOut() implements Check {

    @Override
    public String checkName() {
        return "ProviderFanOut";
    }

    private static final long THRESHOLD = 8;

    @Override
    public String okMessage() {
        return "no host has %d or more providers of one class".formatted(THRESHOLD);
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.hosts().stream().flatMap(ProviderFanOut::evaluateHost).toList();
    }

    private static Stream<CheckResult> evaluateHost(HostPciInventory host) {
        Map<String, Long> byClass =
                Optional.ofNullable(host.getStatus()).map(status -> status.providers()).orElse(List.of()).stream()
                        .map(ProviderStatus::resourceClass)
                        .filter(Objects::nonNull)
                        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
        return byClass.entrySet().stream()
                .filter(entry -> entry.getValue() >= THRESHOLD)
                .map(
                        entry -> new CheckResult(
                                CheckResult.Severity.note,
                                CloudSnapshot.hostName(host),
                                "%d providers of class %s: if a server requests several of them from Nova, Placement evaluates every combination"
                                        .formatted(entry.getValue(), entry.getKey()),
                                "set [placement]max_allocation_candidates and allocation_candidates_generation_strategy; PciAllocations are not affected"));
    }
}
