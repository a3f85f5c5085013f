package io.pciplacement.planning.allocation;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostStock.Reported;
import io.pciplacement.planning.allocation.HostStock.Unreported;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes the PCI part of a consumer's allocation what its devices say, and nothing else of it. A device that is held but
 * not counted any more keeps the amount that Placement has for it; without one, nothing is guessed.
 */
public final class Healing {

    private final Holding holding;
    private final Map<String, HostStock> hosts;
    private final Function<DeviceAt, Optional<Holding>> rivals;
    private final Map<UUID, Map<ResourceClass, Integer>> found;
    private final Map<UUID, ProviderStock> providers = new TreeMap<>();
    private final Map<UUID, Integer> wanted = new HashMap<>();
    private final Map<UUID, List<DeviceAt>> uncounted = new TreeMap<>();

    private Healing(
            Holding holding,
            Map<String, HostStock> hosts,
            Function<DeviceAt, Optional<Holding>> rivals,
            Map<UUID, Map<ResourceClass, Integer>> found) {
        this.holding = holding;
        this.hosts = hosts;
        this.rivals = rivals;
        this.found = found;
    }

    /**
     * Judges one consumer.
     *
     * @param hosts the hosts of its devices, by name; a missing one does not exist
     * @param rivals who else, older than the holding, has a device
     * @param present what the consumer has in Placement
     * @param ours whether a provider is one of ours that stands for devices
     */
    public static Verdict judge(
            Holding holding,
            Map<String, HostStock> hosts,
            Function<DeviceAt, Optional<Holding>> rivals,
            Allocation present,
            Predicate<UUID> ours) {
        Map<UUID, Map<ResourceClass, Integer>> found = new TreeMap<>(present.resources());
        found.keySet().removeIf(uuid -> !ours.test(uuid));
        Healing healing = new Healing(holding, hosts, rivals, found);
        Problem problem = healing.place();
        if (problem == null) {
            problem = healing.keep();
        }
        if (problem != null) {
            return new Verdict.Left(problem);
        }
        List<Amount> amounts = healing.amounts();
        boolean known = present.generation() != null;
        if (!known && holding.consumer().external()) {
            return new Verdict.Left(
                    new Problem.ConsumerHasNoAllocation(holding.consumer().uuid()));
        }
        if (known && amounts.stream().allMatch(Amount::right)) {
            return new Verdict.Right(amounts);
        }
        return new Verdict.Write(replaced(known ? present : holding.consumer().unknown(), amounts, ours), amounts);
    }

    /** The consumer's allocation without anything of ours; what else it has, stays. */
    public static Allocation released(Allocation present, Predicate<UUID> ours) {
        return replaced(present, List.of(), ours);
    }

    private static Allocation replaced(Allocation present, List<Amount> amounts, Predicate<UUID> ours) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(present.resources());
        resources.keySet().removeIf(ours);
        for (Amount amount : amounts) {
            if (amount.wanted() > 0) {
                resources.put(amount.uuid(), Map.of(amount.resourceClass(), amount.wanted()));
            }
        }
        return new Allocation(
                resources, present.projectId(), present.userId(), present.generation(), present.consumerType());
    }

    /** Finds each device's provider, and whatever stands in the way. */
    private @Nullable Problem place() {
        for (DeviceAt device : holding.devices()) {
            Optional<Holding> rival = rivals.apply(device);
            if (rival.isPresent()) {
                Holding other = rival.get();
                return new Problem.HeldByOther(
                        device, other.name(), other.consumer().uuid());
            }
            Problem problem = switch (hosts.get(device.node())) {
                case null -> new Problem.UnknownHost(device.node());
                case Unreported unreported -> unreported.problem();
                case Reported reported -> place(device, reported);
            };
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable Problem place(DeviceAt at, Reported host) {
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
            wanted.merge(provider.uuid(), 1, Integer::sum);
        } else {
            uncounted
                    .computeIfAbsent(provider.uuid(), uuid -> new ArrayList<>())
                    .add(at);
        }
        return null;
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
        return holding.devices().contains(device)
                ? holding.name()
                : rivals.apply(device).map(Holding::name).orElse(null);
    }

    /** Devices that are not counted keep what Placement has for them, if it has exactly that. */
    private @Nullable Problem keep() {
        for (Map.Entry<UUID, List<DeviceAt>> entry : uncounted.entrySet()) {
            int extra = surplus(entry.getKey());
            if (extra < entry.getValue().size()) {
                return new Problem.DeviceNotTracked(entry.getValue().getFirst());
            }
            wanted.merge(entry.getKey(), entry.getValue().size(), Integer::sum);
        }
        return null;
    }

    /** What Placement has beyond what is explained so far. */
    private int surplus(UUID uuid) {
        ProviderStock provider = providers.get(uuid);
        return provider == null ? 0 : Math.max(0, provider.amount(found) - wanted.getOrDefault(uuid, 0));
    }

    private List<Amount> amounts() {
        List<Amount> amounts = new ArrayList<>();
        wanted.forEach((uuid, amount) -> {
            ProviderStock provider = providers.get(uuid);
            if (provider != null) {
                amounts.add(
                        new Amount(provider.name(), uuid, provider.resourceClass(), amount, provider.amount(found)));
            }
        });
        found.forEach((uuid, resources) -> resources.forEach((resourceClass, amount) -> {
            ProviderStock provider = wanted.containsKey(uuid) ? providers.get(uuid) : null;
            if (provider == null || !provider.resourceClass().equals(resourceClass)) {
                String name = nameOf(uuid);
                amounts.add(new Amount(name, uuid, resourceClass, 0, amount));
            }
        }));
        amounts.sort(Comparator.comparing(Amount::provider).thenComparing(Amount::resourceClass));
        return amounts;
    }

    /** The name where the provider is known from the consumer's hosts, else its uuid. */
    private String nameOf(UUID uuid) {
        return hosts.values().stream()
                .filter(Reported.class::isInstance)
                .flatMap(host -> ((Reported) host).providers().values().stream())
                .filter(provider -> provider.uuid().equals(uuid))
                .map(ProviderStock::name)
                .findFirst()
                .orElseGet(uuid::toString);
    }
}
