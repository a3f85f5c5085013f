package io.pciplacement.planning.allocation;

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
 * Finds the providers of a holding's devices, and whatever stands in the way. A device that is held but not counted any
 * more keeps the amount that Placement has for it; without one, nothing is guessed.
 */
final class DeviceProviderResolver {

    private final DesiredAllocation holding;
    private final Set<DeviceRef> claimed;
    private final Map<String, HostCapacity> hosts;
    private final Function<DeviceRef, Optional<DesiredAllocation>> rivals;
    private final Map<UUID, ProviderCapacity> providers = new TreeMap<>();
    private final Map<UUID, Map<UUID, Integer>> wanted = new HashMap<>();
    private final Map<UUID, Map<UUID, List<DeviceRef>>> uncounted = new HashMap<>();

    DeviceProviderResolver(
            DesiredAllocation holding,
            Map<String, HostCapacity> hosts,
            Function<DeviceRef, Optional<DesiredAllocation>> rivals) {
        this.holding = holding;
        this.claimed = holding.claimed();
        this.hosts = hosts;
        this.rivals = rivals;
    }

    /** How much of each provider a side's devices are. */
    Map<UUID, Integer> wanted(MoveSide side) {
        return wanted.getOrDefault(side.consumer(), Map.of());
    }

    ProviderCapacity provider(UUID uuid) {
        ProviderCapacity provider = providers.get(uuid);
        if (provider == null) {
            throw new IllegalArgumentException("no device was placed on provider " + uuid);
        }
        return provider;
    }

    Optional<ProviderCapacity> provider(DeviceRef device) {
        return hosts.get(device.node()) instanceof HostCapacity.Available host
                ? host.devices()
                        .findDevice(device.address())
                        .map(at -> host.providers().get(at.providerAddress()))
                : Optional.empty();
    }

    /** The name where the provider is known from the consumer's hosts, else its uuid. */
    String nameOf(UUID uuid) {
        return hosts.values().stream()
                .filter(HostCapacity.Available.class::isInstance)
                .flatMap(host -> ((HostCapacity.Available) host).providers().values().stream())
                .filter(provider -> provider.uuid().equals(uuid))
                .map(ProviderCapacity::name)
                .findFirst()
                .orElseGet(uuid::toString);
    }

    /** Finds the provider of each of a side's devices; returns what stands in the way. */
    @Nullable AllocationProblem place(MoveSide side) {
        for (DeviceRef device : side.devices()) {
            Optional<DesiredAllocation> rival = rivals.apply(device);
            if (rival.isPresent()) {
                DesiredAllocation other = rival.get();
                return new AllocationProblem.HeldByOther(
                        device, other.name(), other.consumer().uuid());
            }
            AllocationProblem problem = switch (hosts.get(device.node())) {
                case null -> new AllocationProblem.UnknownHost(device.node());
                case HostCapacity.NotReported unreported -> unreported.problem();
                case HostCapacity.Available reported -> place(side, device, reported);
            };
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable AllocationProblem place(MoveSide side, DeviceRef at, HostCapacity.Available host) {
        PciDevice device = host.devices().findDevice(at.address()).orElse(null);
        if (device == null) {
            return new AllocationProblem.DeviceNotOnHost(at);
        }
        AllocationProblem dependent = dependent(at, device, host.devices());
        if (dependent != null) {
            return dependent;
        }
        ProviderCapacity provider = host.providers().get(device.providerAddress());
        if (provider == null) {
            return new AllocationProblem.DeviceNotTracked(at);
        }
        providers.put(provider.uuid(), provider);
        if (provider.lists(at.address())) {
            want(side, provider.uuid(), 1);
        } else {
            uncounted
                    .computeIfAbsent(side.consumer(), consumer -> new TreeMap<>())
                    .computeIfAbsent(provider.uuid(), uuid -> new ArrayList<>())
                    .add(at);
        }
        return null;
    }

    private void want(MoveSide side, UUID provider, int amount) {
        wanted.computeIfAbsent(side.consumer(), consumer -> new TreeMap<>()).merge(provider, amount, Integer::sum);
    }

    private @Nullable AllocationProblem dependent(DeviceRef at, PciDevice device, HostDevices devices) {
        PciAddress pf = device.parent();
        if (pf != null) {
            String holder = holder(new DeviceRef(at.node(), pf));
            return holder == null ? null : new AllocationProblem.DependentDevices(at.node(), pf, at.address(), holder);
        }
        for (PciDevice other : devices.devices()) {
            if (at.address().equals(other.parent())) {
                String holder = holder(new DeviceRef(at.node(), other.address()));
                if (holder != null) {
                    return new AllocationProblem.DependentDevices(at.node(), at.address(), other.address(), holder);
                }
            }
        }
        return null;
    }

    private @Nullable String holder(DeviceRef device) {
        return claimed.contains(device)
                ? holding.name()
                : rivals.apply(device).map(DesiredAllocation::name).orElse(null);
    }

    /**
     * Devices that are not counted keep what Placement has for them, if it has exactly that.
     *
     * @param pool the sides between which amounts may move
     * @param found what a consumer has
     */
    @Nullable AllocationProblem keep(List<MoveSide> pool, Function<UUID, Map<UUID, Map<ResourceClass, Integer>>> found) {
        for (MoveSide side : pool) {
            for (Map.Entry<UUID, List<DeviceRef>> entry :
                    uncounted.getOrDefault(side.consumer(), Map.of()).entrySet()) {
                UUID uuid = entry.getKey();
                int surplus = pool.stream()
                        .mapToInt(s -> provider(uuid).amount(found.apply(s.consumer()))
                                - wanted(s).getOrDefault(uuid, 0))
                        .sum();
                if (surplus < entry.getValue().size()) {
                    return new AllocationProblem.DeviceNotTracked(
                            entry.getValue().getFirst());
                }
                want(side, uuid, entry.getValue().size());
            }
        }
        return null;
    }
}
