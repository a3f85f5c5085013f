package io.pciplacement.pci;

import java.util.List;

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

    /** The servers that have a device; more than one if all but one of them are stopped. */
    public List<AttachedServer> serversWith(PciAddress device) {
        return servers.stream()
                .filter(server -> server.devices().containsKey(device))
                .toList();
    }
}
