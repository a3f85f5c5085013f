package io.pciplacement.planning.allocation;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Mapping of the devices of a desired allocation to providers, and detection of conflicts. A device that is allocated
 * but no longer counted keeps the units that Placement has for it; without such units, a problem is reported.
 */
final class DeviceProviderResolver {

    private final DesiredAllocation desiredAllocation;
    private final Set<DeviceRef> exclusiveDevices;
    private final Map<String, HostCapacity> hosts;
    private final Function<DeviceRef, Optional<DesiredAllocation>> olderHolder;
    private final Map<UUID, ProviderCapacity> providers = new TreeMap<>();
    private final Map<UUID, Map<UUID, Integer>> desiredUnits = new HashMap<>();
    private final Map<UUID, Map<UUID, List<DeviceRef>>> notListed = new HashMap<>();

    DeviceProviderResolver(
            DesiredAllocation desired,
            Map<String, HostCapacity> hosts,
            Function<DeviceRef, Optional<DesiredAllocation>> olderHolder) {
        this.desiredAllocation = desired;
        this.exclusiveDevices = desired.exclusiveDevices();
        this.hosts = hosts;
        this.olderHolder = olderHolder;
    }

    /** Returns the desired units by provider of a side's devices. */
    Map<UUID, Integer> desiredUnits(MoveSide side) {
        return desiredUnits.getOrDefault(side.consumer(), Map.of());
    }

    ProviderCapacity findProvider(UUID uuid) {
        ProviderCapacity provider = providers.get(uuid);
        if (provider == null) {
            throw new IllegalArgumentException("no device was resolved to provider " + uuid);
        }
        return provider;
    }

    Optional<ProviderCapacity> findProvider(DeviceRef device) {
        return hosts.get(device.node()) instanceof HostCapacity.Available host
                ? host.devices()
                        .findDevice(device.address())
                        .map(known -> host.providers().get(known.providerAddress()))
                : Optional.empty();
    }

    /** Returns the provider's name if it is one of the consumer's hosts, otherwise its uuid. */
    String providerName(UUID uuid) {
        return hosts.values().stream()
                .filter(HostCapacity.Available.class::isInstance)
                .flatMap(host -> ((HostCapacity.Available) host).providers().values().stream())
                .filter(provider -> provider.uuid().equals(uuid))
                .map(ProviderCapacity::name)
                .findFirst()
                .orElseGet(uuid::toString);
    }

    /** Resolves the provider of each of a side's devices; returns the problem that prevents it. */
    @Nullable AllocationProblem resolveSide(MoveSide side) {
        for (DeviceRef device : side.devices()) {
            Optional<DesiredAllocation> olderAllocation = olderHolder.apply(device);
            if (olderAllocation.isPresent()) {
                DesiredAllocation other = olderAllocation.get();
                return new AllocationProblem.DeviceAlreadyAllocated(
                        device, other.name(), other.consumer().uuid());
            }
            AllocationProblem problem = switch (hosts.get(device.node())) {
                case null -> new AllocationProblem.UnknownHost(device.node());
                case HostCapacity.NotReported unreported -> unreported.problem();
                case HostCapacity.Available reported -> resolveDevice(side, device, reported);
            };
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable AllocationProblem resolveDevice(MoveSide side, DeviceRef ref, HostCapacity.Available host) {
        PciDevice device = host.devices().findDevice(ref.address()).orElse(null);
        if (device == null) {
            return unlessDiscovered(new AllocationProblem.DeviceNotOnHost(ref));
        }
        AllocationProblem dependent = findDependent(ref, device, host.devices());
        if (dependent != null) {
            return dependent;
        }
        ProviderCapacity provider = host.providers().get(device.providerAddress());
        if (provider == null) {
            return unlessDiscovered(new AllocationProblem.DeviceNotTracked(ref));
        }
        if (host.managedByNova() && isSharedWithNova(side, ref.node(), device, provider)) {
            return new AllocationProblem.VfManagedByNova(ref);
        }
        providers.put(provider.uuid(), provider);
        if (provider.isListed(ref.address())) {
            addDesired(side, provider.uuid(), 1);
        } else {
            notListed
                    .computeIfAbsent(side.consumer(), consumer -> new TreeMap<>())
                    .computeIfAbsent(provider.uuid(), uuid -> new ArrayList<>())
                    .add(ref);
        }
        return null;
    }

    /** A server may have devices that are not tracked. No user has requested an allocation of them. */
    private @Nullable AllocationProblem unlessDiscovered(AllocationProblem problem) {
        return desiredAllocation.discovered() ? null : problem;
    }

    /**
     * Whether nova-compute may assign the same VF to a server: Placement counts the VFs of a PF, and nova-compute
     * chooses one of them. It cannot if the consumer has all of them.
     */
    private boolean isSharedWithNova(MoveSide side, String node, PciDevice device, ProviderCapacity provider) {
        return device.type() == DeviceType.VF
                && !desiredAllocation.consumer().managedExternally()
                && !provider.listedDevices().stream()
                        .allMatch(listed -> side.devices().contains(new DeviceRef(node, listed.address())));
    }

    private void addDesired(MoveSide side, UUID provider, int amount) {
        desiredUnits
                .computeIfAbsent(side.consumer(), consumer -> new TreeMap<>())
                .merge(provider, amount, Integer::sum);
    }

    private @Nullable AllocationProblem findDependent(DeviceRef ref, PciDevice device, HostDevices devices) {
        PciAddress pf = device.parent();
        if (pf != null) {
            String holder = findHolder(new DeviceRef(ref.node(), pf));
            return holder == null
                    ? null
                    : new AllocationProblem.DependentDevices(ref.node(), pf, ref.address(), holder);
        }
        for (PciDevice other : devices.devices()) {
            if (ref.address().equals(other.parent())) {
                String holder = findHolder(new DeviceRef(ref.node(), other.address()));
                if (holder != null) {
                    return new AllocationProblem.DependentDevices(ref.node(), ref.address(), other.address(), holder);
                }
            }
        }
        return null;
    }

    private @Nullable String findHolder(DeviceRef device) {
        return exclusiveDevices.contains(device)
                ? desiredAllocation.name()
                : olderHolder.apply(device).map(DesiredAllocation::name).orElse(null);
    }

    /**
     * Retains the units of devices that are no longer counted, if Placement has enough.
     *
     * @param pool sides between which units may be moved
     * @param currentResources returns the resources of a consumer
     */
    @Nullable AllocationProblem retainNotListed(
            List<MoveSide> pool, Function<UUID, Map<UUID, Map<ResourceClass, Integer>>> currentResources) {
        for (MoveSide side : pool) {
            for (Map.Entry<UUID, List<DeviceRef>> entry :
                    notListed.getOrDefault(side.consumer(), Map.of()).entrySet()) {
                UUID uuid = entry.getKey();
                int surplus = pool.stream()
                        .mapToInt(s -> findProvider(uuid).allocatedUnits(currentResources.apply(s.consumer()))
                                - desiredUnits(s).getOrDefault(uuid, 0))
                        .sum();
                if (surplus >= entry.getValue().size()) {
                    addDesired(side, uuid, entry.getValue().size());
                } else if (!desiredAllocation.discovered()) {
                    return new AllocationProblem.DeviceNotTracked(
                            entry.getValue().getFirst());
                }
            }
        }
        return null;
    }
}
