package io.pciplacement.planning.attachment;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the PciAllocation of a server that libvirt has. It follows the server only if it is certain where the
 * server is: one host lists it. Unknown is not absent: it is deleted only if each host of its devices is known not to
 * have the server.
 *
 * @param sightings the hosts that list the server
 * @param existing the object that the operator has created for the server; null if there is none
 * @param isUserObject whether an object of a user names the server, which takes precedence
 * @param isTaken whether another object has a device
 * @param knowledgeOf how reliable the list of a host is; empty if the host does not exist any more
 * @param ownerInPlacement finds the owner of the server as a consumer of Placement; Nova writes no owner to a domain if
 *     it does not know the names of project and user
 */
public record AllocationDiscovery(
        List<ServerSighting> sightings,
        @Nullable DiscoveredServer existing,
        boolean isUserObject,
        Predicate<DeviceRef> isTaken,
        Function<String, Optional<Knowledge>> knowledgeOf,
        Supplier<Optional<ServerOwner>> ownerInPlacement) {

    /** Maximum number of devices of a PciAllocation. */
    static final int MAX_DEVICES = 32;

    public AllocationDiscovery {
        sightings = List.copyOf(sightings);
    }

    public DiscoveryDecision decide() {
        if (isUserObject) {
            return existing == null ? new DiscoveryDecision.Keep() : new DiscoveryDecision.Delete();
        }
        return switch (sightings.size()) {
            case 0 -> isKnownAbsent() ? new DiscoveryDecision.Delete() : new DiscoveryDecision.Keep();
            case 1 -> followServer(sightings.getFirst());
            // The server is being moved.
            default -> new DiscoveryDecision.Keep();
        };
    }

    private boolean isKnownAbsent() {
        return existing != null
                && existing.devices().stream()
                        .map(DeviceRef::node)
                        .allMatch(node -> knowledgeOf
                                .apply(node)
                                .map(knowledge -> knowledge == Knowledge.COMPLETE)
                                .orElse(true));
    }

    private DiscoveryDecision followServer(ServerSighting sighting) {
        return sighting.isCurrent()
                ? toContent(sighting).map(this::compare).orElse(new DiscoveryDecision.Keep())
                : new DiscoveryDecision.Keep();
    }

    private DiscoveryDecision compare(DiscoveredServer seen) {
        if (seen.equals(existing)) {
            return new DiscoveryDecision.Keep();
        }
        if (existing != null && !existing.hasSameConsumer(seen)) {
            // Its consumer is immutable. It is created again when it has been deleted.
            return new DiscoveryDecision.Delete();
        }
        if (seen.devices().stream().noneMatch(isTaken)) {
            return new DiscoveryDecision.Write(seen);
        }
        boolean isStale = existing != null && !seen.devices().containsAll(existing.devices());
        // A device that the server does not have any more must not be taken for others.
        return isStale ? new DiscoveryDecision.Delete() : new DiscoveryDecision.Keep();
    }

    /** The content of the object; empty for a domain that is not a server of Nova or that has too many devices. */
    private Optional<DiscoveredServer> toContent(ServerSighting sighting) {
        AttachedServer server = sighting.server();
        List<DeviceRef> devices = sighting.devices();
        return devices.isEmpty() || devices.size() > MAX_DEVICES
                ? Optional.empty()
                : findOwner(server)
                        .map(owner -> new DiscoveredServer(
                                server.uuid(), server.name(), owner.projectId(), owner.userId(), devices));
    }

    private Optional<ServerOwner> findOwner(AttachedServer server) {
        if (server.projectId() != null && server.userId() != null) {
            return Optional.of(new ServerOwner(server.projectId(), server.userId()));
        }
        return existing == null
                ? ownerInPlacement.get()
                : Optional.of(new ServerOwner(existing.projectId(), existing.userId()));
    }

    /**
     * Why libvirt does not confirm that a server has these devices; empty if it does. An object is healed only if it
     * does: its server may have been moved since.
     */
    public static Optional<String> findDoubt(List<ServerSighting> sightings, List<DeviceRef> devices) {
        return switch (sightings.size()) {
            case 0 -> Optional.of("no agent lists the server");
            case 1 -> findDoubt(sightings.getFirst(), devices);
            default ->
                Optional.of("it is being moved, since %s list it"
                        .formatted(sightings.stream()
                                .map(ServerSighting::node)
                                .sorted()
                                .collect(Collectors.joining(" and "))));
        };
    }

    private static Optional<String> findDoubt(ServerSighting sighting, List<DeviceRef> devices) {
        if (!sighting.isCurrent()) {
            return Optional.of("the agent of %s cannot reach libvirt".formatted(sighting.node()));
        }
        return sighting.devices().containsAll(devices)
                ? Optional.empty()
                : Optional.of("on %s it has other devices".formatted(sighting.node()));
    }
}
