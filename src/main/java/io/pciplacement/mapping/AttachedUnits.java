package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.attachment.ServerSighting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts of the devices that libvirt has attached to a server. */
public final class AttachedUnits {

    private AttachedUnits() {}

    /**
     * Counts the attached devices by the name of the provider that has their units, whether it exists or not.
     *
     * @param sightings the hosts that list the server
     * @param hosts finds a host by its name
     * @param devices the published devices of a host
     */
    public static Map<String, Integer> countByProvider(
            List<ServerSighting> sightings,
            Function<String, Optional<HostPciInventory>> hosts,
            Function<HostPciInventory, HostDevices> devices) {
        return sightings.stream()
                .filter(sighting -> sighting.knowledge() != Knowledge.NONE)
                .flatMap(sighting -> hosts.apply(sighting.node()).stream()
                        .flatMap(host -> providerNames(host, devices.apply(host), sighting.server())))
                .collect(Collectors.toMap(Function.identity(), name -> 1, Integer::sum));
    }

    /** The name of the provider of each device of a server. */
    private static Stream<String> providerNames(HostPciInventory host, HostDevices published, AttachedServer server) {
        return server.devices().keySet().stream()
                .map(address -> new ProviderName(host.rootProviderName(), published.providerAddressOf(address)))
                .map(ProviderName::toString);
    }
}
