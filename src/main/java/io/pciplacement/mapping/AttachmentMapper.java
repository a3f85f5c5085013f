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
import io.pciplacement.planning.attachment.ServerSighting;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** Mapper of the attachments in a host's status. The CRD's patterns make all fields valid; others are ignored. */
public final class AttachmentMapper {

    private AttachmentMapper() {}

    public static HostAttachments toAttachments(HostPciInventory host) {
        Knowledge knowledge = readKnowledge(host);
        return knowledge == Knowledge.NONE
                ? HostAttachments.UNKNOWN
                : new HostAttachments(
                        knowledge,
                        rowsOf(host)
                                .map(AttachmentMapper::toServer)
                                .flatMap(Optional::stream)
                                .toList());
    }

    /** How reliable a host's list is. */
    public static Knowledge readKnowledge(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return status == null
                        || status.agent() == null
                        || status.agent().libvirt() == null
                        || status.attachments() == null
                ? Knowledge.NONE
                : readKnowledge(status.agent().libvirt());
    }

    /** The UUIDs of the servers that a host lists. */
    public static List<UUID> serverUuids(HostPciInventory host) {
        return rowsOf(host).flatMap(row -> parseUuid(row.serverUuid()).stream()).toList();
    }

    /** The server in the list of a host; empty if the list does not have it. */
    public static Optional<ServerSighting> findSighting(HostPciInventory host, UUID server) {
        return rowsOf(host)
                .filter(row -> row.serverUuid().equals(server.toString()))
                .findFirst()
                .flatMap(AttachmentMapper::toServer)
                .map(found -> new ServerSighting(host.getMetadata().getName(), readKnowledge(host), found));
    }

    private static Stream<AttachmentStatus> rowsOf(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return status == null || status.attachments() == null ? Stream.of() : status.attachments().stream();
    }

    private static Knowledge readKnowledge(LibvirtStatus libvirt) {
        if (!libvirt.reachable()) {
            return Knowledge.OUTDATED;
        }
        return Boolean.TRUE.equals(libvirt.incomplete()) ? Knowledge.INCOMPLETE : Knowledge.COMPLETE;
    }

    private static Optional<UUID> parseUuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<AttachedServer> toServer(AttachmentStatus row) {
        Optional<UUID> uuid = parseUuid(row.serverUuid());
        if (uuid.isEmpty()) {
            return Optional.empty();
        }
        SortedMap<PciAddress, AttachmentKind> devices = new TreeMap<>();
        for (AttachmentStatus.AttachedDevice device : row.devices()) {
            AttachmentKind kind = AttachmentKind.findByValue(device.kind()).orElse(AttachmentKind.DEVICE);
            PciAddress.parse(device.address()).ifPresent(address -> devices.put(address, kind));
        }
        return Optional.of(new AttachedServer(
                uuid.get(),
                Objects.requireNonNullElse(row.serverName(), row.serverUuid()),
                row.projectId(),
                row.userId(),
                Boolean.TRUE.equals(row.running()),
                devices));
    }
}
