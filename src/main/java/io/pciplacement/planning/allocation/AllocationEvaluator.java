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
public final class AllocationEvaluator {

    private final DesiredAllocation holding;
    private final DeviceProviderResolver places;
    private final Map<UUID, Allocation> present;
    private final Predicate<UUID> ours;

    private AllocationEvaluator(
            DesiredAllocation holding,
            DeviceProviderResolver places,
            Map<UUID, Allocation> present,
            Predicate<UUID> ours) {
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
    public static AllocationDecision judge(
            DesiredAllocation holding,
            Map<String, HostCapacity> hosts,
            Function<DeviceRef, Optional<DesiredAllocation>> rivals,
            Map<UUID, Allocation> present,
            Predicate<UUID> ours) {
        return new AllocationEvaluator(holding, new DeviceProviderResolver(holding, hosts, rivals), present, ours)
                .judge();
    }

    /** The hosts that must be known before a holding can be judged. */
    public static List<String> hosts(DesiredAllocation holding) {
        return MoveSide.of(holding).stream()
                .flatMap(side -> side.devices().stream())
                .map(DeviceRef::node)
                .distinct()
                .toList();
    }

    private AllocationDecision judge() {
        Optional<AllocationProblem> foreign = foreign();
        if (foreign.isPresent()) {
            return new AllocationDecision.Blocked(foreign.get());
        }
        List<MoveSide> sides = MoveSide.of(holding);
        for (MoveSide side : sides) {
            AllocationProblem problem = places.place(side);
            if (problem != null) {
                return new AllocationDecision.Blocked(problem);
            }
        }
        Optional<AllocationProblem> waits = holding.move() == null ? Optional.empty() : waits(holding.move());
        if (waits.isPresent()) {
            return new AllocationDecision.Blocked(waits.get());
        }
        boolean external = holding.consumer().external();
        List<MoveSide> known = sides.stream()
                .filter(side -> !external || present(side.consumer()).generation() != null)
                .filter(side -> !isUntypedMigration(side.consumer()))
                .toList();
        Optional<AllocationProblem> open = sides.stream()
                .filter(side -> !known.contains(side) && !side.optional())
                .filter(side -> !isUntypedMigration(side.consumer()))
                .<AllocationProblem>map(side -> new AllocationProblem.ConsumerHasNoAllocation(side.consumer()))
                .findFirst();
        if (known.isEmpty() && open.isPresent()) {
            return new AllocationDecision.Blocked(open.get());
        }
        // Who carries the move himself knows that what one side has less the other has more.
        List<List<MoveSide>> pools = external ? known.stream().map(List::of).toList() : List.of(known);
        for (List<MoveSide> pool : pools) {
            AllocationProblem problem = places.keep(pool, this::found);
            if (problem != null) {
                return new AllocationDecision.Blocked(problem);
            }
        }
        return verdict(known, open);
    }

    /** Whether Placement knows one of the consumers as somebody else's than the object says. */
    private Optional<AllocationProblem> foreign() {
        PlacementConsumer consumer = holding.consumer();
        List<String> differing = consumer.mismatches(present(consumer.uuid()));
        if (!differing.isEmpty()) {
            return Optional.of(new AllocationProblem.ForeignConsumer(consumer.uuid(), differing));
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
                : Optional.of(new AllocationProblem.ForeignMigration(move.migration(), others));
    }

    /** Nova's servers have no type either, so a consumer without one is never written to as a migration. */
    private boolean isUntypedMigration(UUID consumer) {
        Allocation present = present(consumer);
        return !consumer.equals(holding.consumer().uuid())
                && present.generation() != null
                && present.consumerType().equals(Allocation.UNKNOWN_TYPE);
    }

    private AllocationDecision verdict(List<MoveSide> sides, Optional<AllocationProblem> open) {
        List<AllocationDelta> all = new ArrayList<>();
        Map<UUID, Allocation> writes = new TreeMap<>();
        for (MoveSide side : sides) {
            List<AllocationDelta> amounts = amounts(side);
            if (!amounts.stream().allMatch(AllocationDelta::right)) {
                writes.put(side.consumer(), replaced(side, amounts));
            }
            all.addAll(amounts);
        }
        return writes.isEmpty()
                ? new AllocationDecision.InSync(all, open)
                : new AllocationDecision.Update(writes, all, open);
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
    private Optional<AllocationProblem> waits(Move move) {
        PlacementConsumer consumer = holding.consumer();
        if (!consumer.external()) {
            return Optional.empty();
        }
        boolean held = !found(move.migration()).isEmpty();
        return switch (move.phase()) {
            case CONFIRM, REVERT ->
                held
                        ? Optional.of(new AllocationProblem.MoveNotFinished(consumer.uuid(), move.migration()))
                        : Optional.empty();
            case MOVING -> {
                boolean sameHost = holding.devices().stream()
                        .anyMatch(device -> move.source().stream()
                                .anyMatch(source -> source.node().equals(device.node())));
                if (sameHost) {
                    yield Optional.of(new AllocationProblem.MoveInProgress(consumer.uuid(), move.migration()));
                }
                boolean begun = move.kind() == Move.Kind.EVACUATION
                        || present(move.migration()).generation() != null
                        || move.source().stream()
                                .flatMap(source -> places.provider(source).stream())
                                .noneMatch(provider -> provider.amount(found(consumer.uuid())) > 0);
                yield begun
                        ? Optional.empty()
                        : Optional.of(new AllocationProblem.MoveNotStarted(consumer.uuid(), move.migration()));
            }
        };
    }

    private Allocation replaced(MoveSide side, List<AllocationDelta> amounts) {
        Allocation before = present(side.consumer());
        Allocation base = before.generation() != null ? before : unknown(side.consumer());
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(base.resources());
        if (side.exact()) {
            resources.keySet().removeIf(ours);
        }
        for (AllocationDelta amount : amounts) {
            if (amount.wanted() > 0) {
                Map<ResourceClass, Integer> classes = new HashMap<>(resources.getOrDefault(amount.uuid(), Map.of()));
                classes.put(amount.resourceClass(), amount.wanted());
                resources.put(amount.uuid(), classes);
            }
        }
        return base.withResources(resources);
    }

    private Allocation unknown(UUID uuid) {
        PlacementConsumer consumer = holding.consumer();
        return uuid.equals(consumer.uuid())
                ? consumer.unknown()
                : consumer.migration(uuid).unknown();
    }

    private List<AllocationDelta> amounts(MoveSide side) {
        Map<UUID, Map<ResourceClass, Integer>> found = found(side.consumer());
        List<AllocationDelta> amounts = new ArrayList<>();
        Map<UUID, Integer> wanted = places.wanted(side);
        wanted.forEach((uuid, amount) -> {
            ProviderCapacity provider = places.provider(uuid);
            int has = provider.amount(found);
            amounts.add(new AllocationDelta(
                    side.consumer(),
                    provider.name(),
                    uuid,
                    provider.resourceClass(),
                    side.exact() ? amount : Math.max(amount, has),
                    has));
        });
        if (side.exact()) {
            found.forEach((uuid, resources) -> resources.forEach((resourceClass, amount) -> {
                @Nullable ProviderCapacity provider = wanted.containsKey(uuid) ? places.provider(uuid) : null;
                if (provider == null || !provider.resourceClass().equals(resourceClass)) {
                    amounts.add(
                            new AllocationDelta(side.consumer(), places.nameOf(uuid), uuid, resourceClass, 0, amount));
                }
            }));
        }
        amounts.sort(Comparator.comparing(AllocationDelta::provider).thenComparing(AllocationDelta::resourceClass));
        return amounts;
    }
}
