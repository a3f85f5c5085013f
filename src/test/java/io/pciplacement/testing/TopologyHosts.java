package io.pciplacement.testing;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Builder of a host whose devices have positions in the PCIe topology, with one provider for each card. */
public final class TopologyHosts {

    private final String node;
    private final List<PciDevice> devices = new ArrayList<>();
    private final SortedMap<PciAddress, ProviderCapacity> providers = new TreeMap<>();

    public TopologyHosts(String node) {
        this.node = node;
    }

    /** Position of a card. */
    public record Position(@Nullable String root, @Nullable PciAddress upstreamPort, int numaNode) {

        /** Below a root, and below a switch with this bus number unless it is 0. */
        public static Position of(int root, int switchBus, int numaNode) {
            return new Position(
                    "pci0000:%02x".formatted(root),
                    switchBus == 0 ? null : new PciAddress(0, switchBus, 0, 0),
                    numaNode);
        }
    }

    public TopologyHosts plain(PciAddress address, ResourceClass resourceClass, Position position) {
        return card(address, resourceClass, Set.of(), position, 0, 0, Map.of());
    }

    /**
     * Adds a card.
     *
     * @param vfs number of its VFs, which are tracked; 0 for a plain device, which is tracked itself
     * @param reserved reserved units
     * @param allocated units by consumer
     */
    public TopologyHosts card(
            PciAddress address,
            ResourceClass resourceClass,
            Set<Trait> traits,
            Position position,
            int vfs,
            int reserved,
            Map<UUID, Integer> allocated) {
        List<PciDevice> tracked = new ArrayList<>();
        DeviceType type = vfs == 0 ? DeviceType.PCI : DeviceType.PF;
        PciDevice function = device(address, type, null, position);
        devices.add(function);
        for (int vf = 0; vf < vfs; vf++) {
            tracked.add(device(
                    new PciAddress(0xf000 | address.slot(), address.bus(), address.function(), vf),
                    DeviceType.VF,
                    address,
                    position));
        }
        devices.addAll(tracked);
        if (vfs == 0) {
            tracked.add(function);
        }
        String name = new ProviderName(node, address).toString();
        UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        Map<UUID, Map<ResourceClass, Integer>> allocations = new HashMap<>();
        allocated.forEach((consumer, units) -> allocations.put(consumer, Map.of(resourceClass, units)));
        ObservedProvider observed = new ObservedProvider(
                new ResourceProvider(uuid, name, uuid, uuid, 1),
                new TreeMap<>(Map.of(resourceClass, Inventory.of(tracked.size(), reserved))),
                new TreeSet<>(traits),
                allocations,
                tracked.getFirst().type());
        providers.put(address, new ProviderCapacity(address, observed, resourceClass, tracked));
        return this;
    }

    private static PciDevice device(
            PciAddress address, DeviceType type, @Nullable PciAddress parent, Position position) {
        return new PciDevice(
                address,
                type,
                Devices.VENDOR,
                type == DeviceType.VF ? Devices.VF : Devices.PCI,
                "030200",
                position.numaNode(),
                null,
                -1,
                null,
                parent,
                parent == null ? -1 : address.function(),
                type == DeviceType.PF ? new PciDevice.Sriov(8, 8, Devices.VF) : null,
                position.root(),
                position.upstreamPort());
    }

    public HostCapacity.Available build() {
        return new HostCapacity.Available(
                node,
                UUID.nameUUIDFromBytes(node.getBytes(StandardCharsets.UTF_8)),
                new HostDevices(devices),
                providers,
                false,
                HostAttachments.UNKNOWN,
                Set.of());
    }
}
