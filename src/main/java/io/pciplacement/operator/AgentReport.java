package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AgentStatus.SkippedGroup;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.operator.ClusterView.Heartbeat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a host's status says of its agent: whether the device list can be relied on, and what it leaves out. */
final class AgentReport {

    private static final int MOST_NAMED = 16;

    private AgentReport() {}

    /** Whether an agent has published a device list for the object. */
    static boolean hasList(@Nullable HostPciInventoryStatus status) {
        return status != null && status.devices() != null;
    }

    /** @param hashReused whether the agent has published another list under the same hash */
    static void inventoryFresh(
            Conditions conditions, @Nullable AgentStatus agent, Heartbeat heartbeat, boolean hashReused) {
        if (agent == null || agent.inventoryHash() == null) {
            conditions.isUnknown(
                    "InventoryFresh",
                    Reason.AgentNeverReported,
                    "No agent has published this host's devices yet. Check that the agent's pod runs on the node.");
        } else if (agent.error() != null && !agent.error().isEmpty() && !Boolean.TRUE.equals(agent.truncated())) {
            conditions.isFalse("InventoryFresh", Reason.ScanFailed, agent.error() + " The list is the one before.");
        } else if (hashReused) {
            conditions.isFalse(
                    "InventoryFresh",
                    Reason.InventoryHashReused,
                    "The agent has published different device lists under the same inventoryHash. Placement follows the"
                            + " list. Check the agent's version on the node; the host may be compromised.");
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

    /** What a user may miss in the list. Bridges are not among it: they are left out on every host. */
    private static String skipped(AgentStatus.@Nullable Skipped skipped) {
        if (skipped == null || skipped.reasons() == null) {
            return "";
        }
        return skipped.reasons().stream()
                .filter(group -> group.count() > 0)
                .map(AgentReport::skipped)
                .collect(Collectors.joining());
    }

    private static String skipped(SkippedGroup group) {
        Optional<SkipReason> reason = SkipReason.of(group.reason());
        if (reason.isEmpty()) {
            return skipped(group, "left out (%s)".formatted(group.reason()));
        }
        return switch (reason.get()) {
            case Bridge -> "";
            case UnsupportedAddress -> skipped(group, "left out, for Placement's names cannot carry their addresses");
            case Unreadable -> skipped(group, "left out, because they could not be read (the agent's log says why)");
        };
    }

    private static String skipped(SkippedGroup group, String why) {
        List<String> known = Objects.requireNonNullElse(group.addresses(), List.of());
        List<String> named = known.subList(0, Math.min(known.size(), MOST_NAMED));
        return " %d devices are %s: %s%s."
                .formatted(group.count(), why, String.join(", ", named), group.count() > named.size() ? ", ..." : "");
    }
}
