package io.pciplacement.cli.doctor;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.util.List;
import java.util.Optional;

/** Check that no host has the condition Ready=False. */
record HostsReady() implements Check {

    @Override
    public String checkName() {
        return "HostsReady";
    }

    @Override
    public String okMessage() {
        return "every host is Ready";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.hosts().stream()
                .flatMap(host -> readyCondition(host)
                        .filter(condition -> "False".equals(condition.getStatus()))
                        .map(condition -> new CheckResult(
                                CheckResult.Severity.warning,
                                CloudSnapshot.hostName(host),
                                condition.getReason() + ": " + condition.getMessage(),
                                "docs/reasons.md describes what to do about " + condition.getReason()))
                        .stream())
                .toList();
    }

    private static Optional<Condition> readyCondition(HostPciInventory host) {
        return Optional.ofNullable(host.getStatus())
                .map(status -> status.conditions())
                .flatMap(conditions -> conditions.stream()
                        .filter(condition -> ConditionType.READY.equals(condition.getType()))
                        .findFirst());
    }
}
