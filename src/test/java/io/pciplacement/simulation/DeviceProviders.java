package io.pciplacement.simulation;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The providers of the devices of a {@link SimulatedCloud}, read from Placement on each call. */
final class DeviceProviders {

    private final PlacementClient placement;
    private final SimulatedCloud cloud;

    DeviceProviders(PlacementClient placement, SimulatedCloud cloud) {
        this.placement = placement;
        this.cloud = cloud;
    }

    /** The provider of a device, empty if it is not tracked. */
    Optional<UUID> findProvider(DeviceRef ref) {
        return cloud.devices
                .get(ref.node())
                .findDevice(ref.address())
                .flatMap(device -> placement.listProvidersInTree(cloud.roots.get(ref.node())).stream()
                        .filter(provider -> provider.name()
                                .equals(new ProviderName(ref.node(), device.providerAddress()).toString()))
                        .map(ResourceProvider::uuid)
                        .findFirst());
    }

    /** The only inventory of a provider. */
    Optional<Map.Entry<ResourceClass, Inventory>> findInventory(UUID provider) {
        return placement.getInventories(provider).byClass().entrySet().stream().findFirst();
    }

    /** The host in whose tree a provider is. */
    String hostOf(UUID provider) {
        return cloud.roots.keySet().stream()
                .filter(host -> placement.listProvidersInTree(cloud.roots.get(host)).stream()
                        .anyMatch(known -> known.uuid().equals(provider)))
                .findFirst()
                .orElseThrow();
    }
}
