package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationEvaluator;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.root.ConsumerRootProviders;
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
 * Makes the PCI part of consumers' allocations right: judge by what is remembered, and only where that is not right
 * read the consumer, judge again, write. Where somebody else was faster it starts over, a few times at most.
 */
final class AllocationSync {

    private static final int TRIES = 4;
    private static final String MIGRATION = "MIGRATION";

    /** More unknown consumers on one host than this are not looked at. */
    private static final int STRANGERS = 32;

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final HostCapacityCache stocks;
    private final AllocationWriter writer;
    private final ConsumerRootProviders roots;
    private final RejectedWriteAnalyzer refusal;

    AllocationSync(
            PlacementClient placement,
            ProviderCache mirror,
            HostCapacityCache stocks,
            AllocationWriter writer,
            ConsumerRootProviders roots) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.writer = writer;
        this.roots = roots;
        this.refusal = new RejectedWriteAnalyzer(mirror, writer);
    }

    /** @throws PlacementException where nobody gets through */
    AllocationSyncResult hold(AllocationSyncRequest request) {
        DesiredAllocation holding = request.holding();
        Optional<Map<String, HostCapacity>> known = hosts(holding, request.hostExists());
        if (known.isEmpty()) {
            return new AllocationSyncResult.Deferred();
        }
        Map<String, HostCapacity> hosts = known.get();
        AllocationDecision remembered =
                judge(request, hosts, each(holding.consumerUuids(), uuid -> remembered(holding, uuid)));
        if (isSettled(request, remembered)) {
            return new AllocationSyncResult.Evaluated(remembered, Set.of(), false, Optional.empty());
        }
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = each(holding.consumerUuids(), placement::allocation);
            AllocationDecision verdict = judge(request, hosts, present);
            if (!(verdict instanceof AllocationDecision.Update write)) {
                // What was remembered is not so any more; the next sweep tells its host.
                Optional<AllocationRecord> record = verdict instanceof AllocationDecision.InSync right
                        ? new RecordedAllocationWrite(request.records(), holding, present, right.deltas()).record()
                        : Optional.empty();
                return new AllocationSyncResult.Evaluated(
                        verdict, Set.of(), verdict.findProblem().isPresent(), record);
            }
            Optional<AllocationProblem> waits = undeclaredMove(request, hosts, present)
                    .or(() -> elsewhere(holding, hosts, present, write.deltas()));
            if (waits.isPresent()) {
                return new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(waits.get()), true);
            }
            RecordedAllocationWrite recorded =
                    new RecordedAllocationWrite(request.records(), holding, present, write.deltas());
            int tried = attempt;
            try {
                boolean external = holding.consumer().managedExternally() && holding.move() == null;
                Set<String> touched = recorded.run(() -> external
                        ? writer.putBack(present, write.allocations(), tried)
                        : writer.put(present, write.allocations(), tried));
                return new AllocationSyncResult.Evaluated(
                        write, touched, write.pending().isPresent(), recorded.record());
            } catch (PlacementException e) {
                switch (FailureAction.to(e)) {
                    case WAIT -> throw e;
                    case REPLAN -> {
                        if (attempt == TRIES) {
                            return new AllocationSyncResult.Evaluated(
                                    new AllocationDecision.Blocked(refusal.of(e, holding, hosts, write.deltas())),
                                    true);
                        }
                    }
                    case REFUSED -> {
                        return new AllocationSyncResult.Evaluated(
                                new AllocationDecision.Blocked(refusal.of(e, holding, hosts, write.deltas())), true);
                    }
                }
            }
        }
    }

    /** The hosts of a holding's devices that exist; empty while one of them is not known. */
    private Optional<Map<String, HostCapacity>> hosts(DesiredAllocation holding, Predicate<String> exists) {
        Map<String, HostCapacity> hosts = new HashMap<>();
        for (String node : AllocationEvaluator.requiredHosts(holding)) {
            if (exists.test(node)) {
                Optional<HostCapacity> stock = stocks.of(node);
                if (stock.isEmpty()) {
                    return Optional.empty();
                }
                hosts.put(node, stock.get());
            }
        }
        return Optional.of(hosts);
    }

    /** Whether what is remembered says enough, so that the consumers need not be read. */
    private static boolean isSettled(AllocationSyncRequest request, AllocationDecision remembered) {
        DesiredAllocation holding = request.holding();
        return switch (remembered) {
            // Whose consumers these are is compared once; and what no record explains may be the object's own.
            case AllocationDecision.InSync right ->
                request.verified()
                        && (holding.consumer().managedExternally()
                                || request.records().record().coversAll(right.deltas()));
            // What others do in a move is not remembered at once.
            case AllocationDecision.Blocked left ->
                holding.move() == null || left.problem().requiresUserAction();
            case AllocationDecision.Update write -> false;
        };
    }

    /**
     * Takes away what an object has written for consumers, and nothing else that they have.
     *
     * @throws PlacementException where nobody gets through
     */
    AllocationSyncResult release(ReleaseRequest request) {
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = each(request.consumers(), placement::allocation);
            present.entrySet()
                    .removeIf(entry -> !request.holding()
                            .consumerFor(entry.getKey())
                            .mismatches(entry.getValue())
                            .isEmpty());
            Optional<AllocationRecord> record = written(request, present);
            if (record.isEmpty()) {
                return new AllocationSyncResult.Deferred();
            }
            Map<UUID, Allocation> rest = new TreeMap<>();
            present.forEach((uuid, allocation) -> {
                Allocation released = record.get().releasedAllocation(uuid, allocation);
                if (!released.equals(allocation)) {
                    rest.put(uuid, released);
                }
            });
            if (rest.isEmpty()) {
                return new AllocationSyncResult.Released(Set.of());
            }
            try {
                return new AllocationSyncResult.Released(writer.put(present, rest, attempt));
            } catch (PlacementException.GenerationConflict e) {
                if (attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    /**
     * What an object that goes has written. Where that is not known, as after a kill or a restore without status, it is
     * what its consumer has, if that is just what the object is for and the consumer has nothing else.
     *
     * @return empty while a host is not known that tells
     */
    private Optional<AllocationRecord> written(ReleaseRequest request, Map<UUID, Allocation> present) {
        Map<UUID, Allocation> candidates = new TreeMap<>(present);
        candidates.entrySet().removeIf(entry -> {
            Allocation rest = request.record().releasedAllocation(entry.getKey(), entry.getValue());
            return rest.resources().isEmpty()
                    || !entry.getValue().resources().keySet().stream().allMatch(mirror::ofDevices);
        });
        if (candidates.isEmpty() || !request.adopts()) {
            return Optional.of(request.record());
        }
        Set<UUID> adopted = new TreeSet<>();
        if (request.requested() > 0) {
            candidates.forEach((uuid, allocation) -> {
                if (isClaim(allocation, request.requested())) {
                    adopted.add(uuid);
                }
            });
        }
        Optional<Map<String, HostCapacity>> hosts = hosts(request.holding(), request.hostExists());
        if (hosts.isEmpty()) {
            return Optional.empty();
        }
        adopted.addAll(explained(request, hosts.get(), candidates));
        return Optional.of(request.record().withAdopted(adopted, present));
    }

    /** Whether an allocation may be what a claim has got: so many devices of one host. */
    private boolean isClaim(Allocation allocation, int requested) {
        int amount = allocation.resources().values().stream()
                .flatMap(amounts -> amounts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
        return amount == requested && roots.of(List.of(allocation)).size() == 1;
    }

    /** Those of the consumers that have only what the object's devices say. */
    private Set<UUID> explained(
            ReleaseRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> candidates) {
        DesiredAllocation holding = request.holding();
        if (holding.devices().isEmpty()) {
            return Set.of();
        }
        Map<UUID, Allocation> all = each(holding.consumerUuids(), uuid -> remembered(holding, uuid));
        all.putAll(candidates);
        List<AllocationDelta> amounts =
                switch (AllocationEvaluator.evaluate(holding, hosts, request.rivals(), all, mirror::ofDevices)) {
                    case AllocationDecision.InSync right -> right.deltas();
                    case AllocationDecision.Update write -> write.deltas();
                    case AllocationDecision.Blocked left -> List.of();
                };
        Set<UUID> explained = new TreeSet<>(candidates.keySet());
        explained.retainAll(amounts.stream().map(AllocationDelta::consumer).toList());
        amounts.stream()
                .filter(amount -> amount.actual() > amount.desired())
                .map(AllocationDelta::consumer)
                .forEach(explained::remove);
        return explained;
    }

    /** An External consumer's PCI part grows only on hosts where whoever manages it has allocated something. */
    private Optional<AllocationProblem> elsewhere(
            DesiredAllocation holding,
            Map<String, HostCapacity> hosts,
            Map<UUID, Allocation> present,
            List<AllocationDelta> amounts) {
        if (!holding.consumer().managedExternally()) {
            return Optional.empty();
        }
        Map<UUID, String> growing = new TreeMap<>();
        for (HostCapacity host : hosts.values()) {
            if (host instanceof HostCapacity.Available reported
                    && amounts.stream()
                            .filter(amount -> amount.desired() > amount.actual())
                            .anyMatch(amount ->
                                    reported.findProvider(amount.providerUuid()).isPresent())) {
                growing.put(reported.root(), reported.node());
            }
        }
        if (roots.coversAll(present.values(), growing.keySet())) {
            return Optional.empty();
        }
        Map<UUID, String> found = roots.of(present.values());
        return growing.entrySet().stream()
                .filter(root -> !found.containsKey(root.getKey()))
                .<AllocationProblem>map(root -> new AllocationProblem.ConsumerElsewhere(
                        holding.consumer().uuid(),
                        root.getValue(),
                        found.values().stream().distinct().sorted().toList()))
                .findFirst();
    }

    private static Map<UUID, Allocation> each(Set<UUID> consumers, Function<UUID, Allocation> what) {
        Map<UUID, Allocation> all = new TreeMap<>();
        consumers.forEach(uuid -> all.put(uuid, what.apply(uuid)));
        return all;
    }

    private AllocationDecision judge(
            AllocationSyncRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> present) {
        return AllocationEvaluator.evaluate(request.holding(), hosts, request.rivals(), present, mirror::ofDevices);
    }

    /** What is remembered of a consumer's PCI part, as if it were all; nobody's generation, never to be written. */
    private Allocation remembered(DesiredAllocation holding, UUID consumer) {
        PlacementConsumer as = holding.consumerFor(consumer);
        return new Allocation(mirror.heldBy(consumer), as.projectId(), as.userId(), 0, as.type());
    }

    /**
     * A resize on the same host: Nova gives the migration what the server had, and the server what it will have. Which
     * migration is whose is not in Placement, so one of the same project and user is enough to wait.
     */
    private Optional<AllocationProblem> undeclaredMove(
            AllocationSyncRequest request, Map<String, HostCapacity> hosts, Map<UUID, Allocation> all) {
        PlacementConsumer consumer = request.holding().consumer();
        Allocation present = all.get(consumer.uuid());
        if (!consumer.managedExternally() || request.holding().move() != null || present == null) {
            return Optional.empty();
        }
        for (UUID stranger : strangers(request, hosts)) {
            Allocation other = placement.allocation(stranger);
            if (other.consumerType().equals(MIGRATION)
                    && other.projectId().equals(present.projectId())
                    && other.userId().equals(present.userId())) {
                return Optional.of(new AllocationProblem.MoveInProgress(consumer.uuid(), stranger));
            }
        }
        return Optional.empty();
    }

    /** Consumers on the same hosts of which no PciAllocation tells. */
    private static List<UUID> strangers(AllocationSyncRequest request, Map<String, HostCapacity> hosts) {
        Set<UUID> consumers = new TreeSet<>();
        for (HostCapacity host : hosts.values()) {
            if (host instanceof HostCapacity.Available reported) {
                for (ProviderCapacity provider : reported.providers().values()) {
                    consumers.addAll(provider.observed().allocations().keySet());
                }
            }
        }
        consumers.removeIf(request.explained());
        consumers.remove(request.holding().consumer().uuid());
        return new ArrayList<>(consumers).subList(0, Math.min(STRANGERS, consumers.size()));
    }
}
