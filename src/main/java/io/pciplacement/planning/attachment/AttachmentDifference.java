package io.pciplacement.planning.attachment;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.PciAddress;
import java.util.List;
import java.util.SortedSet;
import java.util.UUID;

/**
 * A difference between the devices that libvirt has attached to servers of a host and their allocations in Placement.
 */
public sealed interface AttachmentDifference {

    /**
     * A consumer has more units of a provider than devices that are attached to it.
     *
     * @param provider name of the provider
     * @param units the units without a device
     */
    record AllocatedNotAttached(UUID consumer, String provider, int units) implements AttachmentDifference {}

    /**
     * A server has more devices of a provider than units.
     *
     * @param provider name of the provider
     * @param devices all devices of the provider that the server has
     * @param units the units that are missing in its allocation
     */
    record AttachedNotAllocated(AttachedServer server, String provider, SortedSet<PciAddress> devices, int units)
            implements AttachmentDifference {}

    /** A device is attached to several servers, so all but one of them cannot be started. */
    record AttachedTwice(PciAddress device, List<AttachedServer> servers) implements AttachmentDifference {}

    /** A server has a device that no spec selects, so Placement does not know that it is in use. */
    record AttachedNotTracked(AttachedServer server, PciAddress device) implements AttachmentDifference {}
}
