package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Check that the agent of every host is alive and has published the devices of the host. */
record AgentsReporting() implements Check {

    @Override
    public String checkName() {
        return "AgentsReporting";
    }

    @Override
    public String okMessage() {
        return "the agent of every host reports";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.hosts().stream()
                .flatMap(host -> evaluateHost(snapshot, host).stream())
                .toList();
    }

    private static List<CheckResult> evaluateHost(CloudSnapshot snapshot, HostPciInventory host) {
        String node = CloudSnapshot.hostName(host);
        Optional<AgentStatus> agent = Optional.ofNullable(host.getStatus()).map(status -> status.agent());
        if (agent.map(AgentStatus::inventoryHash).isEmpty()) {
            return List.of(new CheckResult(
                    CheckResult.Severity.warning,
                    node,
                    "no agent has published the devices of this host yet",
                    "check the agent's pod on the node: kubectl get pods -A -o wide --field-selector spec.nodeName="
                            + node));
        }
        return Stream.concat(checkHeartbeat(snapshot, node).stream(), checkAgentError(node, agent.get()).stream())
                .toList();
    }

    private static Optional<CheckResult> checkHeartbeat(CloudSnapshot snapshot, String node) {
        if (snapshot.heartbeats().isEmpty()) {
            return Optional.empty();
        }
        CloudSnapshot.Heartbeat heartbeat = snapshot.heartbeats().get().get(node);
        if (heartbeat == null) {
            return Optional.of(new CheckResult(
                    CheckResult.Severity.warning,
                    node,
                    "the agent has no Lease; the device list may be outdated",
                    "check the agent's pod on the node, and that --namespace is the namespace of the agents"));
        }
        Duration age = Duration.between(heartbeat.renewedAt(), snapshot.takenAt());
        return age.compareTo(heartbeat.validFor()) <= 0
                ? Optional.empty()
                : Optional.of(
                        new CheckResult(
                                CheckResult.Severity.warning,
                                node,
                                "the agent has not sent a heartbeat for %s; the device list may be outdated"
                                        .formatted(formatDuration(age)),
                                "check the agent's pod on the node; if the node no longer exists, delete its HostPciInventory"));
    }

    private static Optional<CheckResult> checkAgentError(String node, AgentStatus agent) {
        return agent.error() == null || agent.error().isEmpty()
                ? Optional.empty()
                : Optional.of(new CheckResult(
                        CheckResult.Severity.warning,
                        node,
                        "the agent reports an error: " + agent.error(),
                        "see docs/agent.md"));
    }

    static String formatDuration(Duration duration) {
        long seconds = Math.abs(duration.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
