package io.pciplacement.planning.claim;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Free capacity of one host: devices that no consumer has, and units that are not allocated in Placement. */
final class FreeCapacity {

    private static final List<DeviceConstraint.Attribute> POSITION = List.of(
            DeviceConstraint.Attribute.PCIE_ROOT,
            DeviceConstraint.Attribute.PCIE_SWITCH,
            DeviceConstraint.Attribute.CARD);

    /** Free devices and units of one provider. */
    record FreeProvider(ProviderCapacity capacity, List<PciDevice> devices, int units) {

        FreeProvider {
            devices = List.copyOf(devices);
        }

        /** Returns the units of this provider that a consumer already has. */
        int ownUnits(UUID consumer) {
            return capacity.observed()
                    .allocations()
                    .getOrDefault(consumer, Map.of())
                    .getOrDefault(capacity.resourceClass(), 0);
        }

        /** Returns the number of devices that a consumer can have; its own units count as free. */
        int freeUnitsFor(UUID consumer) {
            return Math.clamp(units + ownUnits(consumer), 0, devices.size());
        }

        boolean isUsedByOthers(UUID consumer) {
            return capacity.observed().usedUnits(capacity.resourceClass()) > ownUnits(consumer);
        }

        private ProviderShape toShape(Map<DeviceConstraint.AttributeValue, Integer> numbers) {
            PciDevice first = devices.getFirst();
            return new ProviderShape(
                    capacity.resourceClass(),
                    capacity.observed().traits().toString(),
                    first.vendorId(),
                    first.productId(),
                    first.type(),
                    first.numaNode(),
                    POSITION.stream()
                            .map(attribute -> attribute
                                    .findValue(first)
                                    .map(value -> numbers.computeIfAbsent(value, any -> numbers.size()))
                                    .orElse(-1))
                            .toList(),
                    devices.size(),
                    units,
                    capacity.observed().usedUnits(capacity.resourceClass()) > 0);
        }
    }

    /**
     * Attributes of a provider that are relevant to a claim, except for its name and the units of the claim's consumer.
     *
     * @param position numbers of its root, switch and card, in the order in which the host has them, as their names
     *     differ between equivalent hosts
     */
    private record ProviderShape(
            ResourceClass resourceClass,
            String traits,
            int vendorId,
            int productId,
            DeviceType type,
            int numaNode,
            List<Integer> position,
            int devices,
            int units,
            boolean used) {}

    /**
     * Equality key of a host's capacity: hosts of one shape are equivalent for all claims whose consumer has no units
     * there.
     */
    static final class HostShape {

        private final ProviderShape[] shapes;
        private final int hash;

        private HostShape(List<FreeProvider> providers) {
            Map<DeviceConstraint.AttributeValue, Integer> numbers = new HashMap<>();
            this.shapes = providers.stream()
                    .map(provider -> provider.toShape(numbers))
                    .toArray(ProviderShape[]::new);
            this.hash = Arrays.hashCode(shapes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof HostShape that && hash == that.hash && Arrays.equals(shapes, that.shapes);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    final String node;
    final List<FreeProvider> providers;
    final HostShape shape;

    private FreeCapacity(String node, List<FreeProvider> providers) {
        this.node = node;
        this.providers = List.copyOf(providers);
        this.shape = new HostShape(providers);
    }

    /** @param taken the host's devices that other consumers have */
    static FreeCapacity forHost(HostCapacity.Available host, Set<PciAddress> taken) {
        List<FreeProvider> providers = new ArrayList<>();
        for (ProviderCapacity provider : host.providers().values()) {
            if (!isAssignedByNova(host, provider)) {
                addIfNotEmpty(
                        providers,
                        new FreeProvider(
                                provider,
                                withoutDevices(host.withheldDevices(), withoutDevices(taken, provider.listedDevices())),
                                unallocatedUnits(provider)));
            }
        }
        return new FreeCapacity(host.node(), providers);
    }

    /** The providers of a host with free VFs that only servers of Nova can get. */
    static List<ProviderCapacity> findVfsForNova(HostCapacity.Available host) {
        return host.providers().values().stream()
                .filter(provider -> isAssignedByNova(host, provider))
                .filter(provider -> unallocatedUnits(provider) > 0
                        && !provider.listedDevices().isEmpty())
                .toList();
    }

    /** Placement does not record which VF a server has, so nova-compute may assign the same VF. */
    private static boolean isAssignedByNova(HostCapacity.Available host, ProviderCapacity provider) {
        return host.managedByNova() && provider.deviceType().equals(Optional.of(DeviceType.VF));
    }

    private static int unallocatedUnits(ProviderCapacity provider) {
        Inventory inventory = provider.observed().inventories().get(provider.resourceClass());
        return inventory == null
                ? 0
                : inventory.total() - inventory.reserved() - provider.observed().usedUnits(provider.resourceClass());
    }

    /** Returns the remaining capacity after these assignments. */
    FreeCapacity withoutAssigned(List<DeviceAssignment> assignments) {
        Set<PciAddress> assigned = new HashSet<>();
        assignments.forEach(assignment -> assigned.add(assignment.device().address()));
        List<FreeProvider> remaining = new ArrayList<>();
        for (FreeProvider provider : providers) {
            List<PciDevice> devices = withoutDevices(assigned, provider.devices());
            int fewer = provider.devices().size() - devices.size();
            addIfNotEmpty(remaining, new FreeProvider(provider.capacity(), devices, provider.units() - fewer));
        }
        return new FreeCapacity(node, remaining);
    }

    private static void addIfNotEmpty(List<FreeProvider> providers, FreeProvider provider) {
        if (!provider.devices().isEmpty()) {
            providers.add(provider);
        }
    }

    private static List<PciDevice> withoutDevices(Set<PciAddress> taken, List<PciDevice> devices) {
        return taken.isEmpty()
                ? devices
                : devices.stream()
                        .filter(device -> !taken.contains(device.address()))
                        .toList();
    }
}
