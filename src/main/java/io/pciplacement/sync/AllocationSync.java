package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationEvaluator;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.AttachedDeviceRules;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.NovaHostRules;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.cache.RemovedUnitsTracker;
import io.pciplacement.sync.root.ConsumerRootProviders;
import io.pciplacement.sync.state.FailureAction;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Synchronizes the PCI part of consumers' allocations. It evaluates the cached state first. Only if that is not in
 * sync, it reads the consumer from Placement, evaluates again and writes. After a conflict with another writer it
 * retries a limited number of times.
 */
final class AllocationSync {

    private static final int MAX_ATTEMPTS = 4;

    /** The most consumers without a PciAllocation that are read to detect an undeclared move. */
    private static final int MAX_UNACCOUNTED_CONSUMERS = 32;

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final HostCapacityCache capacityCache;
    private final AllocationWriter writer;
    private final ConsumerRootProviders roots;
    private final RemovedUnitsTracker removedUnits;
    private final RejectedWriteAnalyzer rejectionAnalyzer;

    AllocationSync(
            PlacementClient placement,
            ProviderCache providerCache,
            HostCapacityCache capacityCache,
            AllocationWriter writer,
            ConsumerRootProviders roots,
            InstantSource clock) {
        this.placement = placement;
        this.providerCache = providerCache;
        this.capacityCache = capacityCache;
        this.writer = writer;
        this.roots = roots;
        this.removedUnits = new RemovedUnitsTracker(clock);
        this.rejectionAnalyzer = new RejectedWriteAnalyzer(providerCache, writer);
    }

