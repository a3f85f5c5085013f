package io.pciplacement.planning.allocation;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostStock.Reported;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What is free on one host: devices that nobody holds, and units that Placement has left. */
final class Room {

    /** What is free of one provider. */
    record Slot(ProviderStock provider, List<PciDevice> devices, int units) {

        Slot {
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

        private Kind kind() {
            PciDevice first = devices.getFirst();
            return new Kind(
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
    private record Kind(
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
    static final class Shape {

        private final Kind[] kinds;
        private final int hash;

        private Shape(List<Slot> slots) {
            this.kinds = slots.stream().map(Slot::kind).toArray(Kind[]::new);
            this.hash = Arrays.hashCode(kinds);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Shape that && hash == that.hash && Arrays.equals(kinds, that.kinds);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    final String node;
    final List<Slot> slots;
    final Shape shape;

    private Room(String node, List<Slot> slots) {
        this.node = node;
        this.slots = List.copyOf(slots);
        this.shape = new Shape(slots);
    }

    /** @param taken the host's devices that others hold */
    static Room of(Reported host, Set<PciAddress> taken) {
        List<Slot> slots = new ArrayList<>();
        for (ProviderStock provider : host.providers().values()) {
            Inventory inventory = provider.view().inventories().get(provider.resourceClass());
            int units = inventory == null
                    ? 0
                    : inventory.total() - inventory.reserved() - provider.view().used(provider.resourceClass());
            add(slots, new Slot(provider, without(taken, provider.listed()), units));
        }
        return new Room(host.node(), slots);
    }

    /** What is left once these are given away. */
    Room without(List<Grant> grants) {
        Set<PciAddress> given = new HashSet<>();
        grants.forEach(grant -> given.add(grant.device().address()));
        List<Slot> left = new ArrayList<>();
        for (Slot slot : slots) {
            List<PciDevice> devices = without(given, slot.devices());
            int fewer = slot.devices().size() - devices.size();
            add(left, new Slot(slot.provider(), devices, slot.units() - fewer));
        }
        return new Room(node, left);
    }

    private static void add(List<Slot> slots, Slot slot) {
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
