package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
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
 * Makes the PCI part of a consumer's allocation what its devices say, and nothing else of it; in a move also that of
 * the migration, both at once.
 */
public final class Healing {

    private final Holding holding;
    private final Places places;
    private final Map<UUID, Allocation> present;
    private final Predicate<UUID> ours;

    private Healing(Holding holding, Places places, Map<UUID, Allocation> present, Predicate<UUID> ours) {
        this.holding = holding;
        this.places = places;
        this.present = present;
        this.ours = ours;
    }

    /**
     * Judges one consumer.
     *
     * @param hosts the hosts of its devices, by name; a missing one does not exist
     * @param rivals who else, older than the holding, has a device
     * @param present what each of the holding's consumers has in Placement
     * @param ours whether a provider is one of ours that stands for devices
     */
    public static Verdict judge(
            Holding holding,
            Map<String, HostStock> hosts,
            Function<DeviceAt, Optional<Holding>> rivals,
            Map<UUID, Allocation> present,
            Predicate<UUID> ours) {
        return new Healing(holding, new Places(holding, hosts, rivals), present, ours).judge();
    }

    /** The hosts that must be known before a holding can be judged. */
    public static List<String> hosts(Holding holding) {
        return Side.of(holding).stream()
                .flatMap(side -> side.devices().stream())
                .map(DeviceAt::node)
                .distinct()
                .toList();
    }

    private Verdict judge() {
        Optional<Problem> foreign = foreign();
        if (foreign.isPresent()) {
            return new Verdict.Left(foreign.get());
        }
        List<Side> sides = Side.of(holding);
        for (Side side : sides) {
            Problem problem = places.place(side);
            if (problem != null) {
                return new Verdict.Left(problem);
            }
        }
        Optional<Problem> waits = holding.move() == null ? Optional.empty() : waits(holding.move());
        if (waits.isPresent()) {
            return new Verdict.Left(waits.get());
        }
        boolean external = holding.consumer().external();
        List<Side> known = sides.stream()
                .filter(side -> !external || present(side.consumer()).generation() != null)
                .filter(side -> !isUntypedMigration(side.consumer()))
                .toList();
        Optional<Problem> open = sides.stream()
                .filter(side -> !known.contains(side) && !side.optional())
                .filter(side -> !isUntypedMigration(side.consumer()))
                .<Problem>map(side -> new Problem.ConsumerHasNoAllocation(side.consumer()))
                .findFirst();
        if (known.isEmpty() && open.isPresent()) {
            return new Verdict.Left(open.get());
        }
        // Who carries the move himself knows that what one side has less the other has more.
        List<List<Side>> pools = external ? known.stream().map(List::of).toList() : List.of(known);
        for (List<Side> pool : pools) {
            Problem problem = places.keep(pool, this::found);
            if (problem != null) {
                return new Verdict.Left(problem);
            }
        }
        return verdict(known, open);
    }

