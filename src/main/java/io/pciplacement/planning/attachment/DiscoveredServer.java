package io.pciplacement.planning.attachment;

import io.pciplacement.planning.allocation.DeviceRef;
import java.util.List;
import java.util.UUID;

/**
 * Content of the PciAllocation of a server that libvirt has.
 *
 * @param name name of the server
 */
public record DiscoveredServer(UUID uuid, String name, String projectId, String userId, List<DeviceRef> devices) {

    public DiscoveredServer {
        devices = devices.stream().sorted().toList();
    }

    /** Whether both have the same consumer, which cannot be changed. */
    boolean hasSameConsumer(DiscoveredServer other) {
        return uuid.equals(other.uuid) && projectId.equals(other.projectId) && userId.equals(other.userId);
    }
}
