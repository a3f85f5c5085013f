package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.planning.allocation.HostStock.Reported;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/** What is free on one host: devices that nobody holds, and units that Placement has left. Shrinks as it is given. */
final class Room {

    /** What is free of one provider. */
    static final class Slot {
        final ProviderStock provider;
        final List<PciDevice> devices;
        private int units;

        private Slot(ProviderStock provider, List<PciDevice> devices) {
            this.provider = provider;
            this.devices = devices;
            Inventory inventory = provider.view().inventories().get(provider.resourceClass());
            this.units = inventory == null
                    ? 0
                    : inventory.total() - inventory.reserved() - provider.view().used(provider.resourceClass());
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
    }

    final String node;
    final List<Slot> slots = new ArrayList<>();

    /** @param taken whether somebody else holds a device */
    Room(Reported host, Predicate<DeviceAt> taken) {
        this.node = host.node();
        for (ProviderStock provider : host.providers().values()) {
            List<PciDevice> free = new ArrayList<>();
            for (PciDevice device : provider.listed()) {
                if (!taken.test(new DeviceAt(node, device.address()))) {
                    free.add(device);
                }
            }
            if (!free.isEmpty()) {
                slots.add(new Slot(provider, free));
            }
        }
    }

    void give(List<Grant> grants) {
        for (Grant grant : grants) {
            for (Slot slot : slots) {
                if (grant.device().node().equals(node)
                        && slot.devices.removeIf(
                                device -> device.address().equals(grant.device().address()))) {
                    slot.units--;
                }
            }
        }
    }
}
