package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AgentStatus.SkippedGroup;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.text.CountFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Condition InventoryFresh of a host: whether the device list is current, and which devices it omits. */
public final class InventoryFreshCondition {

    private static final int MAX_NAMED = 16;

    private InventoryFreshCondition() {}

    /** @param hashReused whether the agent has published another list under the same hash */
    public static void setInventoryFresh(
            ConditionsBuilder conditions, @Nullable AgentStatus agent, Heartbeat heartbeat, boolean hashReused) {
        if (agent == null || agent.inventoryHash() == null) {
            conditions.setUnknown(
                    ConditionType.INVENTORY_FRESH,
                    ConditionReason.AGENT_NEVER_REPORTED,
                    "No agent has published this host's devices yet. Check that the agent's pod runs on the node.");
        } else if (agent.error() != null && !agent.error().isEmpty() && !Boolean.TRUE.equals(agent.truncated())) {
            conditions.setFalse(
                    ConditionType.INVENTORY_FRESH,
                    ConditionReason.SCAN_FAILED,
                    agent.error() + " The device list is from the last successful scan.");
        } else if (hashReused) {
            conditions.setFalse(
                    ConditionType.INVENTORY_FRESH,
                    ConditionReason.INVENTORY_HASH_REUSED,
                    "The agent has published different device lists under the same inventoryHash. Placement follows the"
                            + " list. Check the agent's version on the node; the host may be compromised.");
        } else {
            String omitted = skippedDevicesText(agent.skipped());
            switch (heartbeat) {
                case NONE ->
                    conditions.setUnknown(
                            ConditionType.INVENTORY_FRESH,
                            ConditionReason.AGENT_HEARTBEAT_EXPIRED,
                            "The agent has no Lease; the device list may be outdated." + omitted);
                case STALE ->
                    conditions.setFalse(
                            ConditionType.INVENTORY_FRESH,
                            ConditionReason.AGENT_HEARTBEAT_EXPIRED,
                            "The agent has not renewed its Lease in time; the device list may be outdated. Check its pod on the node."
                                    + omitted);
                case ALIVE -> {
                    boolean truncated = Boolean.TRUE.equals(agent.truncated());
                    conditions.setTrue(
                            ConditionType.INVENTORY_FRESH,
                            truncated ? ConditionReason.TRUNCATED : ConditionReason.AGENT_REPORTING,
                            truncated
                                    ? Objects.requireNonNullElse(agent.error(), "Some devices are omitted.") + omitted
                                    : "The agent reports devices." + omitted);
                }
            }
        }
    }

    /**
     * Text about the devices that a user may expect in the list. Bridges are omitted on every host and not mentioned.
     */
    private static String skippedDevicesText(AgentStatus.@Nullable Skipped skipped) {
        if (skipped == null || skipped.reasons() == null) {
            return "";
        }
        return skipped.reasons().stream()
                .filter(group -> group.count() > 0)
                .map(InventoryFreshCondition::skippedDevicesText)
                .collect(Collectors.joining());
    }

    private static String skippedDevicesText(SkippedGroup group) {
        Optional<SkipReason> reason = SkipReason.findByValue(group.reason());
        if (reason.isEmpty()) {
            return skippedDevicesText(group, "omitted (%s)".formatted(group.reason()));
        }
        return switch (reason.get()) {
            case BRIDGE -> "";
            case UNSUPPORTED_ADDRESS ->
                skippedDevicesText(group, "omitted because provider names cannot contain such addresses");
            case UNREADABLE -> skippedDevicesText(group, "omitted as unreadable (see the agent's log)");
        };
    }

    private static String skippedDevicesText(SkippedGroup group, String why) {
        List<String> known = Objects.requireNonNullElse(group.addresses(), List.of());
        List<String> named = known.subList(0, Math.min(known.size(), MAX_NAMED));
        int more = group.count() - named.size();
        return " %s %s%s%s."
                .formatted(
                        CountFormat.format(group.count(), "device is", "devices are"),
                        why,
                        named.isEmpty() ? "" : ": " + String.join(", ", named),
                        more > 0 && !named.isEmpty() ? " and %d more".formatted(more) : "");
    }
}
