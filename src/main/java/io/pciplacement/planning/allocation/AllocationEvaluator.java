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
 * Comparison of the PCI part of a consumer's allocation with its devices. Other parts of the allocation are not
 * changed. In a move, the migration's allocation is included and both are changed at once.
 */
public final class AllocationEvaluator {

    private final DesiredAllocation desired;
    private final Map<String, HostCapacity> hosts;
    private final DeviceProviderResolver resolver;
    private final Map<UUID, Allocation> allocations;
    private final Predicate<UUID> isOwnProvider;

    private AllocationEvaluator(
            DesiredAllocation desired,
            Map<String, HostCapacity> hosts,
            DeviceProviderResolver resolver,
            Map<UUID, Allocation> allocations,
            Predicate<UUID> isOwnProvider) {
        this.desired = desired;
        this.hosts = hosts;
        this.resolver = resolver;
        this.allocations = allocations;
        this.isOwnProvider = isOwnProvider;
    }

    /**
     * Evaluates one consumer.
     *
     * @param hosts hosts of its devices by name; a missing one does not exist
     * @param olderHolder returns the older PciAllocation that has a device
     * @param allocations current allocation in Placement of each consumer of the desired allocation
     * @param isOwnProvider whether a provider belongs to the operator and represents devices
     */
    public static AllocationDecision evaluate(
            DesiredAllocation desired,
            Map<String, HostCapacity> hosts,
            Function<DeviceRef, Optional<DesiredAllocation>> olderHolder,
            Map<UUID, Allocation> allocations,
            Predicate<UUID> isOwnProvider) {
        return new AllocationEvaluator(
                        desired,
                        hosts,
                        new DeviceProviderResolver(desired, hosts, olderHolder),
                        allocations,
                        isOwnProvider)
                .evaluate();
    }

    /** Returns the hosts that must be known before a desired allocation can be evaluated. */
    public static List<String> requiredHosts(DesiredAllocation desired) {
        return MoveSide.sidesOf(desired).stream()
                .flatMap(side -> side.devices().stream())
                .map(DeviceRef::node)
                .distinct()
                .toList();
    }

    private AllocationDecision evaluate() {
        Optional<AllocationProblem> foreign = findForeignConsumer();
        if (foreign.isPresent()) {
            return new AllocationDecision.Blocked(foreign.get());
        }
        List<MoveSide> sides = MoveSide.sidesOf(desired);
        for (MoveSide side : sides) {
            AllocationProblem problem = resolver.resolveSide(side);
            if (problem != null) {
                return new AllocationDecision.Blocked(problem);
            }
        }
        if (desired.discovered()
                && currentAllocation(desired.consumer().uuid()).generation() == null
                && sides.stream().allMatch(side -> resolver.desiredUnits(side).isEmpty())) {
            // None of the server's devices is tracked, so the server needs no allocation.
            return new AllocationDecision.InSync(List.of(), Optional.empty());
        }
        Optional<AllocationProblem> waitProblem =
                desired.move() == null ? Optional.empty() : waitForExternalMove(desired.move());
        if (waitProblem.isPresent()) {
            return new AllocationDecision.Blocked(waitProblem.get());
        }
        boolean external = desired.consumer().managedExternally();
        List<MoveSide> known = sides.stream()
                .filter(side -> !external || currentAllocation(side.consumer()).generation() != null)
                .filter(side -> !isUntypedMigration(side.consumer()))
                .toList();
        Optional<AllocationProblem> pending = sides.stream()
                .filter(side -> !known.contains(side) && !side.optional())
                .filter(side -> !isUntypedMigration(side.consumer()))
                .<AllocationProblem>map(side -> new AllocationProblem.ConsumerHasNoAllocation(side.consumer()))
                .findFirst();
        if (known.isEmpty() && pending.isPresent()) {
            return new AllocationDecision.Blocked(pending.get());
        }
        // If the operator executes the move, units that one side loses are gained by the other.
        List<List<MoveSide>> pools = external ? known.stream().map(List::of).toList() : List.of(known);
        for (List<MoveSide> pool : pools) {
            AllocationProblem problem = resolver.retainNotListed(pool, this::deviceResources);
            if (problem != null) {
                return new AllocationDecision.Blocked(problem);
            }
        }
        return buildDecision(known, pending);
    }

    /** Returns a problem if the owner of a consumer in Placement differs from the object. */
    private Optional<AllocationProblem> findForeignConsumer() {
        PlacementConsumer consumer = desired.consumer();
        List<String> differing = consumer.mismatches(currentAllocation(consumer.uuid()));
        if (!differing.isEmpty()) {
            return Optional.of(new AllocationProblem.ForeignConsumer(consumer.uuid(), differing));
        }
        Move move = desired.move();
        if (move == null) {
            return Optional.empty();
        }
        List<String> others = new ArrayList<>(
                consumer.migrationConsumer(move.migration()).mismatches(currentAllocation(move.migration())));
        if (!consumer.managedExternally() && isUntypedMigration(move.migration())) {
            others.add("type");
        }
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(new AllocationProblem.ForeignMigration(move.migration(), others));
    }

    /**
     * Whether a migration consumer has no type. Servers of Nova have no type either, so such a consumer is never
     * written as a migration.
     */
    private boolean isUntypedMigration(UUID consumer) {
        Allocation allocation = currentAllocation(consumer);
        return !consumer.equals(desired.consumer().uuid())
                && allocation.generation() != null
                && allocation.consumerType().equals(Allocation.UNKNOWN_TYPE);
    }

