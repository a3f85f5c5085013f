package io.pciplacement.planning;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Which devices of one host are held, by consumer, as far as somebody has said so. */
public record HeldDevices(Map<UUID, Set<PciAddress>> byConsumer) {

    public static final HeldDevices NONE = new HeldDevices(Map.of());

    public HeldDevices {
        Map<UUID, Set<PciAddress>> copy = new TreeMap<>();
        byConsumer.forEach((consumer, devices) -> copy.put(consumer, Set.copyOf(devices)));
        byConsumer = Map.copyOf(copy);
    }

    /**
     * How many devices are held on a provider without being listed there any more: each of them comes on top of the
     * listed ones, or a listed one that is free could not be had. Never more than Placement has given their consumers.
     */
    int unlisted(ProviderPlan.Wanted plan, ProviderView view, HostDevices devices) {
        if (byConsumer.isEmpty() || view.allocations().isEmpty()) {
            return 0;
        }
        Set<PciAddress> listed = new TreeSet<>();
        plan.devices().stream().map(PciDevice::address).forEach(listed::add);
        int sum = 0;
        for (Map.Entry<UUID, Map<ResourceClass, Integer>> entry :
                view.allocations().entrySet()) {
            Set<PciAddress> holds = byConsumer.getOrDefault(entry.getKey(), Set.of());
            int here = (int) holds.stream().filter(listed::contains).count();
            int others = (int) holds.stream()
                    .filter(address -> !listed.contains(address))
                    .filter(address -> mayBeOn(plan.address(), address, devices))
                    .count();
            int amount = entry.getValue().getOrDefault(plan.resourceClass(), 0);
            sum += Math.clamp(amount - here, 0, others);
        }
        return sum;
    }

    /** A device that is gone no longer says whose VF it was; what its consumer has in Placement does. */
    private static boolean mayBeOn(PciAddress provider, PciAddress address, HostDevices devices) {
        return devices.at(address)
                .map(device -> device.providerAddress().equals(provider))
                .orElse(true);
    }
}
