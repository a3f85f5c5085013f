package io.pciplacement.pci;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The devices of a host that libvirt has attached to servers.
 *
 * @param knowledge how reliable the list is
 * @param servers the servers, by UUID
 */
public record HostAttachments(Knowledge knowledge, List<AttachedServer> servers) {

    /** How reliable a list of attachments is. */
    public enum Knowledge {
        /** The agent does not read libvirt, or has not done so yet. */
        NONE,
        /** libvirt is not reachable: the list may be outdated. */
        OUTDATED,
        /** Attachments of some servers may be missing or outdated. */
        INCOMPLETE,
        COMPLETE
    }

    public static final HostAttachments UNKNOWN = new HostAttachments(Knowledge.NONE, List.of());

    public HostAttachments {
        servers = List.copyOf(servers);
    }

    /** Whether a device is attached to a server, running or stopped. */
    public boolean isAttached(PciAddress device) {
        return servers.stream().anyMatch(server -> server.devices().containsKey(device));
    }

    /** The devices that are attached to any server. */
    public Set<PciAddress> attachedDevices() {
        return servers.stream()
                .flatMap(server -> server.devices().keySet().stream())
                .collect(Collectors.toSet());
    }

    /** The devices that are attached to other servers than this one. */
    public Set<PciAddress> devicesOfOthers(UUID server) {
        return servers.stream()
                .filter(other -> !other.uuid().equals(server))
                .flatMap(other -> other.devices().keySet().stream())
                .collect(Collectors.toSet());
    }

    /** The server with a UUID; empty if the host does not list it. */
    public Optional<AttachedServer> findServer(UUID uuid) {
        return servers.stream().filter(server -> server.uuid().equals(uuid)).findFirst();
    }

    /** The servers that have a device; more than one if all but one of them are stopped. */
    public List<AttachedServer> serversWith(PciAddress device) {
        return servers.stream()
                .filter(server -> server.devices().containsKey(device))
                .toList();
    }
}
