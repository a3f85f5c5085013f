package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every host's agent lives, and has published what the host has. */
record AgentsReporting() implements Check {

    @Override
    public String name() {
        return "AgentsReporting";
    }

    @Override
    public String healthy() {
        return "every host's agent reports";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return patient.hosts().stream()
                .flatMap(host -> examine(patient, host).stream())
                .toList();
    }

    private static List<CheckResult> examine(CloudSnapshot patient, HostPciInventory host) {
        String node = CloudSnapshot.name(host);
        Optional<AgentStatus> agent = Optional.ofNullable(host.getStatus()).map(status -> status.agent());
        if (agent.map(AgentStatus::inventoryHash).isEmpty()) {
            return List.of(new CheckResult(
                    CheckResult.Severity.warning,
                    node,
                    "no agent has ever published this host's devices",
                    "look at the agent's pod on the node: kubectl get pods -A -o wide --field-selector spec.nodeName="
                            + node));
        }
        return Stream.concat(late(patient, node).stream(), failed(node, agent.get()).stream())
                .toList();
    }

    private static Optional<CheckResult> late(CloudSnapshot patient, String node) {
        if (patient.heartbeats().isEmpty()) {
            return Optional.empty();
        }
        CloudSnapshot.Heartbeat beat = patient.heartbeats().get().get(node);
        if (beat == null) {
            return Optional.of(new CheckResult(
                    CheckResult.Severity.warning,
                    node,
                    "its agent has no Lease: nobody knows whether the list of devices is of today",
                    "look at the agent's pod on the node, and whether its namespace is the one given (--namespace)"));
        }
        Duration age = Duration.between(beat.renewed(), patient.now());
        return age.compareTo(beat.lasts()) <= 0
                ? Optional.empty()
                : Optional.of(new CheckResult(
                        CheckResult.Severity.warning,
                        node,
                        "its agent has been silent for %s: the list of devices may be old".formatted(text(age)),
                        "look at the agent's pod on the node; where the node is gone, delete its HostPciInventory"));
    }

    private static Optional<CheckResult> failed(String node, AgentStatus agent) {
        return agent.error() == null || agent.error().isEmpty()
                ? Optional.empty()
                : Optional.of(new CheckResult(
                        CheckResult.Severity.warning, node, "its agent says: " + agent.error(), "see docs/agent.md"));
    }

    static String text(Duration duration) {
        long seconds = Math.abs(duration.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
