package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.ConditionType;
import java.util.List;

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
                .flatMap(host -> host
                        .findCondition(ConditionType.READY)
                        .filter(condition -> "False".equals(condition.getStatus()))
                        .map(condition -> new CheckResult(
                                CheckResult.Severity.warning,
                                CloudSnapshot.hostName(host),
                                condition.getReason() + ": " + condition.getMessage(),
                                "docs/reasons.md describes what to do about " + condition.getReason()))
                        .stream())
                .toList();
    }
}