    private AllocationDecision buildDecision(List<MoveSide> sides, Optional<AllocationProblem> pending) {
        List<AllocationDelta> allDeltas = new ArrayList<>();
        Map<UUID, Allocation> writes = new TreeMap<>();
        for (MoveSide side : sides) {
            Optional<AllocationProblem> mismatch = findDeviceMismatch(side);
            if (mismatch.isPresent()) {
                return new AllocationDecision.Blocked(mismatch.get());
            }
            List<AllocationDelta> deltas = computeDeltas(side, side.exact());
            if (!deltas.stream().allMatch(AllocationDelta::isInSync)) {
                writes.put(side.consumer(), updatedAllocation(side, deltas));
            }
            allDeltas.addAll(deltas);
        }
        Optional<AllocationProblem> sourceMismatch = MoveRules.findSourceMismatch(desired, allDeltas);
        if (sourceMismatch.isPresent()) {
            return new AllocationDecision.Blocked(sourceMismatch.get());
        }
        return writes.isEmpty()
                ? new AllocationDecision.InSync(allDeltas, pending)
                : new AllocationDecision.Update(writes, allDeltas, pending);
    }

    private Allocation currentAllocation(UUID consumer) {
        Allocation known = allocations.get(consumer);
        if (known == null) {
            throw new IllegalArgumentException("the allocation of consumer " + consumer + " was not passed");
        }
        return known;
    }

    /** Returns the resources of the operator's providers that a consumer has. */
    private Map<UUID, Map<ResourceClass, Integer>> deviceResources(UUID consumer) {
        Map<UUID, Map<ResourceClass, Integer>> found =
                new TreeMap<>(currentAllocation(consumer).resources());
        found.keySet().removeIf(isOwnProvider.negate());
        return found;
    }

    /** Returns a problem if an external manager executes the move and must act first. */
    private Optional<AllocationProblem> waitForExternalMove(Move move) {
        PlacementConsumer consumer = desired.consumer();
        if (!consumer.managedExternally()) {
            return Optional.empty();
        }
        boolean held = !deviceResources(move.migration()).isEmpty();
        return switch (move.phase()) {
            case CONFIRM, REVERT ->
                held
                        ? Optional.of(new AllocationProblem.MoveNotFinished(consumer.uuid(), move.migration()))
                        : Optional.empty();
            case MOVING -> {
                boolean sameHost = desired.devices().stream()
                        .anyMatch(device -> move.source().stream()
                                .anyMatch(source -> source.node().equals(device.node())));
                if (sameHost) {
                    yield Optional.of(new AllocationProblem.MoveInProgress(consumer.uuid(), move.migration()));
                }
                boolean started = move.kind() == Move.Kind.EVACUATION
                        || currentAllocation(move.migration()).generation() != null
                        || move.source().stream()
                                .flatMap(source -> resolver.findProvider(source).stream())
                                .noneMatch(provider -> provider.allocatedUnits(deviceResources(consumer.uuid())) > 0);
                yield started
                        ? Optional.empty()
                        : Optional.of(new AllocationProblem.MoveNotStarted(consumer.uuid(), move.migration()));
            }
        };
    }

    private Allocation updatedAllocation(MoveSide side, List<AllocationDelta> deltas) {
        Allocation before = currentAllocation(side.consumer());
        Allocation base = before.generation() != null ? before : emptyAllocation(side.consumer());
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(base.resources());
        if (side.exact()) {
            resources.keySet().removeIf(isOwnProvider);
        }
        for (AllocationDelta delta : deltas) {
            if (delta.desired() > 0) {
                Map<ResourceClass, Integer> classes =
                        new HashMap<>(resources.getOrDefault(delta.providerUuid(), Map.of()));
                classes.put(delta.resourceClass(), delta.desired());
                resources.put(delta.providerUuid(), classes);
            }
        }
        return base.withResources(resources);
    }

    private Allocation emptyAllocation(UUID uuid) {
        PlacementConsumer consumer = desired.consumer();
        return uuid.equals(consumer.uuid())
                ? consumer.emptyAllocation()
                : consumer.migrationConsumer(uuid).emptyAllocation();
    }

    private Optional<AllocationProblem> findDeviceMismatch(MoveSide side) {
        return NovaHostRules.applyTo(desired, hosts)
                ? NovaHostRules.findDeviceMismatch(desired, hosts, computeDeltas(side, true))
                : Optional.empty();
    }

    /**
     * Compares a side with Placement.
     *
     * @param exact whether units that its devices do not explain differ, too
     */
    private List<AllocationDelta> computeDeltas(MoveSide side, boolean exact) {
        Map<UUID, Map<ResourceClass, Integer>> found = deviceResources(side.consumer());
        List<AllocationDelta> deltas = new ArrayList<>();
        Map<UUID, Integer> wanted = resolver.desiredUnits(side);
        wanted.forEach((uuid, amount) -> {
            ProviderCapacity provider = resolver.findProvider(uuid);
            int actual = provider.allocatedUnits(found);
            deltas.add(new AllocationDelta(
                    side.consumer(),
                    provider.name(),
                    uuid,
                    provider.resourceClass(),
                    exact ? amount : Math.max(amount, actual),
                    actual));
        });
        if (exact) {
            found.forEach((uuid, resources) -> resources.forEach((resourceClass, amount) -> {
                @Nullable ProviderCapacity provider = wanted.containsKey(uuid) ? resolver.findProvider(uuid) : null;
                if (provider == null || !provider.resourceClass().equals(resourceClass)) {
                    deltas.add(new AllocationDelta(
                            side.consumer(), resolver.providerName(uuid), uuid, resourceClass, 0, amount));
                }
            }));
        }
        deltas.sort(Comparator.comparing(AllocationDelta::provider).thenComparing(AllocationDelta::resourceClass));
        return deltas;
    }
}