    /** Whether Placement knows one of the consumers as somebody else's than the object says. */
    private Optional<Problem> foreign() {
        Consumer consumer = holding.consumer();
        List<String> differing = consumer.mismatches(present(consumer.uuid()));
        if (!differing.isEmpty()) {
            return Optional.of(new Problem.ForeignConsumer(consumer.uuid(), differing));
        }
        Move move = holding.move();
        if (move == null) {
            return Optional.empty();
        }
        List<String> others =
                new ArrayList<>(consumer.migration(move.migration()).mismatches(present(move.migration())));
        if (!consumer.external() && isUntypedMigration(move.migration())) {
            others.add("type");
        }
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem.ForeignMigration(move.migration(), others));
    }

    /** Nova's servers have no type either, so a consumer without one is never written to as a migration. */
    private boolean isUntypedMigration(UUID consumer) {
        Allocation present = present(consumer);
        return !consumer.equals(holding.consumer().uuid())
                && present.generation() != null
                && present.consumerType().equals(Allocation.UNKNOWN_TYPE);
    }

    private Verdict verdict(List<Side> sides, Optional<Problem> open) {
        List<Amount> all = new ArrayList<>();
        Map<UUID, Allocation> writes = new TreeMap<>();
        for (Side side : sides) {
            List<Amount> amounts = amounts(side);
            if (!amounts.stream().allMatch(Amount::right)) {
                writes.put(side.consumer(), replaced(side, amounts));
            }
            all.addAll(amounts);
        }
        return writes.isEmpty() ? new Verdict.Right(all, open) : new Verdict.Write(writes, all, open);
    }

    private Allocation present(UUID consumer) {
        Allocation known = present.get(consumer);
        if (known == null) {
            throw new IllegalArgumentException("not told what consumer " + consumer + " has");
        }
        return known;
    }

    /** What a consumer has of our providers. */
    private Map<UUID, Map<ResourceClass, Integer>> found(UUID consumer) {
        Map<UUID, Map<ResourceClass, Integer>> found =
                new TreeMap<>(present(consumer).resources());
        found.keySet().removeIf(ours.negate());
        return found;
    }

    /** Somebody else carries this move: whether he must go on first. */
    private Optional<Problem> waits(Move move) {
        Consumer consumer = holding.consumer();
        if (!consumer.external()) {
            return Optional.empty();
        }
        boolean held = !found(move.migration()).isEmpty();
        return switch (move.phase()) {
            case CONFIRM, REVERT ->
                held ? Optional.of(new Problem.MoveNotFinished(consumer.uuid(), move.migration())) : Optional.empty();
            case MOVING -> {
                boolean sameHost = holding.devices().stream()
                        .anyMatch(device -> move.source().stream()
                                .anyMatch(source -> source.node().equals(device.node())));
                if (sameHost) {
                    yield Optional.of(new Problem.MoveInProgress(consumer.uuid(), move.migration()));
                }
                boolean begun = move.kind() == Move.Kind.EVACUATION
                        || present(move.migration()).generation() != null
                        || move.source().stream()
                                .flatMap(source -> places.provider(source).stream())
                                .noneMatch(provider -> provider.amount(found(consumer.uuid())) > 0);
                yield begun
                        ? Optional.empty()
                        : Optional.of(new Problem.MoveNotStarted(consumer.uuid(), move.migration()));
            }
        };
    }

    private Allocation replaced(Side side, List<Amount> amounts) {
        Allocation before = present(side.consumer());
        Allocation base = before.generation() != null ? before : unknown(side.consumer());
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(base.resources());
        if (side.exact()) {
            resources.keySet().removeIf(ours);
        }
        for (Amount amount : amounts) {
            if (amount.wanted() > 0) {
                Map<ResourceClass, Integer> classes = new HashMap<>(resources.getOrDefault(amount.uuid(), Map.of()));
                classes.put(amount.resourceClass(), amount.wanted());
                resources.put(amount.uuid(), classes);
            }
        }
        return base.with(resources);
    }

    private Allocation unknown(UUID uuid) {
        Consumer consumer = holding.consumer();
        return uuid.equals(consumer.uuid())
                ? consumer.unknown()
                : consumer.migration(uuid).unknown();
    }

    private List<Amount> amounts(Side side) {
        Map<UUID, Map<ResourceClass, Integer>> found = found(side.consumer());
        List<Amount> amounts = new ArrayList<>();
        Map<UUID, Integer> wanted = places.wanted(side);
        wanted.forEach((uuid, amount) -> {
            ProviderStock provider = places.provider(uuid);
            int has = provider.amount(found);
            amounts.add(new Amount(
                    side.consumer(),
                    provider.name(),
                    uuid,
                    provider.resourceClass(),
                    side.exact() ? amount : Math.max(amount, has),
                    has));
        });
        if (side.exact()) {
            found.forEach((uuid, resources) -> resources.forEach((resourceClass, amount) -> {
                @Nullable ProviderStock provider = wanted.containsKey(uuid) ? places.provider(uuid) : null;
                if (provider == null || !provider.resourceClass().equals(resourceClass)) {
                    amounts.add(new Amount(side.consumer(), places.nameOf(uuid), uuid, resourceClass, 0, amount));
                }
            }));
        }
        amounts.sort(Comparator.comparing(Amount::provider).thenComparing(Amount::resourceClass));
        return amounts;
    }
}
