package io.pciplacement.planning.allocation;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.PciDevice;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Rule for devices that libvirt has attached to a server: their units are not removed, because Nova's scheduler would
 * offer a device in use.
 */
public final class AttachedDeviceRules {

    private AttachedDeviceRules() {}

    /**
     * Finds removals after which a consumer would have fewer units of a provider than devices that are attached to it.
     *
     * @param hosts all known hosts: an object may name a device of another host than the server is on
     * @param deltas the amounts that the operator would write
     */
    public static Optional<AllocationProblem> findAttachedRemovals(
            Collection<HostCapacity.Available> hosts, List<AllocationDelta> deltas) {
        List<AllocationDelta> removals = deltas.stream()
                .filter(delta -> delta.desired() < delta.actual())
                .filter(delta -> hosts.stream()
                        .anyMatch(
                                host -> delta.desired() < attachedUnits(host, delta.providerUuid(), delta.consumer())))
                .toList();
        return removals.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new AllocationProblem.DeviceAttached(removals.getFirst().consumer(), removals));
    }

    private static long attachedUnits(HostCapacity.Available host, UUID provider, UUID consumer) {
        return host.findProvider(provider).stream()
                .flatMap(capacity -> host.attachments().findServer(consumer).stream()
                        .map(AttachedServer::devices)
                        .flatMap(devices -> devices.keySet().stream())
                        .filter(device -> host.devices()
                                .findDevice(device)
                                .map(PciDevice::providerAddress)
                                .equals(Optional.of(capacity.address()))))
                .count();
    }
}