    /** @throws PlacementException if Placement cannot be used */
    AllocationSyncResult syncAllocation(AllocationSyncRequest request) {
        DesiredAllocation desired = request.desired();
        Optional<Map<String, HostCapacity>> knownHosts = findHostCapacities(desired, request.hostExists());
        if (knownHosts.isEmpty()) {
            return new AllocationSyncResult.Deferred();
        }
        Map<String, HostCapacity> hosts = knownHosts.get();
        AllocationDecision cachedDecision = evaluateDecision(
                request,
                hosts,
                allocationsByConsumer(desired.consumerUuids(), uuid -> cachedAllocation(desired, uuid)));
        if (isDecidedByCache(request, cachedDecision)) {
            return new AllocationSyncResult.Evaluated(cachedDecision, Set.of(), false, Optional.empty());
        }
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = allocationsByConsumer(desired.consumerUuids(), placement::getAllocation);
            AllocationDecision decision = evaluateDecision(request, hosts, present);
            if (!(decision instanceof AllocationDecision.Update update)) {
                // The cache is outdated; the next sweep updates it and notifies the host.
                Optional<AllocationRecord> record = decision instanceof AllocationDecision.InSync inSync
                        ? new RecordedAllocationWrite(request.recordStore(), desired, present, inSync.deltas())
                                .resultingRecord()
                        : Optional.empty();
                boolean retry = decision.findProblem()
                        .filter(problem -> !problem.requiresUserAction() || !decision.equals(cachedDecision))
                        .isPresent();
                return new AllocationSyncResult.Evaluated(decision, Set.of(), retry, record);
            }
            List<AllocationDelta> removals = NovaHostRules.findRemovals(desired, hosts, update.deltas());
            Optional<AllocationProblem> problem = findUndeclaredMove(request, hosts, present)
                    .or(() -> findConsumerElsewhere(desired, hosts, present, update.deltas()))
                    .or(() -> findRestoredUnits(desired, removals))
                    .or(() -> AttachedDeviceRules.findAttachedRemovals(request.attachedUnits(), update.deltas()));
            if (problem.isPresent()) {
                return new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem.get()), true);
            }
            RecordedAllocationWrite recordedWrite =
                    new RecordedAllocationWrite(request.recordStore(), desired, present, update.deltas());
            int currentAttempt = attempt;
            try {
                boolean external = desired.consumer().managedExternally() && desired.move() == null;
                Set<String> touchedNodes = recordedWrite.executeWrite(() -> external
                        ? writer.restoreAllocations(present, update.allocations(), currentAttempt)
                        : writer.putAllocations(present, update.allocations(), currentAttempt));
                removedUnits.recordRemovals(desired, removals);
                return new AllocationSyncResult.Evaluated(
                        update, touchedNodes, update.pending().isPresent(), recordedWrite.resultingRecord());
            } catch (PlacementException e) {
                switch (FailureAction.forException(e)) {
                    case WAIT -> throw e;
                    case REPLAN -> {
                        if (attempt == MAX_ATTEMPTS) {
                            return new AllocationSyncResult.Evaluated(
                                    new AllocationDecision.Blocked(
                                            rejectionAnalyzer.explainRejection(e, desired, hosts, update.deltas())),
                                    true);
                        }
                    }
                    case GIVE_UP -> {
                        return new AllocationSyncResult.Evaluated(
                                new AllocationDecision.Blocked(
                                        rejectionAnalyzer.explainRejection(e, desired, hosts, update.deltas())),
                                true);
                    }
                }
            }
        }
    }

    /**
     * The capacity of the existing hosts of an allocation's devices; empty while the capacity of one of them is
     * unknown.
     */
    private Optional<Map<String, HostCapacity>> findHostCapacities(
            DesiredAllocation desired, Predicate<String> exists) {
        Map<String, HostCapacity> hosts = new HashMap<>();
        for (String node : AllocationEvaluator.requiredHosts(desired)) {
            if (exists.test(node)) {
                Optional<HostCapacity> capacity = capacityCache.findCapacity(node);
                if (capacity.isEmpty()) {
                    return Optional.empty();
                }
                hosts.put(node, capacity.get());
            }
        }
        return Optional.of(hosts);
    }

    /** Whether the decision from cached state is final, so that the consumers need not be read. */
    private static boolean isDecidedByCache(AllocationSyncRequest request, AllocationDecision cachedDecision) {
        DesiredAllocation desired = request.desired();
        return switch (cachedDecision) {
            // The consumers' owner is verified once. Amounts that no record covers may have been written for the
            // object.
            case AllocationDecision.InSync inSync ->
                request.consumersVerified()
                        && (desired.consumer().managedExternally()
                                || request.recordStore().currentRecord().coversAll(inSync.deltas()));
            // During a move, changes by other clients reach the cache late. If another object names the same consumer,
            // Placement shows whose it is, so that an object cannot keep a consumer that is not its own. That does not
            // depend on the last result: the cache and Placement may show different problems, because the cache does
            // not contain whether a consumer exists, and the object would alternate between the two.
            case AllocationDecision.Blocked blocked ->
                !request.consumersContested()
                        && (desired.move() == null || blocked.problem().requiresUserAction());
            case AllocationDecision.Update update -> false;
        };
    }

    /**
     * Removes from the consumers' allocations what was written for an object, and nothing else.
     *
     * @throws PlacementException if Placement cannot be used
     */
    AllocationSyncResult releaseAllocations(ReleaseRequest request) {
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = allocationsByConsumer(request.consumers(), placement::getAllocation);
            present.entrySet()
                    .removeIf(entry -> !request.desired()
                            .consumerFor(entry.getKey())
                            .mismatches(entry.getValue())
                            .isEmpty());
            Optional<AllocationRecord> record = resolveOwnRecord(request, present);
            if (record.isEmpty()) {
                return new AllocationSyncResult.Deferred();
            }
            Map<UUID, Allocation> remaining = new TreeMap<>();
            present.forEach((uuid, allocation) -> {
                Allocation released = record.get().releasedAllocation(uuid, allocation);
                if (!released.equals(allocation)) {
                    remaining.put(uuid, released);
                }
            });
            if (remaining.isEmpty()) {
                return new AllocationSyncResult.Released(Set.of());
            }
            try {
                return new AllocationSyncResult.Released(writer.putAllocations(present, remaining, attempt));
            } catch (PlacementException.GenerationConflict e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * What was written for an object that is deleted. If that is unknown, as after a crash or a restore without status,
     * it is the consumer's allocation, provided that it matches the object and the consumer has no other resources.
     *
     * @return empty while a host that is needed for the decision is unknown
     */
    private Optional<AllocationRecord> resolveOwnRecord(ReleaseRequest request, Map<UUID, Allocation> present) {
        Map<UUID, Allocation> candidates = new TreeMap<>(present);
        candidates.keySet().retainAll(request.adoptable());
        candidates.entrySet().removeIf(entry -> {
            Allocation remaining = request.record().releasedAllocation(entry.getKey(), entry.getValue());
            return remaining.resources().isEmpty()
                    || !entry.getValue().resources().keySet().stream().allMatch(providerCache::isDeviceProvider);
        });
        if (candidates.isEmpty()) {
            return Optional.of(request.record());
        }
        Set<UUID> adopted = new TreeSet<>();
        if (request.requestedDevices() > 0) {
            candidates.forEach((uuid, allocation) -> {
                if (matchesClaimSize(allocation, request.requestedDevices())) {
                    adopted.add(uuid);
                }
            });
        }
        Optional<Map<String, HostCapacity>> hosts = findHostCapacities(request.desired(), request.hostExists());
        if (hosts.isEmpty()) {
            return Optional.empty();
        }
        adopted.addAll(consumersMatchingDevices(request, hosts.get(), candidates));
        return Optional.of(request.record().withAdopted(adopted, present));
    }

    /**
     * Whether an allocation can be the result of the object's claim: the requested number of devices, all below one
     * root provider.
     */
    private boolean matchesClaimSize(Allocation allocation, int requested) {
        int amount = allocation.resources().values().stream()
                .flatMap(amounts -> amounts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
        return amount == requested
                && roots.rootsOfAllocations(List.of(allocation)).size() == 1;
    }

    /** The consumers whose allocations consist of the object's devices only. */
    private Set<UUID> consumersMatchingDevices(
            ReleaseRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> candidates) {
        DesiredAllocation desired = request.desired();
        if (desired.devices().isEmpty()) {
            return Set.of();
        }
        Map<UUID, Allocation> all =
                allocationsByConsumer(desired.consumerUuids(), uuid -> cachedAllocation(desired, uuid));
        all.putAll(candidates);
        List<AllocationDelta> deltas = switch (AllocationEvaluator.evaluate(
                desired, hosts, request.olderHolderOf(), all, providerCache::isDeviceProvider)) {
            case AllocationDecision.InSync inSync -> inSync.deltas();
            case AllocationDecision.Update update -> update.deltas();
            case AllocationDecision.Blocked blocked -> List.of();
        };
        Set<UUID> matching = new TreeSet<>(candidates.keySet());
        matching.retainAll(deltas.stream().map(AllocationDelta::consumer).toList());
        deltas.stream()
                .filter(delta -> delta.actual() > delta.desired())
                .map(AllocationDelta::consumer)
                .forEach(matching::remove);
        return matching;
    }

    /**
     * Finds a host where the PCI part of an External consumer would grow although the consumer has no allocation there.
     * The client that manages the consumer must have allocated something on the host first.
     */
    private Optional<AllocationProblem> findConsumerElsewhere(
            DesiredAllocation desired,
            Map<String, HostCapacity> hosts,
            Map<UUID, Allocation> present,
            List<AllocationDelta> deltas) {
        if (!desired.consumer().managedExternally()) {
            return Optional.empty();
        }
        Map<UUID, String> growing = new TreeMap<>();
        for (HostCapacity host : hosts.values()) {
            if (host instanceof HostCapacity.Available available
                    && deltas.stream()
                            .filter(delta -> delta.desired() > delta.actual())
                            .anyMatch(delta ->
                                    available.findProvider(delta.providerUuid()).isPresent())) {
                growing.put(available.root(), available.node());
            }
        }
        if (roots.coversAllRoots(present.values(), growing.keySet())) {
            return Optional.empty();
        }
        Map<UUID, String> found = roots.rootsOfAllocations(present.values());
        return growing.entrySet().stream()
                .filter(root -> !found.containsKey(root.getKey()))
                .<AllocationProblem>map(root -> new AllocationProblem.ConsumerElsewhere(
                        desired.consumer().uuid(),
                        root.getValue(),
                        found.values().stream().distinct().sorted().toList()))
                .findFirst();
    }

    /** Finds units that nova-compute has allocated to its server again each time the operator has removed them. */
    private Optional<AllocationProblem> findRestoredUnits(DesiredAllocation desired, List<AllocationDelta> removals) {
        return removedUnits.areRestored(desired, removals)
                ? Optional.of(
                        new AllocationProblem.DeviceMismatch(desired.consumer().uuid(), removals, List.of()))
                : Optional.empty();
    }

    private static Map<UUID, Allocation> allocationsByConsumer(Set<UUID> consumers, Function<UUID, Allocation> source) {
        Map<UUID, Allocation> all = new TreeMap<>();
        consumers.forEach(uuid -> all.put(uuid, source.apply(uuid)));
        return all;
    }

    private AllocationDecision evaluateDecision(
            AllocationSyncRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> present) {
        return AllocationEvaluator.evaluate(
                request.desired(), hosts, request.olderHolderOf(), present, providerCache::isDeviceProvider);
    }

    /**
     * The cached PCI part of a consumer as if it were the whole allocation. Its generation is not real: never write it.
     */
    private Allocation cachedAllocation(DesiredAllocation desired, UUID consumer) {
        PlacementConsumer consumerOf = desired.consumerFor(consumer);
        return new Allocation(
                providerCache.allocationsOf(consumer),
                consumerOf.projectId(),
                consumerOf.userId(),
                0,
                consumerOf.type());
    }

    /**
     * Detects a resize on the same host: Nova moves the server's old allocation to the migration and gives the server
     * the new one. Placement does not store which server a migration belongs to, so any migration of the same project
     * and user blocks the consumer.
     */
    private Optional<AllocationProblem> findUndeclaredMove(
            AllocationSyncRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> all) {
        PlacementConsumer consumer = request.desired().consumer();
        Allocation present = all.get(consumer.uuid());
        if (!consumer.managedExternally() || request.desired().move() != null || present == null) {
            return Optional.empty();
        }
        for (UUID consumerUuid : unaccountedConsumers(request, hosts)) {
            Allocation other = placement.getAllocation(consumerUuid);
            if (other.consumerType().equals(Allocation.MIGRATION_TYPE)
                    && other.projectId().equals(present.projectId())
                    && other.userId().equals(present.userId())) {
                return Optional.of(new AllocationProblem.MoveInProgress(consumer.uuid(), consumerUuid));
            }
        }
        return Optional.empty();
    }

    /** Consumers on the same hosts that have no PciAllocation. */
    private static List<UUID> unaccountedConsumers(AllocationSyncRequest request, Map<String, HostCapacity> hosts) {
        Set<UUID> consumers = new TreeSet<>();
        for (HostCapacity host : hosts.values()) {
            if (host instanceof HostCapacity.Available available) {
                for (ProviderCapacity provider : available.providers().values()) {
                    consumers.addAll(provider.observed().allocations().keySet());
                }
            }
        }
        consumers.removeIf(request.hasAllocationFor());
        consumers.remove(request.desired().consumer().uuid());
        return new ArrayList<>(consumers).subList(0, Math.min(MAX_UNACCOUNTED_CONSUMERS, consumers.size()));
    }
}
