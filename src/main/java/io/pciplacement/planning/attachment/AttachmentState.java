package io.pciplacement.planning.attachment;

import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Whether libvirt has attached the devices that a PciAllocation names to its server. */
public sealed interface AttachmentState {

    /** Not known: libvirt is not read or not reachable, or the server is being moved. */
    record Unknown() implements AttachmentState {}

    /** The server has exactly these devices. */
    record Attached() implements AttachmentState {}

    /** The server has other devices. */
    record Elsewhere(List<DeviceRef> attached) implements AttachmentState {

        public Elsewhere {
            attached = List.copyOf(attached);
        }
    }

    /** No host of the devices lists the server. */
    record NotAttached() implements AttachmentState {}

    /**
     * Compares the devices of a PciAllocation with libvirt.
     *
     * @param sightings the hosts that list the server
     * @param devices the devices of the PciAllocation
     * @param knowledgeOf how reliable the list of a host is; empty if the host does not exist
     */
    static AttachmentState compare(
            List<ServerSighting> sightings,
            List<DeviceRef> devices,
            Function<String, Optional<Knowledge>> knowledgeOf) {
        return switch (sightings.size()) {
            case 0 ->
                !devices.isEmpty()
                                && devices.stream()
                                        .map(DeviceRef::node)
                                        .allMatch(
                                                node -> knowledgeOf.apply(node).equals(Optional.of(Knowledge.COMPLETE)))
                        ? new NotAttached()
                        : new Unknown();
            case 1 -> compare(sightings.getFirst(), devices);
            default -> new Unknown();
        };
    }

    private static AttachmentState compare(ServerSighting sighting, List<DeviceRef> devices) {
        if (!sighting.isCurrent()) {
            return new Unknown();
        }
        List<DeviceRef> attached = sighting.devices();
        return attached.equals(devices.stream().sorted().toList()) ? new Attached() : new Elsewhere(attached);
    }
}
