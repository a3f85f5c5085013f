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
 * Which devices of one host are held, as far as PciAllocations say so.
 *
 * @param byConsumer the devices of each consumer
 * @param unallocated devices that Placement has not allocated to the consumer that a PciAllocation names for them
 */
public record AllocatedDevices(Map<UUID, Set<PciAddress>> byConsumer, Set<PciAddress> unallocated) {

    private static final int NAMED = 4;

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

    /**
     * How many devices are held on a provider without being listed there any more: each of them comes on top of the
     * listed ones, or a listed one that is free could not be had. Never more than Placement has given their consumers.
     */
    Unlisted unlisted(DesiredProvider.Resolved plan, ObservedProvider view, HostDevices devices) {
        if (byConsumer.isEmpty() || view.allocations().isEmpty()) {
            return Unlisted.NONE;
        }
        Set<PciAddress> listed = new TreeSet<>();
        plan.devices().stream().map(PciDevice::address).forEach(listed::add);
        int sum = 0;
        SortedMap<UUID, Set<PciAddress>> unlisted = new TreeMap<>();
        for (Map.Entry<UUID, Map<ResourceClass, Integer>> entry :
                view.allocations().entrySet()) {
            Set<PciAddress> holds = byConsumer.getOrDefault(entry.getKey(), Set.of());
            int here = (int) holds.stream().filter(listed::contains).count();
            Set<PciAddress> others = holds.stream()
                    .filter(address -> !listed.contains(address))
                    .filter(address -> mayBeOn(plan.address(), address, devices))
                    .collect(Collectors.toCollection(TreeSet::new));
            int amount = entry.getValue().getOrDefault(plan.resourceClass(), 0);
            int counted = Math.clamp(amount - here, 0, others.size());
            sum += counted;
            if (counted > 0) {
                unlisted.put(entry.getKey(), others);
            }
        }
        return new Unlisted(sum, unlisted);
    }

    /**
     * Devices that are in use on a provider and are not selected any more.
     *
     * @param units how many units of the inventory they are
     * @param byConsumer which devices these are, as far as PciAllocations name them
     */
    record Unlisted(int units, SortedMap<UUID, Set<PciAddress>> byConsumer) {

        static final Unlisted NONE = new Unlisted(0, new TreeMap<>());

        /** For a message: the devices that are still in use, each with its consumer; empty if none is known. */
        String named() {
            return byConsumer.entrySet().stream()
                    .flatMap(entry -> entry.getValue().stream()
                            .map(address -> "%s (consumer %s)".formatted(address, entry.getKey())))
                    .limit(NAMED)
                    .collect(Collectors.joining(", "));
        }
    }

    /** A device that is gone no longer says whose VF it was; what its consumer has in Placement does. */
    private static boolean mayBeOn(PciAddress provider, PciAddress address, HostDevices devices) {
        return devices.findDevice(address)
                .map(device -> device.providerAddress().equals(provider))
                .orElse(true);
    }
}
