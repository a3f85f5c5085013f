package io.pciplacement.cli.doctor;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Clocks agree: who leads, and whether an agent lives, is told by times that others wrote. */
record ClockSkew() implements Check {

    @Override
    public String name() {
        return "ClockSkew";
    }

    /** The times that servers tell have whole seconds, and answers take their time. */
    private static final Duration TOLERATED = Duration.ofSeconds(5);

    @Override
    public String healthy() {
        return "the clocks of the API server, Placement and the agents agree with this machine's";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return patient.clocks().entrySet().stream()
                .filter(entry -> entry.getValue().abs().compareTo(TOLERATED) > 0)
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new CheckResult(
                        CheckResult.Severity.warning,
                        entry.getKey(),
                        "its clock is %s %s this machine's: agents may seem silent that are not, and tokens ended"
                                .formatted(
                                        AgentsReporting.text(entry.getValue()),
                                        entry.getValue().isNegative() ? "behind" : "ahead of"),
                        "run chrony or ntpd on both"))
                .toList();
    }
}
