package io.pciplacement.cli.doctor;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.util.List;
import java.util.Optional;

/** No host says that it is not as it should be. */
record HostsReady() implements Check {

    @Override
    public String name() {
        return "HostsReady";
    }

    @Override
    public String healthy() {
        return "every host is Ready";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return patient.hosts().stream()
                .flatMap(host -> ready(host)
                        .filter(condition -> "False".equals(condition.getStatus()))
                        .map(condition -> new CheckResult(
                                CheckResult.Severity.warning,
                                CloudSnapshot.name(host),
                                condition.getReason() + ": " + condition.getMessage(),
                                "docs/reasons.md tells what to do about " + condition.getReason()))
                        .stream())
                .toList();
    }

    private static Optional<Condition> ready(HostPciInventory host) {
        return Optional.ofNullable(host.getStatus())
                .map(status -> status.conditions())
                .flatMap(conditions -> conditions.stream()
                        .filter(condition -> ConditionType.READY.equals(condition.getType()))
                        .findFirst());
    }
}
