package io.pciplacement.planning.attachment;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.List;

/**
 * A server in the list of one host.
 *
 * @param knowledge how reliable the list is
 */
public record ServerSighting(String node, Knowledge knowledge, AttachedServer server) {

    /** Whether the agent has read the list from libvirt and can still reach it. */
    boolean isCurrent() {
        return switch (knowledge) {
            case COMPLETE, INCOMPLETE -> true;
            case NONE, OUTDATED -> false;
        };
    }

    /** The devices of the server, in order. */
    List<DeviceRef> devices() {
        return server.devices().keySet().stream()
                .map(device -> new DeviceRef(node, device))
                .toList();
    }
}
