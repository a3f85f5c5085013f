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
import io.pciplacement.sync.AllocationSyncRequest.Acceptance;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.cache.RemovedUnitsTracker;
import io.pciplacement.sync.root.ConsumerRootProviders;
import io.pciplacement.sync.state.FailureAction;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

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
    private final ConsumerAllocationReader consumers;
    private final UnrecordedAllocations unrecorded;
    private final RemovedUnitsTracker removedUnits;
    private final RejectedWriteAnalyzer rejectionAnalyzer;

    AllocationSync(
            PlacementClient placement,
            ConsumerAllocationReader consumers,
            ProviderCache providerCache,
            HostCapacityCache capacityCache,
            AllocationWriter writer,
            ConsumerRootProviders roots,
            InstantSource clock) {
        this.placement = placement;
        this.consumers = consumers;
        this.providerCache = providerCache;
        this.capacityCache = capacityCache;
        this.writer = writer;
        this.roots = roots;
        this.unrecorded = new UnrecordedAllocations(providerCache);
        this.removedUnits = new RemovedUnitsTracker(clock);
        this.rejectionAnalyzer = new RejectedWriteAnalyzer(providerCache, writer);
    }

    /** @throws PlacementException if Placement cannot be used */
    AllocationSyncResult syncAllocation(AllocationSyncRequest request) {
        DesiredAllocation desired = request.desired();
        Optional<Map<String, HostCapacity>> knownHosts = capacityCache.findCapacities(desired, request.hostExists());
        if (knownHosts.isEmpty()) {
            return new AllocationSyncResult.Deferred();
        }
        Map<String, HostCapacity> hosts = knownHosts.get();
        AllocationDecision cachedDecision = evaluateDecision(request, hosts, consumers.cachedAllocations(desired));
        if (isDecidedByCache(request, cachedDecision)) {
            return new AllocationSyncResult.Evaluated(cachedDecision, Set.of(), false, Optional.empty());
        }
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = consumers.readAllocations(desired.consumerUuids());
            AllocationDecision decision = evaluateDecision(request, hosts, present);
            if (!(decision instanceof AllocationDecision.Update update)) {
                // The cache is outdated; the next sweep updates it and notifies the host.
                Optional<AllocationRecord> record = decision instanceof AllocationDecision.InSync inSync
                        ? new RecordedAllocationWrite(request.recordStore(), desired, present, inSync.deltas())
                                .resultingRecord()
                        : attributeUnrecorded(request, decision, hosts, present);
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

    /** Whether the decision from cached state is final, so that the consumers need not be read. */
    private static boolean isDecidedByCache(AllocationSyncRequest request, AllocationDecision cachedDecision) {
        DesiredAllocation desired = request.desired();
        return switch (cachedDecision) {
            // The consumers' owner is verified once. Amounts that no record covers may have been written for the
            // object.
            case AllocationDecision.InSync inSync ->
                request.acceptance() == Acceptance.ACCEPTED
                        && (desired.consumer().managedExternally()
                                || request.recordStore().currentRecord().coversAll(inSync.deltas()));
            // During a move, changes by other clients reach the cache late. If another object names the same consumer,
            // Placement shows whose it is, so that an object cannot keep a consumer that is not its own. That does not
            // depend on the last result: the cache and Placement may show different problems, because the cache does
            // not contain whether a consumer exists, and the object would alternate between the two.
            case AllocationDecision.Blocked blocked ->
                !request.consumersContested()
                        && (desired.move() == null || blocked.problem().requiresUserAction())
                        && !mayHaveUnrecorded(request, blocked);
            case AllocationDecision.Update update -> false;
        };
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

    /**
     * Whether an object that was accepted and is rejected from now on may have allocations that its record does not
     * contain. Afterwards, its status does not show any more that something may have been written.
     */
    private static boolean mayHaveUnrecorded(AllocationSyncRequest request, AllocationDecision.Blocked blocked) {
        DesiredAllocation desired = request.desired();
        return blocked.problem().requiresUserAction()
                && request.acceptance() == Acceptance.ACCEPTED
                && !request.consumersContested()
                && !desired.consumer().managedExternally()
                && !request.recordStore().currentRecord().consumerUuids().containsAll(desired.consumerUuids());
    }

    /** The record of an object that is rejected, with the allocations that were written for it before. */
    private Optional<AllocationRecord> attributeUnrecorded(
            AllocationSyncRequest request,
            AllocationDecision decision,
            Map<String, HostCapacity> hosts,
            Map<UUID, Allocation> present) {
        if (!(decision instanceof AllocationDecision.Blocked blocked) || !mayHaveUnrecorded(request, blocked)) {
            return Optional.empty();
        }
        DesiredAllocation desired = request.desired();
        AllocationRecord record = request.recordStore().currentRecord();
        Set<UUID> adopted = unrecorded.matchByHost(desired, unrecorded.findCandidates(desired, record, present), hosts);
        return adopted.isEmpty() ? Optional.empty() : Optional.of(unrecorded.adopt(record, adopted, present));
    }

    private AllocationDecision evaluateDecision(
            AllocationSyncRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> present) {
        return AllocationEvaluator.evaluate(
                request.desired(), hosts, request.olderHolderOf(), present, providerCache::isDeviceProvider);
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
