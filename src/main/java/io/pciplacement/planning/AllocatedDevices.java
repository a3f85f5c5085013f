package io.pciplacement.planning;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Allocated devices of one host according to PciAllocations.
 *
 * @param byConsumer the devices of each consumer
 * @param unallocated devices that Placement has not allocated to the consumer that a PciAllocation names for them
 */
public record AllocatedDevices(Map<UUID, Set<PciAddress>> byConsumer, Set<PciAddress> unallocated) {

    private static final int MAX_DEVICES_SHOWN = 4;

    public static final AllocatedDevices NONE = new AllocatedDevices(Map.of());

    public AllocatedDevices {
        Map<UUID, Set<PciAddress>> copy = new TreeMap<>();
        byConsumer.forEach((consumer, devices) -> copy.put(consumer, Set.copyOf(devices)));
        byConsumer = Map.copyOf(copy);
        unallocated = Set.copyOf(unallocated);
    }

    public AllocatedDevices(Map<UUID, Set<PciAddress>> byConsumer) {
        this(byConsumer, Set.of());
    }

    /** Whether Placement has allocated a device to a consumer for which a PciAllocation names it. */
    public boolean isAllocated(PciAddress device) {
        return !unallocated.contains(device)
                && byConsumer.values().stream().anyMatch(devices -> devices.contains(device));
    }

    /** The same for one consumer. */
    public boolean isAllocatedTo(UUID consumer, PciAddress device) {
        return !unallocated.contains(device)
                && byConsumer.getOrDefault(consumer, Set.of()).contains(device);
    }

    /**
     * Returns the devices that are allocated on a provider but no longer listed on it. Each one is added to the listed
     * devices; otherwise a free listed device could not be allocated. The number never exceeds the units that Placement
     * has allocated to their consumers.
     */
    UnlistedDevices unlistedDevices(DesiredProvider.Resolved resolved, ObservedProvider observed, HostDevices devices) {
        if (byConsumer.isEmpty() || observed.allocations().isEmpty()) {
            return UnlistedDevices.NONE;
        }
        Set<PciAddress> listed = new TreeSet<>();
        resolved.devices().stream().map(PciDevice::address).forEach(listed::add);
        int sum = 0;
        SortedMap<UUID, Set<PciAddress>> unlisted = new TreeMap<>();
        for (Map.Entry<UUID, Map<ResourceClass, Integer>> entry :
                observed.allocations().entrySet()) {
            Set<PciAddress> holds = byConsumer.getOrDefault(entry.getKey(), Set.of());
            int here = (int) holds.stream().filter(listed::contains).count();
            Set<PciAddress> others = holds.stream()
                    .filter(address -> !listed.contains(address))
                    .filter(address -> mayBelongTo(resolved.address(), address, devices))
                    .collect(Collectors.toCollection(TreeSet::new));
            int amount = entry.getValue().getOrDefault(resolved.resourceClass(), 0);
            int counted = Math.clamp(amount - here, 0, others.size());
            sum += counted;
            if (counted > 0) {
                unlisted.put(entry.getKey(), others);
            }
        }
        return new UnlistedDevices(sum, unlisted);
    }

    /**
     * Devices that are in use on a provider and no longer selected.
     *
     * @param units their number in units of the inventory
     * @param byConsumer the devices by consumer, if PciAllocations name them
     */
    record UnlistedDevices(int units, SortedMap<UUID, Set<PciAddress>> byConsumer) {

        static final UnlistedDevices NONE = new UnlistedDevices(0, new TreeMap<>());

        /** Lists devices and consumers for a message; empty if no device is known. */
        String describeDevices() {
            return byConsumer.entrySet().stream()
                    .flatMap(entry -> entry.getValue().stream()
                            .map(address -> "%s (consumer %s)".formatted(address, entry.getKey())))
                    .limit(MAX_DEVICES_SHOWN)
                    .collect(Collectors.joining(", "));
        }
    }

    /**
     * Whether a device may belong to a provider. The parent of a missing VF is unknown; the allocation of its consumer
     * in Placement decides.
     */
    private static boolean mayBelongTo(PciAddress provider, PciAddress address, HostDevices devices) {
        return devices.findDevice(address)
                .map(device -> device.providerAddress().equals(provider))
                .orElse(true);
    }
}
