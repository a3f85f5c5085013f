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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What is free on one host: devices that nobody holds, and units that Placement has left. */
final class FreeCapacity {

    /** What is free of one provider. */
    record FreeProvider(ProviderCapacity provider, List<PciDevice> devices, int units) {

        FreeProvider {
            devices = List.copyOf(devices);
        }

        /** How much of this provider a consumer has already. */
        int own(UUID consumer) {
            return provider.view()
                    .allocations()
                    .getOrDefault(consumer, Map.of())
                    .getOrDefault(provider.resourceClass(), 0);
        }

        /** How many devices a consumer could have, what it has itself counted as free. */
        int freeFor(UUID consumer) {
            return Math.clamp(units + own(consumer), 0, devices.size());
        }

        boolean usedByOthers(UUID consumer) {
            return provider.view().used(provider.resourceClass()) > own(consumer);
        }

        private FreeCapacity.ProviderShape kind() {
            PciDevice first = devices.getFirst();
            return new FreeCapacity.ProviderShape(
                    provider.resourceClass(),
                    provider.view().traits().toString(),
                    first.vendorId(),
                    first.productId(),
                    first.type(),
                    first.numaNode(),
                    devices.size(),
                    units,
                    provider.view().used(provider.resourceClass()) > 0);
        }
    }

    /** All that a claim can see of a slot, beside its name and what the claim's own consumer has of it. */
    private record ProviderShape(
            ResourceClass resourceClass,
            String traits,
            int vendorId,
            int productId,
            DeviceType type,
            int numaNode,
            int devices,
            int units,
            boolean used) {}

    /** Rooms of one shape are alike to every claim whose consumer has nothing in them. */
    static final class HostShape {

        private final FreeCapacity.ProviderShape[] kinds;
        private final int hash;

        private HostShape(List<FreeCapacity.FreeProvider> slots) {
            this.kinds = slots.stream().map(FreeCapacity.FreeProvider::kind).toArray(FreeCapacity.ProviderShape[]::new);
            this.hash = Arrays.hashCode(kinds);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof FreeCapacity.HostShape that
                    && hash == that.hash
                    && Arrays.equals(kinds, that.kinds);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    final String node;
    final List<FreeCapacity.FreeProvider> slots;
    final FreeCapacity.HostShape shape;

    private FreeCapacity(String node, List<FreeCapacity.FreeProvider> slots) {
        this.node = node;
        this.slots = List.copyOf(slots);
        this.shape = new FreeCapacity.HostShape(slots);
    }

    /** @param taken the host's devices that others hold */
    static FreeCapacity of(HostCapacity.Available host, Set<PciAddress> taken) {
        List<FreeCapacity.FreeProvider> slots = new ArrayList<>();
        for (ProviderCapacity provider : host.providers().values()) {
            Inventory inventory = provider.view().inventories().get(provider.resourceClass());
            int units = inventory == null
                    ? 0
                    : inventory.total() - inventory.reserved() - provider.view().used(provider.resourceClass());
            add(slots, new FreeCapacity.FreeProvider(provider, without(taken, provider.listed()), units));
        }
        return new FreeCapacity(host.node(), slots);
    }

    /** What is left once these are given away. */
    FreeCapacity without(List<DeviceAssignment> grants) {
        Set<PciAddress> given = new HashSet<>();
        grants.forEach(grant -> given.add(grant.device().address()));
        List<FreeCapacity.FreeProvider> left = new ArrayList<>();
        for (FreeCapacity.FreeProvider slot : slots) {
            List<PciDevice> devices = without(given, slot.devices());
            int fewer = slot.devices().size() - devices.size();
            add(left, new FreeCapacity.FreeProvider(slot.provider(), devices, slot.units() - fewer));
        }
        return new FreeCapacity(node, left);
    }

    private static void add(List<FreeCapacity.FreeProvider> slots, FreeCapacity.FreeProvider slot) {
        if (!slot.devices().isEmpty()) {
            slots.add(slot);
        }
    }

    private static List<PciDevice> without(Set<PciAddress> taken, List<PciDevice> devices) {
        return taken.isEmpty()
                ? devices
                : devices.stream()
                        .filter(device -> !taken.contains(device.address()))
                        .toList();
    }
}
