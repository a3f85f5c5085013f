package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.ClusterView.Heartbeat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a host's status says of its agent: whether the device list can be relied on, and what it leaves out. */
final class AgentReport {

    private AgentReport() {}

    /** Whether an agent has published a device list for the object. */
    static boolean hasList(@Nullable HostPciInventoryStatus status) {
        return status != null
                && status.devices() != null
                && status.agent() != null
                && status.agent().inventoryHash() != null;
    }

    static void inventoryFresh(Conditions conditions, @Nullable AgentStatus agent, Heartbeat heartbeat) {
        if (agent == null || agent.inventoryHash() == null) {
            conditions.isUnknown(
                    "InventoryFresh",
                    Reason.AgentNeverReported,
                    "No agent has published this host's devices yet. Check that the agent's pod runs on the node.");
        } else if (agent.error() != null && !agent.error().isEmpty() && !Boolean.TRUE.equals(agent.truncated())) {
            conditions.isFalse("InventoryFresh", Reason.ScanFailed, agent.error() + " The list is the one before.");
        } else {
            String left = skipped(agent.skipped());
            switch (heartbeat) {
                case NONE ->
                    conditions.isUnknown(
                            "InventoryFresh",
                            Reason.AgentSilent,
                            "The agent has no Lease, so nobody knows whether the list is of today." + left);
                case STALE ->
                    conditions.isFalse(
                            "InventoryFresh",
                            Reason.AgentSilent,
                            "The agent has not renewed its Lease in time; the list may be old. Check its pod on the node."
                                    + left);
                case ALIVE -> {
                    boolean truncated = Boolean.TRUE.equals(agent.truncated());
                    conditions.isTrue(
                            "InventoryFresh",
                            truncated ? Reason.Truncated : Reason.AgentReporting,
                            truncated
                                    ? Objects.requireNonNullElse(agent.error(), "Some devices are left out.") + left
                                    : "The agent reports." + left);
                }
            }
        }
    }

    private static String skipped(AgentStatus.@Nullable Skipped skipped) {
        if (skipped == null || skipped.count() == 0) {
            return "";
        }
        List<String> named = Objects.requireNonNullElse(skipped.addresses(), List.of());
        return " %d devices are left out, for Placement's names cannot carry their addresses: %s%s."
                .formatted(skipped.count(), String.join(", ", named), skipped.count() > named.size() ? ", ..." : "");
    }
}
