package io.pciplacement.cli.output;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.PciAddress;
import java.util.List;
import java.util.UUID;

/** Server to which libvirt has attached a device, as commands show it. */
public record AttachedServerOutput(UUID uuid, String name, boolean running) {

    /** Returns the servers that have a device. */
    public static List<AttachedServerOutput> of(HostAttachments attachments, PciAddress device) {
        return attachments.serversWith(device).stream()
                .map(server -> new AttachedServerOutput(server.uuid(), server.name(), server.running()))
                .toList();
    }
}
