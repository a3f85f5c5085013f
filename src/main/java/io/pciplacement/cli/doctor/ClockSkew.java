package io.pciplacement.cli.doctor;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Check that clocks agree: leader election and agent liveness compare times of different machines. */
record ClockSkew() implements Check {

    @Override
    public String checkName() {
        return "ClockSkew";
    }

    /** Tolerated difference: servers report whole seconds, and responses take time. */
    private static final Duration TOLERANCE = Duration.ofSeconds(5);

    @Override
    public String okMessage() {
        return "the clocks of the API server, Placement and the agents agree with the clock of this machine";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.clockOffsets().entrySet().stream()
                .filter(entry -> entry.getValue().abs().compareTo(TOLERANCE) > 0)
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new CheckResult(
                        CheckResult.Severity.warning,
                        entry.getKey(),
                        "its clock is %s %s the clock of this machine: heartbeats and tokens may seem to have expired"
                                .formatted(
                                        AgentsReporting.formatDuration(entry.getValue()),
                                        entry.getValue().isNegative() ? "behind" : "ahead of"),
                        "run chrony or ntpd on both machines"))
                .toList();
    }
}
