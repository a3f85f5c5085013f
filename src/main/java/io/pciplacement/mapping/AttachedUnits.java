package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.attachment.ServerSighting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

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
        Map<String, Integer> units = new TreeMap<>();
        for (ServerSighting sighting : sightings) {
            if (sighting.knowledge() != Knowledge.NONE) {
                hosts.apply(sighting.node()).ifPresent(host -> {
                    HostDevices published = devices.apply(host);
                    sighting.server().devices().keySet().stream()
                            .flatMap(address -> published.findDevice(address).stream())
                            .map(PciDevice::providerAddress)
                            .forEach(address -> units.merge(
                                    new ProviderName(host.rootProviderName(), address).toString(), 1, Integer::sum));
                });
            }
        }
        return units;
    }
}
