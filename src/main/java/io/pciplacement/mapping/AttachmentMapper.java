package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.AgentStatus.LibvirtStatus;
import io.pciplacement.api.v1alpha1.AttachmentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.PciAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Mapper of the attachments in a host's status. The CRD's patterns make all fields valid; others are ignored. */
public final class AttachmentMapper {

    private AttachmentMapper() {}

    public static HostAttachments toAttachments(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        if (status == null || status.agent() == null || status.agent().libvirt() == null) {
            return HostAttachments.UNKNOWN;
        }
        List<AttachmentStatus> rows = status.attachments();
        return rows == null
                ? HostAttachments.UNKNOWN
                : new HostAttachments(
                        readKnowledge(status.agent().libvirt()),
                        rows.stream()
                                .map(AttachmentMapper::toServer)
                                .flatMap(Optional::stream)
                                .toList());
    }

    private static Knowledge readKnowledge(LibvirtStatus libvirt) {
        if (!libvirt.reachable()) {
            return Knowledge.OUTDATED;
        }
        return Boolean.TRUE.equals(libvirt.incomplete()) ? Knowledge.INCOMPLETE : Knowledge.COMPLETE;
    }

    private static Optional<AttachedServer> toServer(AttachmentStatus row) {
        UUID uuid;
        try {
            uuid = UUID.fromString(row.serverUuid());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        SortedMap<PciAddress, AttachmentKind> devices = new TreeMap<>();
        for (AttachmentStatus.AttachedDevice device : row.devices()) {
            AttachmentKind kind = AttachmentKind.findByValue(device.kind()).orElse(AttachmentKind.DEVICE);
            PciAddress.parse(device.address()).ifPresent(address -> devices.put(address, kind));
        }
        return Optional.of(new AttachedServer(
                uuid,
                Objects.requireNonNullElse(row.serverName(), row.serverUuid()),
                row.projectId(),
                row.userId(),
                Boolean.TRUE.equals(row.running()),
                devices));
    }
}
