package io.pciplacement.cli.audit;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.attachment.AttachmentDifference;
import io.pciplacement.planning.attachment.DifferenceType;
import io.pciplacement.text.CountFormat;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A difference between the devices of a server and its allocation, as {@code pci audit} shows it.
 *
 * @param provider name of the provider; null if there is none
 * @param servers the servers or consumers that it is about
 * @param detail the devices or units
 * @param firstSeen when the operator first saw it; null if the operator does not report it (yet)
 */
public record AttachmentRow(
        String node,
        String difference,
        @Nullable String provider,
        List<Server> servers,
        String detail,
        @Nullable String firstSeen) {

    /**
     * Server or other consumer.
     *
     * @param name null if libvirt does not know the consumer on this host
     */
    public record Server(UUID uuid, @Nullable String name) {

        static Server of(AttachedServer server) {
            return new Server(server.uuid(), server.name());
        }

        @Override
        public String toString() {
            return name == null ? uuid.toString() : "%s (%s)".formatted(uuid, name);
        }
    }

    /** The row of a difference. */
    public static AttachmentRow of(AuditedDifference audited) {
        return switch (audited.difference()) {
            case AttachmentDifference.AllocatedNotAttached(UUID consumer, String provider, int units) ->
                row(audited, provider, List.of(new Server(consumer, null)), CountFormat.format(units, "unit"));
            case AttachmentDifference.AttachedNotAllocated missing ->
                row(
                        audited,
                        missing.provider(),
                        List.of(Server.of(missing.server())),
                        "%s missing for %s"
                                .formatted(CountFormat.format(missing.units(), "unit"), list(missing.devices())));
            case AttachmentDifference.AttachedTwice(PciAddress device, List<AttachedServer> servers) ->
                row(audited, null, servers.stream().map(Server::of).toList(), device.toString());
            case AttachmentDifference.AttachedNotTracked(AttachedServer server, PciAddress device) ->
                row(audited, null, List.of(Server.of(server)), device.toString());
        };
    }

    private static AttachmentRow row(
            AuditedDifference audited, @Nullable String provider, List<Server> servers, String detail) {
        return new AttachmentRow(
                audited.node(),
                DifferenceType.typeOf(audited.difference()).value(),
                provider,
                servers,
                detail,
                audited.firstSeen());
    }

    private static String list(Collection<PciAddress> devices) {
        return devices.stream().map(PciAddress::toString).collect(Collectors.joining(", "));
    }
}
