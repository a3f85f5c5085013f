package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AgentStatus.SkippedGroup;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.pci.HostDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Explanation of why a host's device list has no device at an address. */
public final class AbsentDeviceExplanation {

    private AbsentDeviceExplanation() {}

    /** Why an agent has skipped the function at this address, whatever its form; empty if it has not said so. */
    static Optional<String> skipped(HostPciInventory host, String address) {
        return groups(host).stream()
                .filter(group -> addresses(group).contains(address))
                .findFirst()
                .map(group -> "host %s does not list %s: %s"
                        .formatted(host.getMetadata().getName(), address, meaning(group)));
    }

    public static String of(HostPciInventory host, HostDevices devices, String address) {
        return skipped(host, address)
                .orElseGet(() -> "host %s has no device %s in its list of %d devices%s"
                        .formatted(host.getMetadata().getName(), address, devices.size(), hints(host)));
    }

    private static String hints(HostPciInventory host) {
        AgentStatus agent = host.getStatus() == null ? null : host.getStatus().agent();
        if (agent == null || agent.inventoryHash() == null) {
            return ": no agent has published a list yet; check that the agent's pod runs on the node";
        }
        List<String> hints = new ArrayList<>();
        if (Boolean.TRUE.equals(agent.truncated())) {
            hints.add("the list is truncated (%s)".formatted(agent.error()));
        }
        for (SkippedGroup group : groups(host)) {
            int unnamed = group.count() - addresses(group).size();
            if (unnamed > 0) {
                hints.add(
                        "it may be one of %d more functions that are skipped as %s".formatted(unnamed, group.reason()));
            }
        }
        return hints.isEmpty() ? ": the host has no function at this address" : ": " + String.join("; ", hints);
    }

    private static String meaning(SkippedGroup group) {
        Optional<SkipReason> reason = SkipReason.findByValue(group.reason());
        if (reason.isEmpty()) {
            return "its agent skips it (%s)".formatted(group.reason());
        }
        return switch (reason.get()) {
            case BRIDGE ->
                "it is a host bridge or a PCI-to-PCI bridge, which cannot be passed through and is never listed";
            case UNSUPPORTED_ADDRESS ->
                "its domain has more than four digits (a VMD controller?), which Placement's names cannot contain";
            case UNREADABLE -> "its attributes could not be read or are invalid; the agent's log says which";
        };
    }

    private static List<SkippedGroup> groups(HostPciInventory host) {
        AgentStatus agent = host.getStatus() == null ? null : host.getStatus().agent();
        return agent == null || agent.skipped() == null
                ? List.of()
                : Objects.requireNonNullElse(agent.skipped().reasons(), List.of());
    }

    private static List<String> addresses(SkippedGroup group) {
        return Objects.requireNonNullElse(group.addresses(), List.of());
    }
}
