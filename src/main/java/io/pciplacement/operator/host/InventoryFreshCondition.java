package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AgentStatus.SkippedGroup;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.status.ConditionsBuilder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a host's status says of its agent: whether the device list can be relied on, and what it leaves out. */
public final class InventoryFreshCondition {

    private static final int MOST_NAMED = 16;

    private InventoryFreshCondition() {}

    /** @param hashReused whether the agent has published another list under the same hash */
    public static void inventoryFresh(
            ConditionsBuilder conditions, @Nullable AgentStatus agent, Heartbeat heartbeat, boolean hashReused) {
        if (agent == null || agent.inventoryHash() == null) {
            conditions.isUnknown(
                    ConditionType.INVENTORY_FRESH,
                    ConditionReason.AGENT_NEVER_REPORTED,
                    "No agent has published this host's devices yet. Check that the agent's pod runs on the node.");
        } else if (agent.error() != null && !agent.error().isEmpty() && !Boolean.TRUE.equals(agent.truncated())) {
            conditions.isFalse(
                    ConditionType.INVENTORY_FRESH,
                    ConditionReason.SCAN_FAILED,
                    agent.error() + " The list is the one before.");
        } else if (hashReused) {
            conditions.isFalse(
                    ConditionType.INVENTORY_FRESH,
                    ConditionReason.INVENTORY_HASH_REUSED,
                    "The agent has published different device lists under the same inventoryHash. Placement follows the"
                            + " list. Check the agent's version on the node; the host may be compromised.");
        } else {
            String left = skipped(agent.skipped());
            switch (heartbeat) {
                case NONE ->
                    conditions.isUnknown(
                            ConditionType.INVENTORY_FRESH,
                            ConditionReason.AGENT_HEARTBEAT_EXPIRED,
                            "The agent has no Lease, so nobody knows whether the list is of today." + left);
                case STALE ->
                    conditions.isFalse(
                            ConditionType.INVENTORY_FRESH,
                            ConditionReason.AGENT_HEARTBEAT_EXPIRED,
                            "The agent has not renewed its Lease in time; the list may be old. Check its pod on the node."
                                    + left);
                case ALIVE -> {
                    boolean truncated = Boolean.TRUE.equals(agent.truncated());
                    conditions.isTrue(
                            ConditionType.INVENTORY_FRESH,
                            truncated ? ConditionReason.TRUNCATED : ConditionReason.AGENT_REPORTING,
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
                .map(InventoryFreshCondition::skipped)
                .collect(Collectors.joining());
    }

    private static String skipped(SkippedGroup group) {
        Optional<SkipReason> reason = SkipReason.findByValue(group.reason());
        if (reason.isEmpty()) {
            return skipped(group, "left out (%s)".formatted(group.reason()));
        }
        return switch (reason.get()) {
            case BRIDGE -> "";
            case UNSUPPORTED_ADDRESS -> skipped(group, "left out, for Placement's names cannot carry their addresses");
            case UNREADABLE -> skipped(group, "left out, because they could not be read (the agent's log says why)");
        };
    }

    private static String skipped(SkippedGroup group, String why) {
        List<String> known = Objects.requireNonNullElse(group.addresses(), List.of());
        List<String> named = known.subList(0, Math.min(known.size(), MOST_NAMED));
        return " %d devices are %s: %s%s."
                .formatted(group.count(), why, String.join(", ", named), group.count() > named.size() ? ", ..." : "");
    }
}
