package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AgentStatus.SkippedGroup;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.text.CountFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Explanation of why the device list of a host has no device at an address. */
public final class AbsentDeviceExplanation {

    private AbsentDeviceExplanation() {}

    /** Reason why the agent skipped the function at an address of any form; empty if the agent did not report it. */
    static Optional<String> findSkipReason(HostPciInventory host, String address) {
        return skippedGroups(host).stream()
                .filter(group -> groupAddresses(group).contains(address))
                .findFirst()
                .map(group -> "host %s does not list %s: %s"
                        .formatted(host.getMetadata().getName(), address, describeReason(group)));
    }

    public static String explain(HostPciInventory host, HostDevices devices, String address) {
        return findSkipReason(host, address)
                .orElseGet(() -> "host %s has no device %s in its list of %s%s"
                        .formatted(
                                host.getMetadata().getName(),
                                address,
                                CountFormat.format(devices.size(), "device"),
                                collectHints(host)));
    }

    private static String collectHints(HostPciInventory host) {
        AgentStatus agent = host.getStatus() == null ? null : host.getStatus().agent();
        if (agent == null || agent.inventoryHash() == null) {
            return ": no agent has published a list yet; check that the agent's pod runs on the node";
        }
        List<String> hints = new ArrayList<>();
        if (Boolean.TRUE.equals(agent.truncated())) {
            hints.add("the list is truncated (%s)".formatted(agent.error()));
        }
        for (SkippedGroup group : skippedGroups(host)) {
            int unlisted = group.count() - groupAddresses(group).size();
            if (unlisted > 0) {
                hints.add("%s skipped with reason %s, possibly this one"
                        .formatted(
                                CountFormat.format(unlisted, "more function is", "more functions are"),
                                group.reason()));
            }
        }
        return hints.isEmpty() ? ": the host has no function at this address" : ": " + String.join("; ", hints);
    }

    private static String describeReason(SkippedGroup group) {
        Optional<SkipReason> reason = SkipReason.findByValue(group.reason());
        if (reason.isEmpty()) {
            return "the agent skips it (%s)".formatted(group.reason());
        }
        return switch (reason.get()) {
            case BRIDGE ->
                "it is a host bridge or a PCI-to-PCI bridge; these cannot be passed through and are never listed";
            case UNSUPPORTED_ADDRESS ->
                "its domain has more than four digits (a VMD controller?), which Placement's names cannot contain";
            case UNREADABLE -> "its attributes could not be read or are invalid; the agent's log says which";
        };
    }

    private static List<SkippedGroup> skippedGroups(HostPciInventory host) {
        AgentStatus agent = host.getStatus() == null ? null : host.getStatus().agent();
        return agent == null || agent.skipped() == null
                ? List.of()
                : Objects.requireNonNullElse(agent.skipped().reasons(), List.of());
    }

    private static List<String> groupAddresses(SkippedGroup group) {
        return Objects.requireNonNullElse(group.addresses(), List.of());
    }
}
