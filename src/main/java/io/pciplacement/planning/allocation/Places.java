package io.pciplacement.planning.allocation;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostStock.Reported;
import io.pciplacement.planning.allocation.HostStock.Unreported;
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
final class Places {

    private final Holding holding;
    private final Set<DeviceAt> claimed;
    private final Map<String, HostStock> hosts;
    private final Function<DeviceAt, Optional<Holding>> rivals;
    private final Map<UUID, ProviderStock> providers = new TreeMap<>();
    private final Map<UUID, Map<UUID, Integer>> wanted = new HashMap<>();
    private final Map<UUID, Map<UUID, List<DeviceAt>>> uncounted = new HashMap<>();

    Places(Holding holding, Map<String, HostStock> hosts, Function<DeviceAt, Optional<Holding>> rivals) {
        this.holding = holding;
        this.claimed = holding.claimed();
        this.hosts = hosts;
        this.rivals = rivals;
    }

    /** How much of each provider a side's devices are. */
    Map<UUID, Integer> wanted(Side side) {
        return wanted.getOrDefault(side.consumer(), Map.of());
    }

    ProviderStock provider(UUID uuid) {
        ProviderStock provider = providers.get(uuid);
        if (provider == null) {
            throw new IllegalArgumentException("no device was placed on provider " + uuid);
        }
        return provider;
    }

    Optional<ProviderStock> provider(DeviceAt device) {
        return hosts.get(device.node()) instanceof Reported host
                ? host.devices().at(device.address()).map(at -> host.providers().get(at.providerAddress()))
                : Optional.empty();
    }

    /** The name where the provider is known from the consumer's hosts, else its uuid. */
    String nameOf(UUID uuid) {
        return hosts.values().stream()
                .filter(Reported.class::isInstance)
                .flatMap(host -> ((Reported) host).providers().values().stream())
                .filter(provider -> provider.uuid().equals(uuid))
                .map(ProviderStock::name)
                .findFirst()
                .orElseGet(uuid::toString);
    }

    /** Finds the provider of each of a side's devices; returns what stands in the way. */
    @Nullable Problem place(Side side) {
        for (DeviceAt device : side.devices()) {
            Optional<Holding> rival = rivals.apply(device);
            if (rival.isPresent()) {
                Holding other = rival.get();
                return new Problem.HeldByOther(
                        device, other.name(), other.consumer().uuid());
            }
            Problem problem = switch (hosts.get(device.node())) {
                case null -> new Problem.UnknownHost(device.node());
                case Unreported unreported -> unreported.problem();
                case Reported reported -> place(side, device, reported);
            };
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable Problem place(Side side, DeviceAt at, Reported host) {
        PciDevice device = host.devices().at(at.address()).orElse(null);
        if (device == null) {
            return new Problem.DeviceNotOnHost(at);
        }
        Problem dependent = dependent(at, device, host.devices());
        if (dependent != null) {
            return dependent;
        }
        ProviderStock provider = host.providers().get(device.providerAddress());
        if (provider == null) {
            return new Problem.DeviceNotTracked(at);
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

    private void want(Side side, UUID provider, int amount) {
        wanted.computeIfAbsent(side.consumer(), consumer -> new TreeMap<>()).merge(provider, amount, Integer::sum);
    }

    private @Nullable Problem dependent(DeviceAt at, PciDevice device, HostDevices devices) {
        PciAddress pf = device.parent();
        if (pf != null) {
            String holder = holder(new DeviceAt(at.node(), pf));
            return holder == null ? null : new Problem.DependentDevices(at.node(), pf, at.address(), holder);
        }
        for (PciDevice other : devices.all()) {
            if (at.address().equals(other.parent())) {
                String holder = holder(new DeviceAt(at.node(), other.address()));
                if (holder != null) {
                    return new Problem.DependentDevices(at.node(), at.address(), other.address(), holder);
                }
            }
        }
        return null;
    }

    private @Nullable String holder(DeviceAt device) {
        return claimed.contains(device)
                ? holding.name()
                : rivals.apply(device).map(Holding::name).orElse(null);
    }

    /**
     * Devices that are not counted keep what Placement has for them, if it has exactly that.
     *
     * @param pool the sides between which amounts may move
     * @param found what a consumer has
     */
    @Nullable Problem keep(List<Side> pool, Function<UUID, Map<UUID, Map<ResourceClass, Integer>>> found) {
        for (Side side : pool) {
            for (Map.Entry<UUID, List<DeviceAt>> entry :
                    uncounted.getOrDefault(side.consumer(), Map.of()).entrySet()) {
                UUID uuid = entry.getKey();
                int surplus = pool.stream()
                        .mapToInt(s -> provider(uuid).amount(found.apply(s.consumer()))
                                - wanted(s).getOrDefault(uuid, 0))
                        .sum();
                if (surplus < entry.getValue().size()) {
                    return new Problem.DeviceNotTracked(entry.getValue().getFirst());
                }
                want(side, uuid, entry.getValue().size());
            }
        }
        return null;
    }
}
