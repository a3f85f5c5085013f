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

/** No host has so many providers of one class that Nova's scheduling takes Placement minutes. */
record ProviderFanOut() implements Check {

    @Override
    public String name() {
        return "ProviderFanOut";
    }

    private static final long WIDE = 8;

    @Override
    public String healthy() {
        return "no host has %d providers of one class or more".formatted(WIDE);
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return patient.hosts().stream().flatMap(ProviderFanOut::examine).toList();
    }

    private static Stream<CheckResult> examine(HostPciInventory host) {
        Map<String, Long> byClass =
                Optional.ofNullable(host.getStatus()).map(status -> status.providers()).orElse(List.of()).stream()
                        .map(ProviderStatus::resourceClass)
                        .filter(Objects::nonNull)
                        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
        return byClass.entrySet().stream()
                .filter(entry -> entry.getValue() >= WIDE)
                .map(
                        entry -> new CheckResult(
                                CheckResult.Severity.note,
                                CloudSnapshot.name(host),
                                "%d providers of class %s: a server that asks Nova for several of them makes Placement weigh every choice"
                                        .formatted(entry.getValue(), entry.getKey()),
                                "set [placement]max_allocation_candidates and allocation_candidates_generation_strategy; a PciAllocation is not concerned"));
    }
}
